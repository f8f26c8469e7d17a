"""What every contestant is given to do: lists of commands, and the documents that show them."""

from collections.abc import Sequence
from dataclasses import dataclass

ANY = None
"""The promise of a command whose output nobody writes into a document."""

_LINE = "a line of a log that has forty-nine letters, say."


@dataclass(frozen=True, slots=True)
class Step:
    """One command, and the output that its document promises: lines, none of them or `ANY`."""

    text: str
    promised: tuple[str, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Workload:
    """Commands to run. The last one is a shell text that prints `proof` if all others were run."""

    name: str
    steps: tuple[Step, ...]
    last: str
    proof: str

    def proving(self, path: str) -> tuple[Step, ...]:
        """Return the commands, the last of which writes the proof to `path`."""
        return (*self.steps, Step(f"{self.last} >{path}"))


def trivial(number: int) -> Workload:
    """Return that many commands that cost next to nothing; the last tells how many were run."""
    steps = (Step("n=$((n+1))"),) * (number - 1)
    return Workload(f"{number:,} commands", steps, 'echo "$n"', str(number - 1))


def printing() -> Workload:
    """Return 20 commands that print 50 KB each, all of it promised."""
    lines = tuple(f"{number:049d}" for number in range(1, 1001))
    steps = (Step("seq -f %049.0f 1000", lines),) * 20
    return Workload("20 x 50 KB", steps, "echo end", "end")


def flood() -> Workload:
    """Return one command that prints 200 MB."""
    steps = (Step(f"yes '{_LINE}' | head -n 4000000", ANY),)
    return Workload("200 MB", steps, "echo end", "end")


def failing() -> Workload:
    """Return three commands, the second of which fails."""
    return Workload("a failure", (Step("true"), Step("false")), "echo end", "end")


def script(steps: Sequence[Step]) -> str:
    """Return the commands as a shell script."""
    return "".join(f"{step.text}\n" for step in steps)


def runbook(steps: Sequence[Step]) -> str:
    """Return Markdown with the commands in a block of shell."""
    return f"```bash\n{script(steps)}```\n"


def transcript(steps: Sequence[Step], *, wildcard: str) -> str:
    """Return Markdown with a session: prompts and promised lines, `wildcard` for any output."""
    return f"```shell\n{_session(steps, wildcard)}```\n"


def indented(steps: Sequence[Step]) -> str:
    """Return a session indented by two blanks; it has no way to promise any output."""
    return "".join(f"  {line}\n" for line in _session(steps, "").splitlines())


def tests(steps: Sequence[Step]) -> str:
    """Return a bats file with a test for each command."""
    numbered = enumerate(steps, start=1)
    return "".join(f'@test "command {number}" {{\n{step.text}\n}}\n' for number, step in numbered)


def _session(steps: Sequence[Step], wildcard: str) -> str:
    lines: list[str] = []
    for step in steps:
        lines.append(f"$ {step.text}")
        lines += filter(None, (wildcard,)) if step.promised is ANY else step.promised
    return "".join(f"{line}\n" for line in lines)
