"""What a command costs: freshrun beside plain bash, in the same container, in one run.

Run with `invoke bench`. Absolute times are this machine's; the ratios and the marginal cost are
what to compare. Nothing is asserted here.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from freshrun.engine import open_engine
from freshrun.image import resolve
from freshrun.machine import Machine
from freshrun.mask import Mask
from freshrun.runbook import Command
from freshrun.session import Session
from freshrun.terminal import Start

ROOT = Path(__file__).resolve().parents[2]
FEW, MANY = 200, 5_000
OUTPUT = 200_000_000


def main() -> None:
    """Measure, and print a table."""
    with (
        open_engine(install=True) as engine,
        Machine(
            resolve(str(ROOT / "Dockerfile.fresh"), engine=engine, install=True), engine=engine
        ) as machine,
        Session(machine, start=Start(machine.home), mask=Mask(()), timeout=600) as session,
    ):
        print_line(f"{'':34}{'plain bash':>12}{'freshrun':>12}{'ratio':>8}")
        plain = [seconds(plain_bash(machine, n)) for n in (FEW, MANY)]
        ours = [seconds(rehearsed(session, n)) for n in (FEW, MANY)]
        for n, bash, freshrun in zip((FEW, MANY), plain, ours, strict=True):
            print_row(f"{n:,} trivial commands, s", bash, freshrun)
        print_row("marginal, ms a command", marginal(plain), marginal(ours))
        big = f"head -c {OUTPUT} /dev/zero"
        print_row(
            "200 MB of output, s",
            seconds(lambda: discarded(machine, big)),
            seconds(lambda: list(session.run([command(big)]))),
        )
    items = [seconds(with_pytest(n)) for n in (FEW, MANY)]
    print_line(f"with pytest's items and the record, ms a command: {marginal(items):.3f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print_line(f"peak memory of the rehearsing process: {peak:.0f} MB")


def plain_bash(machine: Machine, n: int) -> Callable[[], object]:
    """Return what runs n commands in a bash that reads them from its input."""
    return lambda: machine.run(["bash"], stdin=b"true\n" * n)


def rehearsed(session: Session, n: int) -> Callable[[], object]:
    """Return what runs n commands in a session, each reported."""
    commands = [command("true")] * n
    return lambda: list(session.run(commands))


def discarded(machine: Machine, text: str) -> None:
    """Run a command and throw away what it prints, as `docker exec ... >/dev/null` does."""
    with machine.attach(["bash", "-c", text]) as attached:
        while attached.socket.recv(256 * 1024):
            pass


def with_pytest(n: int) -> Callable[[], object]:
    """Return what rehearses a document of n commands through the front door."""

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "runbook.md").write_text("```bash\n" + "true\n" * n + "```\n", "utf-8")
            argv = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "runbook.md"]
            subprocess.run([sys.executable, *argv], cwd=folder, check=True, capture_output=True)

    return run


def command(text: str) -> Command:
    """Return a command as a document would hold it."""
    return Command(text, "bench.md", 1, 1, "bench")


def seconds(work: Callable[[], object]) -> float:
    """Return the wall time of some work."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def marginal(times: list[float]) -> float:
    """Return milliseconds for each command beyond the first few."""
    return (times[1] - times[0]) / (MANY - FEW) * 1000


def print_row(name: str, plain: float, ours: float) -> None:
    """Print one line of the table."""
    print_line(f"{name:34}{plain:12.3f}{ours:12.3f}{ours / plain:8.1f}")


def print_line(text: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
