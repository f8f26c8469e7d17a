"""One process of an author's loop: it rehearses a document, or waits in front of its verdict."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from freshrun.document import read, require_commands
from freshrun.host import interruptible, say
from freshrun.model import Command, FreshrunError, Outcome, Status
from freshrun.plugin.alone import shown
from freshrun.plugin.preparing import prepared, report_files
from freshrun.rehearsal import (
    FOLDER,
    GOOD,
    Audience,
    Choices,
    Run,
    Standby,
    announce,
    decided,
    places_of,
    project_of,
)
from freshrun.watching.also import tell_also
from freshrun.watching.talk import Order, Orders, Word, teller

Tell = Callable[[Word], None]

_BROKEN = 2


def main(argv: Sequence[str]) -> int:
    """Do what the orders on stdin say, for the document and the choices that `argv` names."""
    given = json.loads(argv[1])
    part = _Part(given["document"], Choices(**given["choices"]), teller(int(argv[0])))
    with interruptible():
        try:
            return _play(part, Orders())
        except KeyboardInterrupt:
            return _BROKEN
        except FreshrunError as error:
            part.tell(Word("gone", text=str(error)))
            return _BROKEN


@dataclass(frozen=True, slots=True)
class _Part:
    """What this process is about, and who hears of it."""

    document: str
    choices: Choices
    tell: Tell


def _play(part: _Part, orders: Orders) -> int:
    first = orders.next()
    return _lead(part, orders) if first.go else _stand_by(part, first, orders)


def _stand_by(part: _Part, order: Order, orders: Orders) -> int:
    """Type to each place that is ordered and wait there, until the order comes to go on."""
    runbook = require_commands(read(Path(part.document), unmarked=part.choices.unmarked))
    part.tell(Word("read", text=runbook.sha256))
    setup = decided(runbook, part.choices, project=project_of(Path()))
    with Standby(runbook, setup, spill=Path(FOLDER, "output")) as standby:
        while True:
            if order.go:
                return _lead(part, orders, standby)
            if why := _typed(standby, order, orders):
                part.tell(Word("gone", text=why))
                return _BROKEN
            part.tell(Word("waits", standby.typed))
            order = orders.next()


def _typed(standby: Standby, order: Order, orders: Orders) -> str:
    """Type to a place and wait there; return why that can't be, where it can't."""
    for outcome in standby.type(order.upto):
        if outcome.status not in GOOD:
            where = f"{outcome.command.file}:{outcome.command.line}"
            return f"{where} went well in the rehearsal, and not in the standby: {outcome.reason}"
    return standby.unsafe() if orders.waiting else standby.wait()


def _lead(part: _Part, orders: Orders, standby: Standby | None = None) -> int:
    """Rehearse the document as it stands now, on from where a standby is."""
    word = announce(Path(part.choices.json), part.document)
    files = report_files(part.document, part.choices)
    project = project_of(Path())
    try:
        one = prepared(
            part.document, part.choices, files=files, word=word, project=project, standby=standby
        )
    except FreshrunError as error:
        say(str(error))
        return _BROKEN
    run, begun = one.run, standby.typed if standby else 0
    if standby and (why := standby.why_not(run.runbook, run.setup)):
        part.tell(Word("refused", text=why))
        return _BROKEN
    if begun:
        say(f"going on behind line {run.runbook.commands[begun - 1].end_line}, in the standby")

    def followed(shown: Audience) -> Audience:
        return _Followed(shown, run, part.tell, begun=begun)

    def after(stream: TextIO) -> None:
        part.tell(Word("verdict"))
        tell_also(run, stream)

    one = replace(one, dropped=lambda: orders.dropped)
    return shown(one, followed=followed, after=after)


class _Followed:
    """An audience that passes on what it hears, and tells where the run is."""

    def __init__(self, audience: Audience, run: Run, tell: Tell, *, begun: int) -> None:
        """Follow a run whose first `begun` commands were typed before."""
        self.draws = audience.draws
        self._audience = audience
        self._run = run
        self._tell = tell
        self._places = {each for each in places_of(run.runbook) if each > begun}
        self._failed = False

    def step(self, doing: str) -> None:
        """Pass it on."""
        self._audience.step(doing)

    def typing(self, command: Command, last_line: str) -> None:
        """Pass it on."""
        self._audience.typing(command, last_line)

    def ended(self, outcome: Outcome) -> None:
        """Pass it on; tell of the first failure, and of each safe place before it."""
        self._audience.ended(outcome)
        number = outcome.command.number
        if self._failed or outcome.status is Status.NOT_REACHED:
            return
        if outcome.status not in GOOD:
            self._failed = True
            self._tell(Word("failed", number))
        elif number in self._places and self._run.is_at_rest:
            self._tell(Word("place", number))
