"""The steps of a workflow that should type an entrypoint, typed with a stand-in for its program."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from freshrun.checklist.ci_workflow import LIKE_NONE, CiWorkflow, line_of
from freshrun.checklist.entrypoints import Entrypoint
from freshrun.checklist.evidence import named
from freshrun.checklist.paths import checkout
from freshrun.checklist.trial import in_subshell, retyped
from freshrun.github import Step
from freshrun.model import Finding

_SHELLS = {
    "": "bash -e",
    "bash": "bash --noprofile --norc -e -o pipefail",
    "sh": "sh -e",
}
"""How GitHub calls the shell of a step, by its `shell:`."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A step as it ran with a stand-in for the entrypoint's program.

    `calls` are the words that the stand-in was called with, `red` and `green` the exit status of
    the step where the program ended with 1 and with 0, `folder` is where the last call stood, and
    `variables` are the names of what it was given.
    """

    calls: tuple[tuple[str, ...], ...]
    variables: frozenset[str]
    red: int | None
    green: int | None
    folder: str


def suite_steps(ci: CiWorkflow) -> Iterator[Finding]:
    """Type the step of each job that should run an entrypoint."""
    for job, upload in ci.uploading:
        entry = ci.entry(upload.uploads)
        if entry is None:
            message = f"{upload.uploads} is named after no entrypoint of the runbook"
            yield ci.there(line_of(upload, "name"), message)
            continue
        program = shlex.split(entry.command)[0]
        steps = [one for one in job.steps if names_program(program, one.run)]
        told = [(step, tuple(_step_faults(ci, step, entry=entry, upload=upload))) for step in steps]
        if not steps:
            message = f"no step of the job {job.name} runs `{entry.command}`"
            yield ci.there(job.line, f"{message}, whose outputs {upload.uploads} should hold")
        elif all(faults for _, faults in told):
            step, faults = told[0]
            yield from (ci.there(step.lines.get("run", step.line), fault) for fault in faults)


def names_program(program: str, script: str) -> bool:
    """Tell whether a step's script calls a program."""
    return re.search(rf"(?<![\w-]){re.escape(program)}(?![\w-])", script) is not None


def _step_faults(ci: CiWorkflow, step: Step, *, entry: Entrypoint, upload: Step) -> Iterator[str]:
    what = f'the step "{step.name}"'
    if step.tolerated:
        yield f"{what} may fail and its job is green; drop continue-on-error"
    if step.condition not in LIKE_NONE:
        yield f"{what} runs only if {step.condition}; no condition is right"
    if step.line > upload.line:
        yield f"{what} runs after its outputs were uploaded (line {upload.line})"
    if step.shell not in _SHELLS:
        yield f'{what} is run by "{step.shell}"; bash is right'
        return
    program, *words = shlex.split(entry.command)
    ran = _rehearsed(ci, step, program=program)
    if tuple(words) not in ran.calls:
        called = " or ".join(f"`{shlex.join((program, *call))}`" for call in ran.calls)
        yield f"{what} never runs `{entry.command}`; it runs {called or f'no {program} at all'}"
    elif not ran.red:
        yield f"{what} ends with 0 where `{entry.command}` ends with 1, so a red suite is green"
    elif (place := _typed_in(ci, entry)) and ran.folder != place:
        root = f"{checkout(ci.runbook, home=ci.sandbox.machine.home)}/"
        here, right = (one.removeprefix(root) for one in (ran.folder, place))
        yield f"{what} runs `{entry.command}` in {here}; the runbook does in {right}"
    elif lost := sorted(_required(ci) & step.env.keys() - ran.variables):
        yield f"{what} runs `{entry.command}` without {', '.join(lost)}, which it sets"
    elif ran.green:
        yield f"{what} ends with {ran.green} where `{entry.command}` ends with 0"


def _required(ci: CiWorkflow) -> set[str]:
    return {name for row in ci.contract.variables.rows for name in row.required}


def _typed_in(ci: CiWorkflow, entry: Entrypoint) -> str:
    """Return the folder in which the runbook typed an entrypoint, empty where that is not known."""
    ran = named(ci.record, entry.name) if ci.record else ()
    return next((one.cwd for one in ran if one.command.text == entry.command), "") or ""


_STUB = """#!/bin/sh
pwd > "$CI_CALLS.folder"
env > "$CI_CALLS.variables"
printf '%s\\n' "$#" "$@" >> "$CI_CALLS"
exit "$CI_STATUS"
"""


def _rehearsed(ci: CiWorkflow, step: Step, *, program: str) -> Rehearsed:
    """Type a step as GitHub does, once with a program that fails and once with one that doesn't."""
    machine, like = ci.sandbox.machine, ci.runbook.commands[-1]
    home = f"{machine.home}/workflow/{step.line}"
    text = re.sub(r"\$\{\{.*?\}\}", "expression", step.run)
    machine.write_tree({f"bin/{program}": _STUB.encode(), "step": text.encode()}, folder=home)
    folder = f"{checkout(ci.runbook, home=machine.home)}/{step.folder}".rstrip("/")
    codes: list[int | None] = []
    for status in (1, 0):
        env = {name: re.sub(r"\$\{\{.*?\}\}", "expression", v) for name, v in step.env.items()}
        env |= {"CI_STATUS": str(status), "CI_CALLS": f"{home}/calls"}
        typed = f"rm -f {shlex.quote(home)}/calls && chmod +x {shlex.quote(home)}/bin/* &&"
        typed += f" PATH={shlex.quote(home)}/bin:$PATH"
        typed += " " + f"{_SHELLS[step.shell]} {shlex.quote(home)}/step"
        outcome = ci.sandbox.shell.type(
            in_subshell(retyped(like, text=typed), folder=folder, env=env)
        )
        codes.append(outcome.exit_code)
    stood = (machine.read(f"{home}/calls.folder") or b"").decode(errors="replace").strip()
    calls = tuple(_calls(machine.read(f"{home}/calls") or b""))
    given = (machine.read(f"{home}/calls.variables") or b"").decode(errors="replace")
    names = frozenset(line.partition("=")[0] for line in given.splitlines())
    return Rehearsed(calls, names, red=codes[0], green=codes[1], folder=stood)


def _calls(journal: bytes) -> Iterator[tuple[str, ...]]:
    lines = journal.decode(errors="replace").splitlines()
    while lines:
        count, *lines = lines
        yield tuple(lines[: int(count)])
        lines = lines[int(count) :]
