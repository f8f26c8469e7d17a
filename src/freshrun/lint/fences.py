"""The fences of a document: those that nothing closes, and words that are nearly options."""

import re
from collections.abc import Iterator

from freshrun.document import near_options
from freshrun.lint.flaw import Edit, Flaw
from freshrun.lint.subject import Subject
from freshrun.model import Block, BlockKind

_FENCE = re.compile(
    r"\A[\s>]*+(?>(?:[-*+][ \t]++|\d{1,9}[.)][ \t]++)*)(?P<sign>`{3,}|~{3,})(?P<info>[^\n]*)"
)


def unclosed(subject: Subject) -> Iterator[Flaw]:
    """Find fences that nothing closes, or that the next block's closes alone."""
    for block in subject.runbook.blocks:
        opened = _FENCE.match(subject.line(block.line))
        if opened is None or block.language in {"markdown", "md", "mdx"}:
            continue
        message = _unclosed(subject, block, opened["sign"])
        if message:
            yield subject.flaw("unclosed-fence", block.line, message, at=opened["sign"])


def _unclosed(subject: Subject, block: Block, sign: str) -> str:
    for number in range(block.line + 1, block.end_line):
        other = _FENCE.match(subject.line(number))
        if other and other["sign"] == sign and other["info"].strip():
            return f"this fence is still open where line {number} opens one; close it with {sign}"
    last = _FENCE.match(subject.line(block.end_line))
    is_closed = (
        last is not None
        and block.end_line > block.line
        and last["sign"].startswith(sign)
        and not last["info"].strip()
    )
    return "" if is_closed else f"nothing closes this fence; close it with {sign}"


def near_misses(subject: Subject) -> Iterator[Flaw]:
    """Find words of an info string that are no option, and nearly one."""
    for block in subject.runbook.blocks:
        fence = _FENCE.match(subject.line(block.line))
        if fence is None or block.kind is BlockKind.OTHER or subject.runbook.settings.declared:
            continue
        for word, meant in near_options(fence["info"]):
            at = subject.line(block.line).find(word, fence.start("info"))
            edit = Edit(block.line, at, at + len(word), meant)
            message = f'"{word}" is no option; did you mean "{meant}"?'
            path, width = subject.runbook.path, len(word)
            yield Flaw(path, block.line, message, at + 1, "near-option", (edit,), width=width)
