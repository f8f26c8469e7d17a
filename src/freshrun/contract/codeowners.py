"""GitHub's CODEOWNERS: who owns a path, by the rules that GitHub itself follows.

The rules are those of GitHub's page "About code owners": patterns as in .gitignore, but without
`!`, `[ ]` and an escaped `#`; the last line that matches a path wins; a line that GitHub can't
follow is skipped there, and a finding here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from freshrun.finding import Finding, Reading

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in its order; the first file that is there is the one."""

OWNER = re.compile(r"@[\w-]+(?:/[\w.-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+")
"""A user, a team of an organization, or an e-mail address."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line; no owners means that nobody owns what it matches."""

    line: int
    pattern: str
    owners: tuple[str, ...]
    expression: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Codeowners:
    """The file at `path`, its rules in order."""

    path: str
    rules: tuple[Rule, ...]

    def rule(self, file: str) -> Rule | None:
        """Return the rule that decides about a path below the root; `None` where none does."""
        matching = (rule for rule in reversed(self.rules) if rule.expression.fullmatch(file))
        return next(matching, None)


def read_codeowners(files: Mapping[str, bytes]) -> Reading[Codeowners]:
    """Read the repository's CODEOWNERS; a finding for each line that GitHub would skip."""
    path = next((place for place in PLACES if place in files), None)
    if path is None:
        missing = Finding(PLACES[0], 1, "there is no such file, so GitHub asks nobody for a review")
        return Reading(1, findings=(missing,))
    lines = files[path].decode(errors="replace").splitlines()
    words = [(number, _words(line)) for number, line in enumerate(lines, 1)]
    found = [(number, parts, _skipped(parts)) for number, parts in words if parts]
    rules = tuple(_rule(number, parts) for number, parts, problem in found if not problem)
    skipped = tuple(Finding(path, number, problem) for number, _, problem in found if problem)
    return Reading(1, (Codeowners(path, rules),), skipped)


def _words(line: str) -> list[str]:
    """Return a line's pattern and owners; a word with `#` begins a comment."""
    words: list[str] = re.findall(r"(?:\\.|\S)+", line)  # a blank of a path has a backslash
    return list(takewhile(lambda word: not word.startswith("#"), words))


def _rule(line: int, words: list[str]) -> Rule:
    pattern = re.sub(r"\\(.)", r"\1", words[0])
    return Rule(line, pattern, tuple(words[1:]), _expression(pattern))


def _skipped(words: list[str]) -> str:
    """Return why GitHub passes a line over, or nothing."""
    pattern, *owners = words
    if pattern.startswith(("!", "\\#")) or "[" in pattern:
        return f'GitHub skips the line: "{pattern}" is a pattern that CODEOWNERS does not have'
    for owner in owners:
        if not OWNER.fullmatch(owner):
            right = "@user, @organization/team or an e-mail address is right"
            return f'GitHub skips the line: "{owner}" is no owner; {right}'
    return ""


def _expression(pattern: str) -> re.Pattern[str]:
    body = pattern.strip("/")
    anchored = "/" in pattern.rstrip("/")
    start = "" if anchored else "(?:.*/)?"
    if pattern.endswith("/"):
        end = "/.*"
    elif anchored and body.endswith("/*"):
        end = ""  # unlike .gitignore, GitHub does not go into the folders that the * matches
    else:
        end = "(?:/.*)?"
    return re.compile(start + "".join(_parts(body)) + end, re.DOTALL)


def _parts(body: str) -> Iterator[str]:
    for part in re.split(r"(^\*\*/|/\*\*/|/\*\*$|\*+|\?)", body):
        match part:
            case "**/":
                yield "(?:.*/)?"
            case "/**/":
                yield "/(?:.*/)?"
            case "/**":
                yield "/.*"
            case "?":
                yield "[^/]"
            case _ if part and not part.strip("*"):
                yield "[^/]*"
            case _:
                yield re.escape(part)
