"""Where a machine waits for the next save: in front of the section that is likely to change."""

from dataclasses import dataclass, replace

from freshrun.model import Runbook
from freshrun.rehearsal import Setup, difference, edited, places_of, prefix_of

_BEGINNING = frozenset({0})


@dataclass(frozen=True, slots=True)
class Plan:
    """A document as it stands, and what is known of it, in numbers of commands before a place.

    `safe` are the places that a rehearsal has passed with nothing open in its shells; `failed` is
    the place of the section that failed, and `edited` of the one that was edited last.
    """

    runbook: Runbook
    setup: Setup
    safe: frozenset[int] = _BEGINNING
    failed: int | None = None
    edited: int | None = None

    @property
    def place(self) -> int:
        """Return where to wait: at the section that is wanted, or the last safe place before."""
        last = (places_of(self.runbook) or (0,))[-1]
        wanted = (each for each in (self.failed, self.edited, last) if each is not None)
        target = next(wanted)
        return max(each for each in self.safe if each <= target)

    def passed(self, number: int) -> "Plan":
        """Return it with a safe place that a rehearsal has passed."""
        return replace(self, safe=self.safe | {number})

    def failing(self, number: int) -> "Plan":
        """Return it with the command of this number as the first that failed."""
        before = [each for each in places_of(self.runbook) if each < number]
        return replace(self, failed=max(before, default=0))

    def saved(self, runbook: Runbook, setup: Setup) -> "Plan":
        """Return that of the document as it was saved now: what is known before the edit stays."""
        place = edited(self.runbook, runbook)
        same = self.settings == (runbook.settings, setup)
        limit = len(runbook.commands) if place is None else place
        safe = frozenset(each for each in self.safe if each <= limit) if same else _BEGINNING
        last = self.edited if place is None else place
        return Plan(runbook, setup, safe | _BEGINNING, edited=last)

    @property
    def settings(self) -> tuple[object, Setup]:
        """Return what decides of all commands."""
        return self.runbook.settings, self.setup

    def why_not(self, wanted: "Plan", *, upto: int) -> str:
        """Return why a machine that typed so much of this can't go on with another document."""
        return difference(
            prefix_of(self.runbook, self.setup, upto=upto),
            prefix_of(wanted.runbook, wanted.setup, upto=upto),
        )
