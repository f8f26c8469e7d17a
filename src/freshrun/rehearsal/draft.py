"""The record of a run while it is being written."""

from collections.abc import Sequence
from dataclasses import replace

from freshrun.mask import Mask
from freshrun.model import ChecklistItem, Outcome, Provenance, Record, Runbook, Status, moment


class Draft:
    """What happened in a run by now, and how it was judged; secrets are hidden as it is written."""

    def __init__(self, runbook: Runbook, *, mask: Mask, run_id: str) -> None:
        """Begin an empty one; the times are those of its making until the run begins."""
        self.id = run_id
        self._runbook = runbook
        self._mask = mask
        self._provenance = Provenance()
        self._outcomes: list[Outcome] = []
        self._trials: list[Outcome] = []
        self._checklist: list[ChecklistItem] = []
        self._notes: tuple[str, ...] = ()
        self._text = _in_its_lines(runbook.text, mask.text(runbook.text))
        self._fault = ""
        self._started = self._ended = moment()

    def begin(self) -> None:
        """Say that the run begins now."""
        self._started, self._ended = moment(), ""

    def end(self) -> None:
        """Say that the run has ended by now."""
        self._ended = moment()

    def set_provenance(self, provenance: Provenance) -> None:
        """Say where the run happens."""
        self._provenance = self._mask.hide(provenance)

    def add(self, outcome: Outcome) -> None:
        """Put the outcome of the document's next command into the record, already hidden."""
        self._outcomes.append(outcome)

    def add_trial(self, outcome: Outcome) -> Outcome:
        """Put the outcome of what a check typed into the record; return it as it stands there."""
        hidden = self._mask.hide(outcome)
        self._trials.append(hidden)
        return hidden

    def judge(self, item: ChecklistItem) -> None:
        """Put a verdict on one checklist item into the record."""
        self._checklist.append(self._mask.hide(item))

    def overrule(self, item: ChecklistItem) -> None:
        """Put a verdict into the record in place of a pass of the same item."""
        passed = (item.name, Status.PASSED)
        self._checklist = [one for one in self._checklist if (one.name, one.status) != passed]
        self.judge(item)

    def note(self, text: str, *, first: bool = False) -> None:
        """Put a sentence for the reader into the record."""
        if first:
            self._provenance = replace(self._provenance, notes=(text, *self._provenance.notes))
        else:
            self._notes += (text,)

    def break_off(self, reason: str) -> None:
        """Put into the record why the run did not come to its end: then it is no pass."""
        self._fault = self._fault or reason

    @property
    def fault(self) -> str:
        """Return why the run could not go on, empty where it could; the secrets are hidden."""
        return self.hidden(self._fault)

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """Return what the document's commands gave by now."""
        return self._outcomes

    def hidden(self, text: str) -> str:
        """Return `text` with this run's secrets hidden."""
        return self._mask.text(text)

    @property
    def record(self) -> Record:
        """Return what is known by now."""
        missing = len(self._runbook.commands) - len(self._outcomes)
        partial = f"{missing} commands of the document were not asked for and not run"
        notes = (*self._provenance.notes, *self._notes, *((partial,) if missing else ()))
        return Record(
            runbook=self.hidden(self._runbook.path),
            sha256=self._runbook.sha256,
            started=self._started,
            ended=self._ended or moment(),
            provenance=replace(self._provenance, notes=notes),
            outcomes=tuple(self._outcomes),
            checklist=tuple(self._checklist),
            trials=tuple(self._trials),
            untyped=tuple(replace(one, why=self.hidden(one.why)) for one in self._runbook.untyped),
            fault=self.fault,
            run=self.id,
            text=self._text,
        )


def _in_its_lines(text: str, hidden: str) -> str:
    """Return what is left of a text; nothing where a secret of several lines moved the others."""
    return hidden if hidden.count("\n") == text.count("\n") else ""
