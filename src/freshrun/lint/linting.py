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
from freshrun.lint.of_shell import of_shell
from freshrun.lint.other_text import other_text, windows_paths
from freshrun.lint.pages import Documents, dead_links, documents
from freshrun.lint.passwords import asking
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
    subject = Subject(of_shell(runbook))
    wanted = frozenset(rules)
    found = [*_links(subject, there or _around(runbook, root))] if "dead-link" in wanted else []
    for finds, check in _CHECKS:
        found += check(subject) if finds & wanted else ()
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


def _of(*rules: str) -> frozenset[str]:
    return frozenset(rules)


_CHECKS: tuple[tuple[frozenset[str], _Check], ...] = (
    (_of("unset-variable", "environment-contract"), _variables),
    (_of("untyped-shell"), _ruled("untyped-shell", untyped)),
    (_of("two-ways"), _ruled("two-ways", two_ways)),
    (_of("clashing-options"), _ruled("clashing-options", contradictions)),
    (_of("lone-terminal"), _ruled("lone-terminal", terminals)),
    (_of("placeholder", "one-run", "secret-value"), left_in),
    (
        _of("waits-for-answer", "opens-shell", "waits-for-keys", "endless", "fixed-sleep"),
        waits,
    ),
    (_of("sudo-asks"), asking),
    (_of("unclosed-fence"), unclosed),
    (_of("near-option"), near_misses),
    (_of("wrong-character"), wrong_characters),
    (_of("html-entity"), entities),
    (_of("blank-after-backslash"), blanks),
    (_of("pasted-prompt"), prompts),
    (_of("blank-around-equals"), equals),
    (_of("syntax", "unclosed-heredoc"), refused),
    (_of("history-expansion"), history),
    (_of("other-shell"), other_text),
    (_of("windows-path"), windows_paths),
    (_of("unreachable"), unreachable),
    (_of("unknown-command", "unknown-option"), unknown_words),
    (_of("bashism"), bashisms),
    (_of("shellcheck"), checked),
    (_of("unknown-rule"), unknown_rules),
)
"""What finds the flaws of which rules."""
