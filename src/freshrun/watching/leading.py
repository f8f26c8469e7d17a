"""The loop of an author with one document: a leader that rehearses it, and a standby behind it."""

import time
from pathlib import Path

from freshrun.document import read, require_commands
from freshrun.host import say
from freshrun.model import FreshrunError
from freshrun.rehearsal import Choices, decided, project_of, unfit
from freshrun.watching.looking import digest, linted, looks
from freshrun.watching.plan import Plan
from freshrun.watching.talk import Order, Player, Word

_FAREWELL = 60.0
"""Seconds that a rehearsal may take to remove its machine."""

_MACHINES = 2
_GO = Order(go=True)


def lead_on_save(document: str, choices: Choices) -> None:
    """Lint a document and rehearse it, now and at each save; never return.

    A second machine types what stands in front of the section that is likely to change, and waits
    there for the next save. `KeyboardInterrupt` ends it, with both machines.
    """
    loop = Leading(document, choices)
    try:
        for _ in looks([document]):
            loop.look()
    finally:
        loop.stop()


class Leading:
    """A document as it was last saved, and the processes that rehearse it: two at most."""

    def __init__(self, document: str, choices: Choices) -> None:
        """Know nothing of the document yet."""
        self._document = document
        self._choices = choices
        self._seen = ""
        self._plan: Plan | None = None
        self._leader: Player | None = None
        self._standby: Player | None = None
        self._typing: Plan | None = None
        self._others: list[Player] = []
        self._wanted = False
        self._tried = False

    def look(self) -> None:
        """Follow a save, and what the processes have told."""
        found = digest(self._document)
        if found and found != self._seen:  # without one, an editor is about to put it there
            self._seen = found
            self._saved()
        self._hear()
        self._others = [one for one in self._others if not _gone(one)]
        if self._wanted and len(self._live) < _MACHINES:
            self._wanted = False
            self._leader = Player(self._document, self._choices, _GO)
        self._prepare()

    def stop(self) -> None:
        """End what runs; the machines go with it."""
        ending = self._live
        for one in ending:
            one.end()
        deadline = time.monotonic() + _FAREWELL
        for one in ending:
            one.close(max(0.0, deadline - time.monotonic()))

    @property
    def _live(self) -> list[Player]:
        own = (self._leader, self._standby)
        return [*(one for one in own if one), *self._others]

    def _saved(self) -> None:
        """Lint it at once; go on from the standby, or afresh."""
        ran = self._leader is not None and self._leader.alive and not self._leader.told
        if not linted([self._document]):
            self._drop_leader()
            return
        before, plan = self._plan, _read(self._document, self._choices)
        self._plan = before.saved(plan.runbook, plan.setup) if before and plan else plan
        self._tried = False
        why = self._why_afresh(plan)
        if ran:
            begins = ", and a fresh one begins" if why else ""
            say(f"saved while a rehearsal ran: it is ended{begins}")
        self._drop_leader()
        if why:
            self._drop_standby(why)
            self._wanted = True
        else:
            self._promote()

    def _promote(self) -> None:
        """Let the standby lead."""
        one, self._standby = self._standby, None
        if one and not one.waits:
            say("saved while the standby is being made: waiting for it is sooner than a fresh run")
        if one:
            one.order(_GO)
        self._leader = one

    def _why_afresh(self, plan: Plan | None) -> str:
        standby, typing = self._standby, self._typing
        if standby is None or typing is None or not standby.alive:
            return "no machine waits"
        if plan is None:
            return "the document can't be rehearsed as it is"
        return typing.why_not(plan, upto=standby.upto)

    def _drop_leader(self) -> None:
        one, self._leader, self._wanted = self._leader, None, False
        self._drop(one)

    def _drop_standby(self, why: str = "") -> None:
        one, self._standby, self._typing = self._standby, None, None
        if one and why:
            say(f"afresh, and not from the standby: {why}")
        self._drop(one)

    def _drop(self, one: Player | None) -> None:
        if one:
            one.drop()
            self._others.append(one)

    def _hear(self) -> None:
        """Take what the processes have told, and see who has ended."""
        for one in filter(None, (self._leader, self._standby)):
            ended = not one.alive  # before its last words are read
            for word in one.words():
                self._take(word, one)
            if ended:
                self._let_go(one)

    def _let_go(self, one: Player) -> None:
        """Take a process that has ended out of its place."""
        if one is self._leader:
            self._drop_leader()
            say(f"waiting for the next save of {self._document}; Ctrl-C ends it")
        elif one is self._standby:
            self._drop_standby()
            self._tried = True

    def _take(self, word: Word, one: Player) -> None:
        match word.kind:
            case "read" if self._typing and word.text != self._typing.runbook.sha256:
                self._drop_standby()  # saved at this very moment: nothing is known of its text
            case "waits":
                one.waits = word.number >= one.upto
            case "gone" if one is self._standby:
                say(f"no machine waits for the next save: {word.text}")
            case "refused":
                say(f"afresh, and not from the standby: {word.text}")
                self._leader = None
                self._drop(one)
                self._wanted = True
            case "verdict":
                one.told = True
        self._learn(word, one)

    def _learn(self, word: Word, one: Player) -> None:
        """Take up what a rehearsal has found out of the document."""
        if one is self._leader and self._plan:
            if word.kind == "place":
                self._plan = self._plan.passed(word.number)
                one.passed = True
            elif word.kind == "failed":
                self._plan = self._plan.failing(word.number)

    def _prepare(self) -> None:
        """Have a machine wait where the next edit is likely, as soon as there is room for one."""
        plan, leader = self._plan, self._leader
        if plan is None or self._tried or self._wanted or unfit(plan.setup):
            return
        if self._standby:
            if plan.place > self._standby.upto:
                self._standby.order(Order(plan.place))
        elif len(self._live) < _MACHINES and (not leader or leader.told or leader.passed):
            self._typing = plan
            self._standby = Player(self._document, self._choices, Order(plan.place))


def _gone(one: Player) -> bool:
    if not one.alive:
        one.close(0)
    return not one.alive


def _read(document: str, choices: Choices) -> Plan | None:
    """Return a document with what is decided of it; `None` where the rehearsal has to say why."""
    try:
        runbook = require_commands(read(Path(document), unmarked=choices.unmarked))
        return Plan(runbook, decided(runbook, choices, project=project_of(Path())))
    except FreshrunError:
        return None
