"""What a session gives is what a reader gets who types the same lines at a real terminal.

The truth is never written down: bash on a terminal of the same machine says it, each time.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from cases import cases
from reader_terminal import INTERRUPT, Seen, all_seen, reader_terminal

from freshrun.document.meeting import meetings
from freshrun.document.promise import printed_lines
from freshrun.document.reading import parse
from freshrun.machine.machine import Machine
from freshrun.mask.masking import Mask
from freshrun.model.outcome import Ending, Outcome, Output, Status
from freshrun.model.runbook import Command
from freshrun.session.session import Session
from freshrun.session.start import Start
from freshrun.shell.history import history_event

pytestmark = pytest.mark.engine

_LINES = Path(__file__).with_name("terminal_truth.yaml")
_TIMEOUT = 20.0
_FOLDER = "/tmp/reader"  # noqa: S108 - a path in the machine
_AFRESH = f"rm -rf {_FOLDER}; mkdir {_FOLDER}; cd {_FOLDER}; printf 'one\\ntwo\\n' >two-lines"
_PROBE = "{ pwd; umask; trap; alias; shopt; set -o; declare -p; declare -F; }"


@dataclass(frozen=True, slots=True)
class Given:
    """What lines gave: after each its exit status, and what it showed on one or two streams.

    `state` is what the shell then says of itself, `None` where it ended.
    """

    statuses: Mapping[int, int | None]
    shown: Mapping[int, tuple[str, str]]
    state: frozenset[str] | None


@cases(_LINES)
def test_a_session_gives_what_a_terminal_gives(
    lines: str, differs: Mapping[str, str], machine: Machine
) -> None:
    """Each status, each output, and the state that is left; where not, the case says why."""
    typed = tuple(lines.rstrip("\n").split("\n"))
    commands = parse(f"```bash\n{lines.rstrip()}\n```\n", path="x.md").commands
    ends = sorted({command.end_line - 1 for command in commands})
    truth = _at_a_terminal(typed, machine, ends=ends)
    ours = _in_a_session(commands, machine)
    found = dict(_differences(truth, ours))
    assert set(found) == set(differs), found


def _differences(truth: Given, ours: Given) -> Iterator[tuple[str, object]]:
    """Yield each part in which both differ, with what is there and what is here."""
    known = {line: status for line, status in truth.statuses.items() if status is not None}
    here = {line: ours.statuses.get(line) for line in known}
    if known != here:
        yield "status", (known, here)
    other = [
        (line, text, ours.shown.get(line))
        for line, (text, _) in truth.shown.items()
        if not _agree(text, ours.shown.get(line, ("", "")))
    ]
    if other:
        yield "output", other
    if truth.state != ours.state:
        yield "state", sorted((truth.state or frozenset()) ^ (ours.state or frozenset()))


def _agree(text: str, streams: tuple[str, str]) -> bool:
    """Tell whether two streams can have met in what a terminal showed."""
    lines = printed_lines(text)
    return lines in map(printed_lines, meetings(*streams, promised=text)) or not (lines or streams)


def _at_a_terminal(lines: Sequence[str], machine: Machine, *, ends: Sequence[int]) -> Given:
    """Type lines at a terminal; what it shows between two of the `ends` belongs to the later."""
    machine.run(("bash", "-c", _AFRESH))
    statuses: dict[int, int | None] = {}
    shown: dict[int, tuple[str, str]] = {}
    text, state, seen = "", None, Seen("", 0)
    with reader_terminal(machine, folder=_FOLDER) as terminal:
        numbers = [number for number, line in enumerate(lines, 1) if line != INTERRUPT]
        for number, seen in zip(numbers, all_seen(terminal, lines), strict=False):
            text += seen.text
            if number in ends or seen.ended:
                statuses[number], shown[number], text = seen.status, (_plain(text), ""), ""
        if not seen.ended:
            state = _state(terminal.type(_PROBE).text)
    return Given(statuses, shown, state)


def _in_a_session(commands: Sequence[Command], machine: Machine) -> Given:
    """Type commands into a session, those after a failure, too."""
    machine.run(("bash", "-c", _AFRESH))
    statuses: dict[int, int | None] = {}
    shown: dict[int, tuple[str, str]] = {}
    probe = parse(f"```bash\n{_PROBE} || true\n```\n", path="x.md").commands
    with Session(machine, start=Start(_FOLDER), mask=Mask(()), timeout=_TIMEOUT) as session:
        outcomes = list(_typed(commands, session))
        alive = all(outcome.ending is not Ending.SHELL_ENDED for outcome in outcomes)
        printed = [outcome.stdout.text for outcome in session.run(probe)]
    for line, of_line in groupby(outcomes, lambda outcome: outcome.command.end_line - 1):
        given = list(of_line)
        statuses[line] = given[-1].exit_code
        streams = "".join(o.stdout.text for o in given), "".join(o.stderr.text for o in given)
        shown[line] = _plain(streams[0]), _plain(streams[1])
    return Given(statuses, shown, _state("".join(printed)) if alive else None)


def _typed(commands: Sequence[Command], session: Session) -> Iterator[Outcome]:
    """Type commands up to the shell's end; what a prompt refuses, as a rehearsal refuses it."""
    code: int | None = 0  # a line that is refused leaves it
    for number, command in enumerate(commands):
        event = history_event(command.text, earlier=[each.text for each in commands[:number]])
        if event and not event.found:
            said = f"bash: {event.text}: event not found\n".encode()
            yield Outcome(
                command, Status.FAILED, exit_code=code, stderr=Output(said, size=len(said))
            )
            continue
        (outcome,) = session.run([command])
        code = outcome.exit_code
        yield outcome
        if outcome.ending is Ending.SHELL_ENDED:
            return


_NUMBER = re.compile(r"(?m)(?<=^\[\d\] )\d+$|(?<=\()\d+(?=\) - )|(?<=^bash: line )\d+(?=: )")


def _plain(text: str) -> str:
    """Return what was shown without the numbers of processes, and of all lines ever typed."""
    return _NUMBER.sub("N", text)


_OWN = re.compile(
    r"declare -\S+ (BASH\w*|EPOCH\w+|S?RANDOM|SECONDS|PPID|LINENO|COLUMNS|LINES|SHLVL|HIST\w+|TERM"
    r"|_|PS1|SHELLOPTS|DIRSTACK|FUNCNAME|LS_COLORS|PIPESTATUS|COMP_WORDBREAKS|HOSTNAME|__f\w+)(=|$)"
    r"|declare -fr? __f|(history|emacs|checkwinsize|progcomp)\s"
)
"""What a shell says of itself that differs from one terminal to the next."""


def _state(printed: str) -> frozenset[str]:
    return frozenset(line for line in printed.splitlines() if line and not _OWN.match(line))
