"""Findings that need no container: links, variables, and commands that can't work as they stand.

Each has its place, its rule, and what would be right. Thin evidence is no finding.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from freshrun.lint.bashisms import bashisms
from freshrun.lint.blocks import contradictions, terminals, two_ways, untyped
from freshrun.lint.checked import checked
from freshrun.lint.ended import unreachable
from freshrun.lint.environment_contract import TITLE, environment, undeclared
from freshrun.lint.fences import near_misses, unclosed
from freshrun.lint.flaw import Flaw
from freshrun.lint.ignoring import unknown_rules, without_ignored
from freshrun.lint.other_text import other_text, windows_paths
from freshrun.lint.pages import Documents, dead_links, documents
from freshrun.lint.placeholders import left_in
from freshrun.lint.programs import unknown_words
from freshrun.lint.refused import history, refused
from freshrun.lint.rules import RULES
from freshrun.lint.subject import Subject
from freshrun.lint.typed import blanks, entities, equals, prompts, wrong_characters
from freshrun.lint.waiting import waits
from freshrun.model import Finding, Runbook


def lint(
    runbook: Runbook,
    root: str | Path,
    *,
    rules: Iterable[str] = tuple(RULES),
    there: Documents | None = None,
) -> tuple[Flaw, ...]:
    """Return what is wrong with a runbook as it stands, by place; `root` is its repository.

    `there` are the documents of that, where the caller has them already.
    """
    subject = Subject(runbook)
    found = (
        *_links(subject, there or _around(runbook, root)),
        *(each for check in _CHECKS for each in check(subject)),
    )
    wanted = frozenset(rules)
    flaws = (flaw for flaw in _telling(dict.fromkeys(found)) if flaw.rule in wanted)
    left = without_ignored(flaws, subject)
    return tuple(sorted(left, key=lambda flaw: (flaw.line, flaw.column)))


_CAUSES = {
    *("placeholder", "other-shell", "windows-path", "pasted-prompt", "wrong-character"),
    *("html-entity", "blank-after-backslash", "blank-around-equals", "unclosed-heredoc"),
}
_CONSEQUENCES = {"syntax", "shellcheck", "unset-variable", "history-expansion", "bashism"}


def _telling(flaws: Iterable[Flaw]) -> Iterator[Flaw]:
    """Yield the findings that are no mere consequence of another one in their line."""
    found = list(flaws)
    explained = {flaw.line for flaw in found if flaw.rule in _CAUSES}
    refused = {flaw.line for flaw in found if flaw.rule in {"syntax", "history-expansion"}}
    for flaw in found:
        is_told = flaw.rule in _CONSEQUENCES and flaw.line in explained
        if not is_told and not (flaw.rule == "shellcheck" and flaw.line in refused):
            yield flaw


def _around(runbook: Runbook, root: str | Path) -> Documents:
    return documents(root, with_file=runbook.path, address=runbook.settings.repository)


def _links(subject: Subject, there: Documents) -> Iterator[Flaw]:
    runbook = subject.runbook
    for each in dead_links(there, of=there.name(runbook.path)):
        named = each.message.partition('"')[2].partition('"')[0]
        finding = replace(each, file=runbook.path)
        yield subject.flaw("dead-link", finding.line, finding.message, at=named)


def _variables(subject: Subject) -> Iterator[Flaw]:
    has_contract = any(section.title == TITLE for section in subject.runbook.sections)
    for each in environment(subject.runbook) if has_contract else undeclared(subject.runbook):
        is_use = " is used here, but " in each.message
        rule = "unset-variable" if is_use else "environment-contract"
        name = each.message.partition(" ")[0] if is_use else ""
        yield subject.flaw(rule, each.line, each.message, at=name)


def _ruled(rule: str, check: Callable[[Runbook], Iterator[Finding]]) -> "_Check":
    """Return a check of blocks that names its rule."""

    def ruled(subject: Subject) -> Iterator[Flaw]:
        return (subject.ruled(rule, each) for each in check(subject.runbook))

    return ruled


_Check = Callable[[Subject], Iterator[Flaw]]

_CHECKS: tuple[_Check, ...] = (
    _variables,
    _ruled("untyped-shell", untyped),
    _ruled("two-ways", two_ways),
    _ruled("clashing-options", contradictions),
    _ruled("lone-terminal", terminals),
    left_in,
    waits,
    unclosed,
    near_misses,
    wrong_characters,
    entities,
    blanks,
    prompts,
    equals,
    refused,
    history,
    other_text,
    windows_paths,
    unreachable,
    unknown_words,
    bashisms,
    checked,
    unknown_rules,
)
