"""What `--strict` asks for: that all was typed which a reader would type."""

from freshrun.model import ChecklistItem, Record, Status

ITEM = "every shell line that a reader sees is typed"
"""The name of the item in the record."""


def everything_typed(record: Record) -> ChecklistItem:
    """Return the verdict on the lines of a whole document that look like shell to its reader."""
    lost, lines = record.lines_untyped
    if not lost:
        return ChecklistItem(ITEM, Status.PASSED)
    first = next(each for each in record.untyped if each.counts)
    reason = f"{record.runbook}:{first.line}: {lost} of {lines} lines were not: {first.why}"
    return ChecklistItem(ITEM, Status.FAILED, reason)
