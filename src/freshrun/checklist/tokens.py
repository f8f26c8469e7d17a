"""What the runbook says that a token may do, held against what GitHub asks."""

import re
from collections.abc import Iterator

from freshrun.checklist.contract import contract_of
from freshrun.model import Finding, Runbook

_NEEDS = (
    (
        "classic token",
        re.compile(r"\bclassic token", re.IGNORECASE),
        re.compile(r"`repo`"),
        "`repo`",
    ),
    (
        "fine-grained token",
        re.compile(r"\bfine-grained", re.IGNORECASE),
        re.compile(r"Actions: (?:read|write)\b"),
        '"Actions: read"',
    ),
    (
        "GITHUB_TOKEN",
        re.compile(r"\bGITHUB_TOKEN\b"),
        re.compile(r"actions: (?:read|write)\b"),
        "`permissions: actions: read`",
    ),
)
"""What GitHub's reference asks of a token that lists runs and downloads artifacts and logs."""


def token_permissions(runbook: Runbook) -> tuple[Finding, ...]:
    """Hold what the runbook says of tokens against what GitHub asks for runs, artifacts and logs.

    The sentence about each kind of token names its permission, and so does what to do about the
    text `Resource not accessible`.
    """
    sentences = tuple(_sentences(runbook))
    found: list[Finding] = []
    for name, about, need, right in _NEEDS:
        said = [(line, text) for line, text in sentences if about.search(text)]
        wrong = [line for line, text in said if not need.search(text)]
        if said and len(wrong) == len(said):
            message = f"a {name} that downloads artifacts needs {right}, which is not said here"
            found.append(Finding(runbook.path, wrong[0], message))
    rows = contract_of(runbook).refusals.rows
    found += [
        Finding(runbook.path, row.line, 'this permission is not enough; "Actions: read" is right')
        for row in rows
        if "not accessible" in row.says and not re.search(r"actions: ", row.remedy.lower())
    ]
    if not any(about.search(text) for _, about, _, _ in _NEEDS for _, text in sentences):
        message = (
            "nothing says what a token may do that downloads artifacts; Actions: read is right"
        )
        found.append(Finding(runbook.path, 1, message))
    return tuple(found)


def _sentences(runbook: Runbook) -> Iterator[tuple[int, str]]:
    """Yield the sentences of the text, without code and tables, each with its first line."""
    inside = {n for s in runbook.sections for b in s.blocks for n in range(b.line, b.end_line + 1)}
    sentence, first = "", 0
    for number, line in enumerate(runbook.text.splitlines(), start=1):
        words = "" if number in inside or line.lstrip().startswith(("|", "#")) else line.strip()
        for part in re.split(r"(?<=[.;:!?])\s+(?=[A-Z*])", words) if words else ("",):
            if not part or part.startswith("* "):
                if sentence:
                    yield first, sentence
                sentence = ""
            first = first if sentence else number
            sentence = f"{sentence} {part}".strip()
            if sentence.endswith((".", "!", "?")):
                yield first, sentence
                sentence = ""
