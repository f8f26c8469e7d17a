"""GitHub's CODEOWNERS: who owns a path, by the rules that GitHub itself follows.

The rules are those of GitHub's page "About code owners": patterns as in .gitignore, but without
`!`, `[ ]` and an escaped `#`; the last line that matches a path wins; a line that GitHub can't
follow is skipped there, and a finding here.

pathspec has the rules of .gitignore, which differ: it takes `docs/*` for all below, where GitHub
stops at the files of the folder; and a pattern of six stars keeps it busy for seconds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile

from freshrun.model import Finding, Parsed

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in its order; the first file that is there is the one."""

OWNER = re.compile(r"@[\w-]++(?:/[\w.-]++)?|[^@\s]++@(?=[^@\s])[^@\s]*\.[^@\s]+")
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


def read_codeowners(files: Mapping[str, bytes]) -> Parsed[Codeowners]:
    """Read the repository's CODEOWNERS; a finding for each line that GitHub would skip."""
    path = next((place for place in PLACES if place in files), None)
    if path is None:
        missing = Finding(PLACES[0], 1, "there is no such file, so GitHub asks nobody for a review")
        return Parsed(None, (missing,))
    lines = files[path].decode(errors="replace").splitlines()
    words = [(number, _words(line)) for number, line in enumerate(lines, 1)]
    found = [(number, parts, _skipped(parts)) for number, parts in words if parts]
    rules = tuple(_rule(number, parts) for number, parts, problem in found if not problem)
    skipped = tuple(Finding(path, number, problem) for number, _, problem in found if problem)
    return Parsed(Codeowners(path, rules), skipped)


def _words(line: str) -> list[str]:
    """Return a line's pattern and owners; a word with `#` begins a comment."""
    words: list[str] = re.findall(r"(?>(?:\\.|\S)+)", line)  # a blank of a path has a backslash
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
    folders = body.split("/")
    if pattern.endswith("/"):
        end = "/.*"
    elif body.endswith("/**"):
        folders.pop()
        end = "/.*"
    elif anchored and body.endswith("/*"):
        end = ""  # unlike .gitignore, GitHub does not go into the folders that the * matches
    else:
        end = "(?:/.*)?"
    if folders[-1] == "**":  # of which at least one is there
        folders.append("*")
    return re.compile(_path(folders if anchored else ["**", *folders]) + end, re.DOTALL)


def _path(folders: list[str]) -> str:
    """Return folders, any number of them for each `**`, as an expression.

    Between two `**`, and between two `*` of a name, the first place that fits is as good as any
    later one: the atomic groups keep a pattern with many stars from being tried over and over.
    """
    first, *rest = _split(folders, "**")
    if not rest:
        return "/".join(map(_name, first))
    *middle, last = ("/".join(map(_name, part)) for part in rest)
    begin = "".join(f"{_name(folder)}/" for folder in first)
    between = "".join(f"(?>(?:[^/]*+/)*?{part}/)" for part in middle if part)
    return f"{begin}{between}(?:[^/]*+/)*?{last}"


def _name(folder: str) -> str:
    """Return one name of a path, in which `*` and `?` are any characters but `/`."""
    first, *rest = (
        "".join("[^/]" if each == "?" else re.escape(each) for each in part)
        for part in re.split(r"\*+", folder)
    )
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>[^/]*?{part})" for part in middle) + f"[^/]*{last}"


def _split(folders: list[str], mark: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for folder in folders:
        if folder == mark:
            parts.append([])
        else:
            parts[-1].append(folder)
    return parts
