"""A machine that has typed the beginning of a document, and waits there for what comes next."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from freshrun.host import GitState, shielded, state_of
from freshrun.machine import Engine, resolve
from freshrun.model import MachineError, Outcome, Runbook, Section, Status
from freshrun.rehearsal.audience import Audience, Nobody
from freshrun.rehearsal.opened import Opened, opened
from freshrun.rehearsal.prefix import difference, prefix_of
from freshrun.rehearsal.rehearsal import begins_at_home, terminals_of, typed
from freshrun.rehearsal.setup import Setup
from freshrun.rehearsal.stage import mask

GOOD = frozenset({Status.PASSED, Status.SKIPPED})
"""What a command gave behind which a machine can wait."""


class Silent(Nobody):
    """Follows nothing, and keeps the lines of progress to itself."""

    draws = True


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a machine was made of that is no text of the document."""

    git: GitState | None
    recorded: str

    def differs(self, now: "_Ground") -> str:
        """Return what is another one now; nothing where a fresh machine would be the same."""
        if (self.git is None) != (now.git is None):
            return "the repository is another one"
        if self.git and now.git and not self.git.same_copy(now.git):
            return "the repository has another commit, branch, tag or address"
        return "" if self.recorded == now.recorded else "the recorded run is another one"


class Standby:
    """Types the beginning of a document in a machine of its own, and waits there, paused.

    `with` opens the machine. `typed` is how many commands were typed; `spill` is a folder for long
    outputs. What is told of it is told of the run that takes it over, by `hand_over`.
    """

    def __init__(self, runbook: Runbook, setup: Setup, *, spill: Path | None = None) -> None:
        """Describe it; nothing is opened before `with`."""
        self.runbook = runbook
        self.setup = setup
        self._spill = spill
        self._exits = ExitStack()
        self._opened: Opened | None = None
        self._ground = _Ground(None, "")
        self._paused = False

    def __enter__(self) -> Self:
        """Open the machine; `FreshrunError` where it can't be had."""
        # Before the machine is made: what changes meanwhile makes a difference.
        self._ground = _ground(self.setup)
        with ExitStack() as exits:
            self._opened = exits.enter_context(
                opened(
                    self.runbook,
                    self.setup,
                    mask=mask(self.setup.secrets),
                    spill=self._spill,
                    audience=Silent(),
                )
            )
            self._exits = exits.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the machine, unless a run has taken it over."""
        with shielded():
            self._exits.__exit__(kind, error, trace)

    @property
    def typed(self) -> int:
        """Return how many of the document's commands were typed, and ended well."""
        return len(self._there.typed)

    def type(self, upto: int) -> Iterator[Outcome]:
        """Type on until so many commands are typed; yield what each gave, up to a failure."""
        there, part = self._resumed(), cut(self.runbook, upto)
        coming = typed(part, there.session, sections=self.setup.sections, already=there.typed)
        for outcome in islice(coming, len(there.typed), None):
            if outcome.status not in GOOD:
                yield outcome
                return
            self._opened = replace(self._there, typed=(*self._there.typed, outcome))
            yield outcome

    def unsafe(self) -> str:
        """Return why nobody can wait at this place, where that is so."""
        return "" if self._there.session.is_at_rest else "a program is open in its shell"

    def wait(self) -> str:
        """Pause the machine, unless this is no place to wait at; return why, then."""
        if not (why := self.unsafe()):
            self._there.stage.machine.pause()
            self._paused = True
        return why

    def why_not(self, runbook: Runbook, setup: Setup) -> str:
        """Return why it can't go on as a fresh machine would with a document; nothing if it can.

        Where it can, the machine goes on.
        """
        by_text = prefix_of(self.runbook, self.setup, upto=self.typed)
        wanted = prefix_of(runbook, setup, upto=self.typed)
        return (
            difference(by_text, wanted)
            or self._moved(by_text.lines, wanted.lines)
            or self._ground.differs(now := _ground(setup))
            or self._renewed(runbook, setup, now)
            or self._ended()
        )

    def hand_over(self, runbook: Runbook, audience: Audience) -> tuple[Opened, ExitStack]:
        """Return what is open, for a run of a document that `why_not` has nothing against.

        Whoever takes it closes it.
        """
        there, self._opened = self._there, None
        commands, ttys = runbook.commands, terminals_of(runbook)
        there.session.follow(commands, ttys=ttys, waiting=audience.typing)
        return there, self._exits.pop_all()

    def _moved(self, before: tuple[int, ...], now: tuple[int, ...]) -> str:
        told = any(one.warnings or one.diff for one in self._there.typed)
        return "a warning names lines that are others now" if told and before != now else ""

    def _renewed(self, runbook: Runbook, setup: Setup, now: _Ground) -> str:
        """Return what else a fresh machine would have another one of; take up what is new."""
        there = self._there
        machine, copy = there.stage.machine, there.copy
        if begins_at_home(runbook, machine) != begins_at_home(self.runbook, machine):
            return "its reader begins in another directory"
        if _image(setup, there.stage.engine) != machine.image.id:
            return "the image is another one"
        if copy and now.git:
            self._opened = replace(there, copy=copy.as_now(now.git))
        return ""

    def _ended(self) -> str:
        machine = self._there.stage.machine
        if not self._paused:
            return ""
        ended = machine.resume()
        self._paused = False
        return f"{ended[0]} has ended while it waited" if ended else ""

    def _resumed(self) -> Opened:
        if ended := self._ended():
            raise MachineError(ended)
        return self._there

    @property
    def _there(self) -> Opened:
        if self._opened is None:
            raise MachineError("a standby has its machine only in `with`")
        return self._opened


def unfit(setup: Setup) -> str:
    """Return why no machine can wait for a changed document, where that is so."""
    if setup.worktree:
        return "with --worktree the document itself is among the machine's files"
    return "with --update the document is written anew" if setup.update else ""


def _ground(setup: Setup) -> _Ground:
    folder = setup.recorded
    return _Ground(state_of(setup.document), _digest(folder) if folder else "")


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(folder)}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _image(setup: Setup, engine: Engine) -> str:
    return resolve(setup.image, engine=engine, install=setup.install_engine).id


def cut(runbook: Runbook, upto: int) -> Runbook:
    """Return a document whose commands end behind so many of them."""
    return replace(runbook, sections=tuple(_cut_section(one, upto) for one in runbook.sections))


def _cut_section(section: Section, upto: int) -> Section:
    blocks = (
        replace(block, commands=tuple(c for c in block.commands if c.number <= upto))
        for block in section.blocks
    )
    return replace(section, blocks=tuple(blocks))
