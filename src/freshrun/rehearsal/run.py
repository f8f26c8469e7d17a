"""One run of a runbook: from the opening of its stage to the finished record."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from freshrun.document import update
from freshrun.host import shielded
from freshrun.machine import Machine
from freshrun.model import (
    Command,
    MachineError,
    Options,
    Outcome,
    Runbook,
    Status,
    internal,
)
from freshrun.rehearsal.audience import Audience, Nobody
from freshrun.rehearsal.draft import Draft
from freshrun.rehearsal.opened import Opened, opened
from freshrun.rehearsal.rehearsal import played, terminals_of, tried_on
from freshrun.rehearsal.setup import Setup
from freshrun.rehearsal.stage import faulty_github, mask, real_bd
from freshrun.rehearsal.standby import Standby
from freshrun.rehearsal.strict import everything_typed
from freshrun.session import Session

_PATIENCE = 60.0
"""So many seconds a program may take to tell its version."""


@dataclass(frozen=True, slots=True)
class _Live:
    """What is open during a run."""

    machine: Machine
    session: Session
    coming: Iterator[Outcome]


class Run:
    """Rehearses one runbook as far as it is asked for; `draft` is where all of it is written.

    The stage is open from `with` to the end of it. `spill` is a folder for long outputs;
    `audience` hears of what goes on, and may be another one before `with`. With a `standby`, which
    must have nothing against the document, the run goes on from there.
    """

    def __init__(
        self,
        runbook: Runbook,
        setup: Setup,
        *,
        spill: Path | None = None,
        run_id: str = "",
        standby: Standby | None = None,
    ) -> None:
        """Describe the run; nothing is opened before `with`. `run_id` is made unless given."""
        self._standby = standby
        self.runbook = runbook
        self.setup = setup
        self._spill = spill
        self._mask = mask(setup.secrets)
        self.draft = Draft(runbook, mask=self._mask, run_id=run_id or uuid4().hex[:12])
        self._exits = ExitStack()
        self._live: _Live | None = None
        self._real: tuple[str, ...] = ()
        self.audience: Audience = Nobody()
        self._standing: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        """Open the stage; a fault goes into the record, and on to the caller."""
        self.draft.begin()
        try:
            self._open()
        except Exception as error:
            told = internal(error)
            self.draft.break_off(str(told))
            self.draft.end()
            raise told from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the stage: no container of this run is left; if one is, the record says so."""
        self.draft.end()
        self._live = None
        with shielded():
            try:
                self._exits.__exit__(kind, error, trace)
            except Exception as fault:  # noqa: BLE001 - whatever it is, the record has to say so
                self.draft.break_off(str(internal(fault)))

    @property
    def id(self) -> str:
        """Return what tells the runs of one document apart."""
        return self.draft.id

    @property
    def checklist(self) -> Path | None:
        """Return where the checks of the runbook stand, `None` where it names none."""
        return self.setup.checks

    @property
    def path(self) -> Path:
        """Return the runbook's absolute path; links in it are kept, as pytest keeps them."""
        return Path(os.path.abspath(self.runbook.path))  # noqa: PTH100 - `resolve` follows links

    def holds(self, path: Path) -> bool:
        """Tell whether a file, by its absolute path, is the runbook's own or one of its checks."""
        return path == self.path or bool(self.checklist and path.is_relative_to(self.checklist))

    @property
    def is_at_rest(self) -> bool:
        """Tell whether no program is open in its shells, so that what comes may be another text."""
        return self._opened.session.is_at_rest

    @property
    def machine(self) -> Machine:
        """Return the machine; `MachineError` outside `with`."""
        return self._opened.machine

    def outcome(self, command: Command) -> Outcome:
        """Return what `command`, one of the runbook's, gave; all before it are run by then."""
        while not self.has_run(command):
            self._advance()
        return self.draft.outcomes[command.number - 1]

    def has_run(self, command: Command) -> bool:
        """Tell whether `command`, one of the runbook's, has its outcome."""
        return command.number <= len(self.draft.outcomes)

    def finish(self) -> None:
        """Run every command that was not run yet."""
        while len(self.draft.outcomes) < len(self.runbook.commands):
            self._advance()

    def tried_on(self) -> Iterator[Outcome]:
        """Type what a failure left, as if there had been none; the record has nothing of it."""
        session, outcomes = self._opened.session, tuple(self.draft.outcomes)
        session.follow(
            self.runbook.commands, ttys=terminals_of(self.runbook), waiting=Nobody().typing
        )
        return tried_on(self.runbook, session, outcomes=outcomes)

    def type(self, command: Command) -> Outcome:
        """Type one more command after the rehearsal, for a check; it goes among the trials."""
        self.finish()
        (outcome,) = map(self.draft.add_trial, self._opened.session.run((command,)))
        if outcome.status is Status.BROKEN:
            raise MachineError(outcome.reason)
        return outcome

    @property
    def real(self) -> tuple[str, ...]:
        """Return the real programs that were asked for in place of a stand-in, `program: version`.

        They are known once the whole document has been typed.
        """
        return self._real

    @property
    def standing(self) -> tuple[str, ...]:
        """Return the notes that are the same for each run on this host, as the record has them."""
        return tuple(self.draft.hidden(note) for note in self._standing)

    def faulty_github(self, fault: str) -> Mapping[str, str]:
        """Return the environment in which gh sees the recorded run with a fault switched on."""
        return faulty_github(self.setup, self.machine, fault=fault)

    def update(self) -> int:
        """Write the new outputs into the document; return how many those were."""
        # An outcome holds its command as it is shown; the file holds it as it was written.
        pairs = zip(self.runbook.commands, self.draft.outcomes, strict=False)
        written = (replace(outcome, command=command) for command, outcome in pairs)
        return update(Path(self.runbook.path), written)

    @property
    def _opened(self) -> _Live:
        if self._live is None:
            raise MachineError("a run has its machine only in `with`")
        return self._live

    def _open(self) -> None:
        with ExitStack() as exits:
            one = self._standby
            there = self._taken_over(one, exits) if one else self._fresh(exits)
            stage, session = there.stage, there.session
            told = stage.provenance(self.runbook, self.setup, copy=there.copy)
            self.draft.set_provenance(told)
            self._standing = stage.standing
            coming = played(self.runbook, session, setup=self.setup, already=there.typed)
            # From here on the caller's `with` closes the machine; whatever raises above does it.
            self._exits = exits.pop_all()
        self._live = _Live(stage.machine, session, coming)

    def _fresh(self, exits: ExitStack) -> Opened:
        return exits.enter_context(
            opened(
                self.runbook,
                self.setup,
                mask=self._mask,
                spill=self._spill,
                audience=self.audience,
            )
        )

    def _taken_over(self, standby: Standby, exits: ExitStack) -> Opened:
        there, closing = standby.hand_over(self.runbook, self.audience)
        exits.enter_context(closing)
        return there

    def _advance(self) -> None:
        if self.draft.fault:
            raise MachineError(self.draft.fault)
        try:
            outcome = next(self._opened.coming, None)
            if len(self.draft.outcomes) + 1 == len(self.runbook.commands):
                self._ask_for_versions()
        except KeyboardInterrupt:
            self._keep_what_ran()
            raise
        except Exception as error:
            told = internal(error)
            self.draft.break_off(str(told))
            raise told from error
        if outcome is None:
            self.draft.break_off("the rehearsal ended early")
            raise MachineError(self.draft.fault)
        self.draft.add(outcome)
        self.audience.ended(outcome)
        if self.setup.strict and len(self.draft.outcomes) == len(self.runbook.commands):
            self.draft.judge(everything_typed(self.draft.record))

    def _keep_what_ran(self) -> None:
        """Put into the record what the command had printed that an interruption found running."""
        found = self._opened.session.broken_off
        if found and found.command.number == len(self.draft.outcomes) + 1:
            self.draft.add(self._mask.hide(found))
            self.audience.ended(self.draft.outcomes[-1])

    def _ask_for_versions(self) -> None:
        """Ask the reader's own shell which real program the document got hold of."""
        if self.setup.wants_real_bd:
            asked = Command("bd version", self.runbook.path, 1, 1, "", Options(timeout=_PATIENCE))
            (outcome,) = map(self._mask.hide, self._opened.session.run((asked,)))
            self._real = (real_bd(outcome.stdout.text),)
            self.draft.note(self._real[0], first=True)
