"""freshrun and its rivals as programs: the documents that they read, and what they say of them."""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from timing import Figure, Run, watched
from workloads import ANY, Step, Workload, indented, runbook, script, tests, transcript

from freshrun.machine.engine import Engine

PATIENCE = 25.0
"""Seconds that a rival has for one workload."""

_OURS = 120.0


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program that takes a document as its last argument.

    `form` writes the document, whose name ends in `suffix`. `reports` finds the number of passed
    commands in what the program prints; one that reports none has to leave the workload's proof,
    in the folder that the shell knows as `here`. `refuses` is given where no document can allow any
    output at all: it finds the verdict on a promise that was not kept, which is then the true one.
    `patience` is how many seconds it has for one workload.
    """

    name: str
    argv: tuple[str, ...]
    form: Callable[[Sequence[Step]], str]
    suffix: str = ".md"
    reports: re.Pattern[str] | None = None
    refuses: re.Pattern[str] | None = None
    here: str = "."
    env: tuple[tuple[str, str], ...] = ()
    patience: float = PATIENCE

    def measure(self, workload: Workload) -> Figure:
        """Return what a run of the workload's document took, and whether its verdict is true."""
        with tempfile.TemporaryDirectory(prefix="freshrun-bench-") as name:
            folder = Path(name)
            proof = folder / "proof"
            document = folder / f"document{self.suffix}"
            steps = workload.proving(f"{self.here}/{proof.name}")
            document.write_text(self.form(steps), encoding="utf-8")
            run = watched(
                (*self.argv, str(document)),
                folder=folder,
                env={**os.environ, **dict(self.env)},
                patience=self.patience,
            )
            left = proof.read_text("utf-8").strip() if proof.exists() else ""
            return self._judged(run, workload, left=left)

    def _judged(self, run: Run, workload: Workload, *, left: str) -> Figure:
        """Hold the verdict against the true one; `left` is the proof that the document left."""
        any_output = any(step.promised is ANY for step in workload.steps)
        trouble = remark = ""
        if run.exit_code is None:
            trouble = f"gave up after {self.patience:.0f} s"
        elif self.refuses and any_output and self.refuses.search(run.printed):
            remark = "read it all, and fails: its documents have no wildcard for a whole output"
        elif run.exit_code != 0:
            trouble = f"ended with status {run.exit_code}: {_last_line(run.printed)}"
        elif not self._ran_all(run, workload, left=left):
            trouble = f"passed, but did not run all commands: {_last_line(run.printed)}"
        return Figure(run.seconds, run.peak, run.exit_code, trouble, remark)

    def _ran_all(self, run: Run, workload: Workload, *, left: str) -> bool:
        if self.reports is None:
            return left == workload.proof
        counts = self.reports.findall(run.printed)
        return bool(counts) and int(counts[-1]) == len(workload.steps) + 1


def freshrun(engine: Engine, *, image: Path) -> Contestant:
    """Return the whole program: engine, container, pytest's items, record and report."""
    program = str(Path(sys.executable).with_name("freshrun"))
    return Contestant(
        "freshrun validate-runbook",
        (program, "validate-runbook", "--image", str(image), "--runbook"),
        form=_runbook_or_transcript,
        reports=re.compile(r"\bcommands?: (\d+) passed$", re.MULTILINE),
        env=(("DOCKER_HOST", engine.url),),
        patience=_OURS,
    )


def bash_on_this_host() -> Contestant:
    """Return bash on this host, which reports nothing of any command."""
    return Contestant("plain bash", ("bash",), form=script, suffix=".sh")


def cram(name: str, program: str) -> Contestant:
    """Return cram or prysk, which read the same documents."""
    argv = (program, "--shell", "bash")
    here = "$TESTDIR"  # It types in a temporary folder of its own.
    refuses = re.compile(r"^# Ran 1 tests, 0 skipped, 1 failed\.$", re.MULTILINE)
    return Contestant(name, argv, form=indented, suffix=".t", refuses=refuses, here=here)


def byexample(name: str, program: str) -> Contestant:
    """Return byexample."""
    argv = (program, "--language", "shell", "--timeout", f"{PATIENCE:.0f}")
    reports = re.compile(r"Pass: (\d+) Fail: 0 ")
    return Contestant(name, argv, form=partial(transcript, wildcard="<...>"), reports=reports)


def mdoctest(name: str, program: str) -> Contestant:
    """Return mdoctest."""
    argv = (program, "--timeout", f"{PATIENCE:.0f}")
    return Contestant(name, argv, form=partial(transcript, wildcard="..."))


def bats(name: str, program: str) -> Contestant:
    """Return bats, with a test for each command; each test has a shell of its own."""
    reports = re.compile(r"^ok (\d+) ", re.MULTILINE)
    return Contestant(name, (program,), form=tests, suffix=".bats", reports=reports)


def _runbook_or_transcript(steps: Sequence[Step]) -> str:
    """Write a transcript where there is something to compare."""
    return transcript(steps, wildcard="...") if any(s.promised for s in steps) else runbook(steps)


def _last_line(printed: str) -> str:
    lines = printed.split("\n")
    return next((line.strip()[:72] for line in reversed(lines) if line.strip()), "said nothing")
