"""What a command costs: freshrun beside plain bash and its rivals, in one run.

Run with `invoke bench`. Each contestant gets the document that it reads, made of the same commands:
200, 500 and 5,000 trivial ones, 20 that print 50 KB each, one that prints 200 MB. Below stands how
fast secrets are looked for in outputs of some kinds, beside plain copying. A time counts
only where the verdict is the true one and the commands can be shown to have run. Times are this
machine's; the ratios, and what one more command costs, are what to compare. Nothing is asserted:
freshrun's aims stand below the figures, met or not.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aims import Ours, listed
from container import (
    docker_program,
    docker_run,
    machine_and_command,
    plain_bash,
    program_and_command,
    rehearsed,
)
from contestants import PATIENCE, bash_on_this_host, freshrun
from masking import throughput
from rivals import Missing, rivals
from table import WIDTHS, WORKLOADS, Row, header
from timing import LONG, MEMORY, Figure, best
from workloads import Workload, flood, script

from freshrun.host.programs import say
from freshrun.machine.engine import Engine, open_engine
from freshrun.machine.image import resolve
from freshrun.machine.machine import Machine

RECIPE = Path(__file__).resolve().parents[2] / "Dockerfile.fresh"


def main() -> None:
    """Measure, and print the figures and the aims."""
    options = _options()
    bench = Bench(options.repeats)
    print_line(_conditions(options.repeats))
    print_line(header())
    with open_engine(install=True) as engine:
        ours = bench.ours(engine)
    rows = [ours.plain, ours.rehearsal, ours.program]
    rows.append(bench.row("plain bash, on this host", bash_on_this_host().measure))
    if not options.without_rivals:
        rows += bench.rivals()
    hidden = throughput(repeats=options.repeats)
    for lines in ([note for row in rows for note in row.notes], hidden, listed(ours)):
        print_line("")
        for line in lines:
            print_line(line)


@dataclass(frozen=True, slots=True)
class Bench:
    """Measures, and prints each row of the table as soon as it is whole.

    `repeats` is how often a short piece of work is measured.
    """

    repeats: int

    def ours(self, engine: Engine) -> Ours:
        """Return our own figures, and what they are held against."""
        image = resolve(str(RECIPE), engine=engine, install=True)
        program = freshrun(engine, image=RECIPE)
        docker = partial(docker_program, engine) if shutil.which("docker") else None
        with Machine(image, engine=engine) as machine:
            plain = self.row("plain bash, in the machine", partial(plain_bash, machine))
            rehearsal = self.row("freshrun, the rehearsal", partial(rehearsed, machine))
            typed = ("bash", "-c", script(flood().steps))
            exec_program = (
                self.best(partial(docker, "exec", machine.id, *typed)) if docker else None
            )
        run = partial(docker, "run", "--rm", image.id, "true") if docker else None
        return Ours(
            plain=plain,
            rehearsal=rehearsal,
            program=self.row(program.name, program.measure),
            docker_run=self.best(partial(docker_run, engine, image)),
            opened=self.best(partial(machine_and_command, engine, image)),
            started=self.best(partial(program_and_command, program)),
            exec_program=exec_program,
            run_program=self.best(run) if run else None,
        )

    def rivals(self) -> list[Row]:
        """Return the rivals' rows; one that can't be measured here has a line of its own."""
        rows = []
        for rival in rivals():
            if isinstance(rival, Missing):
                print_line(f"{rival.name:{WIDTHS[0]}} not installed: {rival.reason}")
            else:
                rows.append(self.row(rival.name, rival.measure))
        return rows

    def row(self, name: str, measure: Callable[[Workload], Figure]) -> Row:
        """Measure a contestant with every workload."""
        figures = {}
        for workload in WORKLOADS:
            say(f"{name}: {workload.name}")
            figures[workload.name] = self.best(partial(measure, workload))
        row = Row(name, figures)
        print_line(str(row))
        return row

    def best(self, measure: Callable[[], Figure]) -> Figure:
        """Return the best of some measurements."""
        return best(measure, repeats=self.repeats)


def print_line(text: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/bench", description="Measure what a command costs."
    )
    parser.add_argument("--without-rivals", action="store_true", help="freshrun and bash alone")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="best of N; 3")
    return parser.parse_args()


def _conditions(repeats: int) -> str:
    """Return how it is measured, and where."""
    load, cores = os.getloadavg(), os.cpu_count() or 1
    shown = ", ".join(f"{value:.2f}" for value in load)
    busy = "; the machine is busy, and its figures are not those of a quiet one"
    return (
        f"{cores} cores, load average at the start {shown}{busy if load[0] > cores / 2 else ''}\n"
        f"seconds of wall time: best of {repeats}, once where one takes more than {LONG:.0f} s; "
        f"rivals have {PATIENCE:.0f} s and {MEMORY // 2**30} GiB\n"
        "memory is that of the largest process on this host; rivals run on this host, "
        "without a container\n"
    )


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted")
