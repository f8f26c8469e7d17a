"""What a job does before the suite, held against what the runbook types before it."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from freshrun import shell
from freshrun.checklist.ci_steps import names_program
from freshrun.checklist.ci_workflow import CiWorkflow, line_of
from freshrun.github import Job, Step
from freshrun.model import Command, Finding, Runbook

_OTHER_COMMITS = {"checkout", "switch", "reset", "pull", "merge", "rebase", "revert", "cherry-pick"}
"""What of git leaves another commit checked out than the one that was."""

_SYSTEMS = {"apt", "apt-get", "dnf", "yum", "apk", "zypper", "brew", "git", "id"}
_SHELLS = {"bash", "sh", "cd", "export", "test", "command", "echo", "printf", ".", "source"}
_FILES = {"mkdir", "rm", "cat"}
_IN_OTHER_WORDS = _SYSTEMS | _SHELLS | _FILES
"""Programs that a job may well call in other words: another system, another checkout."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one job does before its suite: the steps, and what the runbook types until then."""

    ci: CiWorkflow
    job: Job
    program: str
    steps: tuple[Step, ...]
    suite: tuple[Step, ...]
    typed: tuple[Command, ...]


def made_ready(ci: CiWorkflow) -> Iterator[Finding]:
    """Hold the steps before the suite, and the suite's own, against the runbook's set-up.

    A program that both call is called by the job in the runbook's words, too: with the role's
    privileges, with the folder to install. A variable that the runbook sets to a plain text has
    that text. No step leaves another commit, or another program of the suite's name.
    """
    for part in _parts(ci):
        yield from _other_commit(part)
        yield from _other_words(part)
        yield from _left_out(part)
        yield from _other_values(part)
        yield from _shadowed(part)


def _parts(ci: CiWorkflow) -> Iterator[_Part]:
    for job, upload in ci.uploading:
        entry = ci.entry(upload.uploads)
        program = shlex.split(entry.command)[0] if entry else ""
        suite = [one for one in job.steps if program and names_program(program, one.run)]
        if entry and suite:
            first = suite[0].line
            before = tuple(one for one in job.steps if one.line < first and one.run)
            typed = _before(ci.runbook, block=entry.name)
            yield _Part(ci, job, program, before, tuple(suite), typed)


def _before(runbook: Runbook, *, block: str) -> tuple[Command, ...]:
    named = [one.number for one in runbook.commands if one.options.name == block]
    return tuple(one for one in runbook.commands if named and one.number < named[0])


def _other_commit(part: _Part) -> Iterator[Finding]:
    for step in (*part.steps, *part.suite):
        for call in _calls(step.run):
            if call.name == "git" and call.words[:1] and call.words[0] in _OTHER_COMMITS:
                message = f'the step "{step.name}" runs `git {" ".join(call.words).strip()}`, so'
                message += " that the suite is of another commit than the run"
                yield part.ci.there(line_of(step, "run"), message)


_Key = tuple[str, str]
_Documented = tuple[Command, shell.Call]
_Own = tuple[Step, shell.Call]


def _other_words(part: _Part) -> Iterator[Finding]:
    """Yield the programs of the set-up that a job calls, and never as the runbook does."""
    right, own = _documented(part.typed), _own(part.steps)
    for key in own.keys() & right.keys():
        words = {call.words for _, call in right[key]}
        if words.isdisjoint(call.words for _, call in own[key]):
            (step, call), (command, documented) = own[key][0], right[key][-1]
            message = f'the step "{step.name}" runs `{_shown(call)}`; {command.file}'
            message += f":{command.line} types `{_shown(documented)}`"
            yield part.ci.there(line_of(step, "run"), message)


def _left_out(part: _Part) -> Iterator[Finding]:
    """Yield the blocks of the set-up of which a job does a half and leaves the other out."""
    own = _own(part.steps).keys()
    for block in dict.fromkeys(one.options.name for one in part.typed if one.options.name):
        right = _documented(one for one in part.typed if one.options.name == block)
        lost = [key for key in right if key not in own]
        if lost and 2 * len(lost) <= len(right):
            command, call = right[lost[0]][0]
            message = f"the job {part.job.name} never runs `{_shown(call)}`, as {command.file}"
            yield part.ci.there(part.job.line, f"{message}:{command.line} does")


def _documented(commands: Iterable[Command]) -> Mapping[_Key, list[_Documented]]:
    found: dict[_Key, list[_Documented]] = {}
    for command in commands:
        for call in _calls(command.text):
            found.setdefault(_key(call), []).append((command, call))
    return {key: calls for key, calls in found.items() if key[0] not in _IN_OTHER_WORDS}


def _own(steps: Iterable[Step]) -> Mapping[_Key, list[_Own]]:
    found: dict[_Key, list[_Own]] = {}
    for step in steps:
        for call in _calls(step.run):
            found.setdefault(_key(call), []).append((step, call))
    return found


def _key(call: shell.Call) -> _Key:
    """Return a program with its subcommand, if its first word is one."""
    first = call.words[0] if call.words else ""
    return call.name, first if re.fullmatch(r"[a-z][a-z-]*", first) else ""


def _shown(call: shell.Call) -> str:
    return " ".join((call.name, *(word or "..." for word in call.words)))


def _calls(text: str) -> Iterator[shell.Call]:
    """Yield the calls of a text; `python -m pip` is pip."""
    for event in _events(text):
        if isinstance(event, shell.Call):
            module = re.fullmatch(r"python[\d.]*", event.name) and event.words[:1] == ("-m",)
            if module and len(event.words) > 1:
                yield shell.Call(event.words[1], event.line, event.words[2:])
            elif event.name:
                yield event


def _other_values(part: _Part) -> Iterator[Finding]:
    """Yield the variables that a job sets to another text than the runbook does."""
    known = _values(part.typed)
    for step in part.suite if not part.job.serves else ():
        for name, (command, value) in known.items():
            given = step.env.get(name, value)
            if given != value and "${{" not in given:
                message = f'the step "{step.name}" sets {name} to {given}; {command.file}'
                message += f":{command.line} sets it to {value}"
                yield part.ci.there(line_of(step, "env"), message)


def _values(commands: tuple[Command, ...]) -> Mapping[str, tuple[Command, str]]:
    return {
        event.name: (command, event.value)
        for command in commands
        for event in _events(command.text)
        if isinstance(event, shell.Assignment) and event.value
    }


def _shadowed(part: _Part) -> Iterator[Finding]:
    """Yield where a program of the suite's name is made that is not the one of the repository."""
    name = re.escape(part.program)
    made = re.compile(rf"(?:>\s*|\b(?:cp|ln|mv|install|tee)\s[^\n;&|]*)\S*\b{name}(?![\w-])")
    for step in (*part.steps, *part.suite):
        events = tuple(_events(step.run))
        own = any(isinstance(e, shell.Function) and e.name == part.program for e in events)
        alias = re.search(rf"\balias\s[^\n]*{name}=", step.run)
        if own or alias or made.search(step.run):
            message = (
                f'the step "{step.name}" makes a {part.program} of its own, which the suite\'s'
            )
            yield part.ci.there(line_of(step, "run"), f"{message} step then runs")
    for step in part.suite:
        if "PATH" in step.env or _sets_path(step.run):
            message = f'the step "{step.name}" sets PATH, so that {part.program} may be any program'
            yield part.ci.there(line_of(step, "run"), message)


def _sets_path(script: str) -> bool:
    events = tuple(_events(script))
    given = (one for event in events if isinstance(event, shell.Call) for one in event.given)
    sets = (event for event in events if isinstance(event, shell.Assignment))
    return any(one.name == "PATH" for one in (*given, *sets))


def _events(text: str) -> Iterator[shell.Event]:
    """Yield what a script does; an expression of the workflow is a word like any other."""
    return shell.flat(shell.events([re.sub(r"\$\{\{.*?\}\}", "expression", text)])[0])
