"""One run of a runbook: from the opening of its stage to the finished record."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from freshrun.document import update
from freshrun.host import shielded
from freshrun.machine import Machine
from freshrun.model import (
    ChecklistItem,
    Command,
    DocumentError,
    MachineError,
    Options,
    Outcome,
    Place,
    Record,
    Runbook,
    Status,
    internal,
    moment,
)
from freshrun.rehearsal.rehearsal import open_session, played
from freshrun.rehearsal.stage import (
    Choices,
    Stage,
    faulty_github,
    mask,
    open_stage,
    real_bd,
    repository_root,
    wants_real_bd,
)
from freshrun.session import STRICT, Policy, Session

_PATIENCE = 60.0
"""So many seconds a program may take to tell its version."""


class Run:
    """Rehearses one runbook as far as it is asked for, and keeps what happened.

    The stage is open from `with` to the end of it. `spill` is a folder for long outputs.
    """

    def __init__(
        self,
        runbook: Runbook,
        *,
        choices: Choices,
        policy: Policy = STRICT,
        spill: Path | None = None,
        run_id: str = "",
    ) -> None:
        """Describe the run; nothing is opened before `with`. `run_id` is made unless given."""
        self.runbook = runbook
        self.id = run_id or uuid4().hex[:12]
        self._choices = choices
        self._policy = policy
        self._spill = spill
        self._mask = mask(runbook)
        self._exits = ExitStack()
        self._stage: Stage | None = None
        self._session: Session | None = None
        self._outcomes: list[Outcome] = []
        self._trials: list[Outcome] = []
        self._coming: Iterator[Outcome] = iter(())
        self._checklist: list[ChecklistItem] = []
        self._fault = ""
        self._notes: tuple[str, ...] = ()
        self._place = Place()
        self._real: tuple[str, ...] = ()
        self._started = self._ended = moment()

    def __enter__(self) -> Self:
        """Open the stage; a fault goes into the record, and on to the caller."""
        self._started = self._ended = moment()
        try:
            self._open()
        except Exception as error:
            told = internal(error)
            self._fault, self._ended = str(told), moment()
            raise told from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the stage: no container of this run is left; if one is, the record says so."""
        self._ended = moment()
        self._stage = self._session = None
        with shielded():
            try:
                self._exits.__exit__(kind, error, trace)
            except Exception as fault:  # noqa: BLE001 - whatever it is, the record has to say so
                self.break_off(str(internal(fault)))

    @property
    def checklist(self) -> Path | None:
        """Return where the checks of the runbook stand, `None` where it names none.

        Raises `DocumentError` where the place is outside of the document's own repository: what
        stands there is run on this host.
        """
        name = self.runbook.settings.checklist
        if name is None:
            return None
        root = repository_root(self.runbook).resolve()
        if not (place := (root / name).resolve()).is_relative_to(root):
            raise DocumentError(
                f"{self.runbook.path}: the checklist {name} leads out of the repository {root}; "
                "checks run on this host, and only those of the document's own repository may"
            )
        return place

    @property
    def path(self) -> Path:
        """Return the runbook's absolute path; links in it are kept, as pytest keeps them."""
        return Path(os.path.abspath(self.runbook.path))  # noqa: PTH100 - `resolve` follows links

    def holds(self, path: Path) -> bool:
        """Tell whether a file, by its absolute path, is the runbook's own or one of its checks."""
        return path == self.path or bool(self.checklist and path.is_relative_to(self.checklist))

    @property
    def machine(self) -> Machine:
        """Return the machine; `MachineError` outside `with`."""
        return self._open_stage.machine

    def outcome(self, command: Command) -> Outcome:
        """Return what `command`, one of the runbook's, gave; all before it are run by then."""
        while not self.has_run(command):
            self._advance()
        return self._outcomes[command.number - 1]

    def has_run(self, command: Command) -> bool:
        """Tell whether `command`, one of the runbook's, has its outcome."""
        return command.number <= len(self._outcomes)

    @property
    def fault(self) -> str:
        """Return why the run could not go on, empty where it could; the secrets are hidden."""
        return self.hidden(self._fault)

    def finish(self) -> None:
        """Run every command that was not run yet."""
        while len(self._outcomes) < len(self.runbook.commands):
            self._advance()

    def type(self, command: Command) -> Outcome:
        """Type one more command after the rehearsal, for a check; it goes among the trials."""
        self.finish()
        (outcome,) = map(self._mask.hide, self._open_session.run((command,)))
        self._trials.append(outcome)
        if outcome.status is Status.BROKEN:
            raise MachineError(outcome.reason)
        return outcome

    @property
    def real(self) -> tuple[str, ...]:
        """Return the real programs that were asked for in place of a stand-in, `program: version`.

        They are known once the whole document has been typed.
        """
        return self._real

    def faulty_github(self, fault: str) -> Mapping[str, str]:
        """Return the environment in which gh sees the recorded run with a fault switched on."""
        return faulty_github(self.runbook, self.machine, fault=fault, choices=self._choices)

    def judge(self, item: ChecklistItem) -> None:
        """Put a verdict on one checklist item into the record, with the secrets hidden."""
        self._checklist.append(self._mask.hide(item))

    def overrule(self, item: ChecklistItem) -> None:
        """Put a verdict into the record in place of a pass of the same item."""
        passed = (item.name, Status.PASSED)
        self._checklist = [one for one in self._checklist if (one.name, one.status) != passed]
        self.judge(item)

    def note(self, text: str) -> None:
        """Put a sentence for the reader into the record."""
        self._notes += (text,)

    def break_off(self, reason: str) -> None:
        """Put into the record why the run did not come to its end: then it is no pass."""
        self._fault = self._fault or reason

    def hidden(self, text: str) -> str:
        """Return `text` with this run's secrets hidden."""
        return self._mask.text(text)

    def update(self) -> int:
        """Write the new outputs into the document; return how many those were."""
        # An outcome holds its command as it is shown; the file holds it as it was written.
        pairs = zip(self.runbook.commands, self._outcomes, strict=False)
        written = (replace(outcome, command=command) for command, outcome in pairs)
        return update(Path(self.runbook.path), written)

    @property
    def record(self) -> Record:
        """Return what is known by now."""
        missing = len(self.runbook.commands) - len(self._outcomes)
        partial = (f"{missing} commands of the document were not asked for and not run",)
        return Record(
            runbook=self.hidden(self.runbook.path),
            sha256=self.runbook.sha256,
            started=self._started,
            ended=self._ended if self._stage is None else moment(),
            place=replace(
                self._place,
                notes=(
                    *self._real,
                    *self._place.notes,
                    *self._notes,
                    *(partial if missing else ()),
                ),
            ),
            outcomes=tuple(self._outcomes),
            checklist=tuple(self._checklist),
            trials=tuple(self._trials),
            untyped=tuple(
                replace(each, why=self.hidden(each.why)) for each in self.runbook.untyped
            ),
            fault=self.fault,
            run=self.id,
        )

    @property
    def _open_stage(self) -> Stage:
        if self._stage is None:
            raise MachineError("a run has its machine only in `with`")
        return self._stage

    @property
    def _open_session(self) -> Session:
        if self._session is None:
            raise MachineError("a run has its shell only in `with`")
        return self._session

    def _open(self) -> None:
        with ExitStack() as exits:
            stage = exits.enter_context(open_stage(self.runbook, self._choices))
            session = open_session(
                self.runbook,
                stage.machine,
                mask=self._mask,
                spill=self._spill,
                policy=self._policy,
            )
            session = exits.enter_context(session)
            place, coming = self._mask.hide(stage.place), played(self.runbook, session)
            # From here on the caller's `with` closes the machine; whatever raises above does it.
            self._exits = exits.pop_all()
        self._stage, self._session, self._place, self._coming = stage, session, place, coming

    def _advance(self) -> None:
        if self._fault:
            raise MachineError(self._fault)
        try:
            outcome = next(self._coming, None)
            if len(self._outcomes) + 1 == len(self.runbook.commands):
                self._ask_for_versions()
        except Exception as error:
            told = internal(error)
            self.break_off(str(told))
            raise told from error
        if outcome is None:
            self.break_off("the rehearsal ended early")
            raise MachineError(self._fault)
        self._outcomes.append(outcome)

    def _ask_for_versions(self) -> None:
        """Ask the reader's own shell which real program the document got hold of."""
        if wants_real_bd(self.runbook, self._choices):
            asked = Command("bd version", self.runbook.path, 1, 1, "", Options(timeout=_PATIENCE))
            (outcome,) = map(self._mask.hide, self._open_session.run((asked,)))
            self._real = (real_bd(outcome.stdout.text),)
