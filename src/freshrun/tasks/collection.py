"""The Invoke collection, and what a command line of it may hold."""

import shlex
from collections.abc import Mapping

from invoke.collection import Collection
from invoke.exceptions import ParseError
from invoke.parser import Parser
from invoke.parser.context import ParserContext

from freshrun.command_line import Form, understood
from freshrun.model import FreshrunError
from freshrun.rehearsal import TABLE
from freshrun.tasks.failed_runs import prerequisites, record_run, triage
from freshrun.tasks.linting import lint_runbook
from freshrun.tasks.rehearsing import merge, validate_runbook
from freshrun.tasks.surroundings import engine, init, lsp

ns = Collection(
    validate_runbook, merge, lint_runbook, triage, prerequisites, record_run, init, engine, lsp
)
for _each in ns.tasks.values():
    # Invoke would give each option whatever letter is left: `-n` installed an engine.
    _each.auto_shortflags = False


def forms() -> Mapping[str, Form]:
    """Return what each task takes, by its name and its aliases."""
    made = {one: _form(one) for one in _contexts()}
    names = {name: form for one, form in made.items() for name in (one.name, *one.aliases)}
    return {str(name): form for name, form in sorted(names.items(), key=str)}


def _contexts() -> list[ParserContext]:
    """Return what invoke's parser knows of each task; invoke takes the help off as it does so."""
    told = {name: dict(one.help) for name, one in ns.tasks.items()}
    made = list(ns.to_contexts())
    for name, one in ns.tasks.items():
        one.help = told[name]
    return made


def _form(context: ParserContext) -> Form:
    args = context.args
    words = next((f"--{name}" for name in ("runbook", "folder") if name in args), "")
    return Form(
        str(context.name),
        {
            **{flag: bool(one.takes_value) for flag, one in context.flags.items()},
            **dict.fromkeys(context.inverse_flags, False),
        },
        words=words,
        several=bool(words) and args[words[2:]].kind is list,
        needed=tuple(str(one.names[0]).upper() for one in context.positional_args),
        folders=context.name == "lint",
    )


def refusal(command: str) -> str:
    """Return why a command line of ours can't be followed, empty where it can; it runs nothing."""
    try:
        program, *typed = shlex.split(command)
        taken = understood(typed, forms()) if program == "freshrun" else typed
        if taken[:1] and taken[0].startswith("--"):  # one of the program's own
            return ""
        called = Parser(contexts=_contexts()).parse_argv([*taken])
    except (ParseError, FreshrunError, ValueError) as error:
        return str(error)
    words = {row.field: row.words for row in TABLE}
    for argument in (one for each in called for one in each.args.values()):
        known = words.get(str(argument.name))
        if argument.value and known and argument.value not in known:
            return f"--{argument.name} {argument.value}: {' or '.join(known)} is right"
    return "" if called else "no task is named"
