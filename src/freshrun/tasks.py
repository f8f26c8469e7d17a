"""The tasks that `invoke` and the program `freshrun` expose.

Another project's `tasks.py` needs one line: `from freshrun.tasks import ns`.
"""

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from inspect import Parameter
from pathlib import Path
from typing import ParamSpec

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit, ParseError
from invoke.parser import Parser
from invoke.parser.context import ParserContext
from invoke.program import Program
from invoke.tasks import Task, task

from freshrun.command_line import REHEARSE, Form, candidates, understood
from freshrun.fleet import Begun, Unit, asked_shard, asked_workers, units_of
from freshrun.host import broken_code, interrupted, interruptible, interruption
from freshrun.model import FreshrunError, internal
from freshrun.rehearsal import (
    TABLE,
    Project,
    announce,
    chosen,
    project_of,
    refuse,
    signature,
)

_BROKEN = 2
_HELP = {row.name: row.help for row in TABLE}
_RUNBOOK = "the Markdown file; the one that the project's settings name unless given"
_RUNBOOKS = f"{_RUNBOOK}; may be given several times"
_FLEET = {
    "workers": "rehearse so many documents at a time; as many as there is room for unless given",
    "shard": "rehearse one part of the documents, such as 1/4; `freshrun merge` joins the records",
    "earlier": "a folder with earlier records: what took longest is begun first",
}
_WATCH = "lint and rehearse anew at each save, until Ctrl-C"
_NONE: list[str] = []
_SYSTEM_HELP = (
    ("-h, --help", "Show this, or the help of a task: freshrun TASK --help."),
    ("-V, --version", "Show the version."),
    ("--print-completion-script=SHELL", "Print what makes bash, zsh or fish complete it."),
)

_P = ParamSpec("_P")


def _with_options(body: Callable[_P, None]) -> Callable[_P, None]:
    """Give a task the rows of the table: invoke makes its options from the signature."""
    context = Parameter("context", Parameter.POSITIONAL_ONLY)
    runbook = Parameter("runbook", Parameter.KEYWORD_ONLY, default=_NONE)
    fleet = (Parameter(name, Parameter.KEYWORD_ONLY, default="") for name in _FLEET)
    watched = Parameter("watch", Parameter.KEYWORD_ONLY, default=False)
    made = signature(context, runbook, *fleet, watched)
    several = {row.field for row in TABLE if row.several}
    rows = made.parameters.values()
    taken = [each.replace(default=_NONE) if each.name in several else each for each in rows]
    vars(body)["__signature__"] = made.replace(parameters=taken)
    return body


@task(
    iterable=["runbook", *(row.field for row in TABLE if row.several)],
    help={"runbook": _RUNBOOKS, **_FLEET, "watch": _WATCH, **_HELP},
)
@_with_options
def validate_runbook(  # noqa: PLR0913 - one parameter for each option of the command line
    context: Context,
    *,
    runbook: list[str],
    image: list[str],
    workers: str,
    shard: str,
    earlier: str,
    watch: bool,
    **given: str | bool,
) -> None:
    """Rehearse runbooks in fresh containers and judge their checklists."""
    if watch:
        _watched(_all_named(context, runbook))
    with _one_line_errors():
        project, number, part = project_of(Path()), asked_workers(workers), asked_shard(shard)
    paths, choices = _all_named(context, runbook), project.placed(chosen(**given))
    units = units_of(paths, choices, images=image)
    if len(units) == 1 and not shard:
        with _announced(units) as plan:
            _forewarn(paths)
            raise Exit(code=_alone(plan[0], project))
    from freshrun import fleet  # noqa: PLC0415 - keeps --list fast

    with _one_line_errors():
        seconds = fleet.known_seconds(units, earlier=earlier)
        shards = fleet.split(units, of=part.of, seconds=seconds)
    own = shards[part.number - 1]
    with _announced([unit for unit in units if unit in own]) as plan:
        if shard:
            fleet.leave_manifest(shards, part, begun=plan)
        _forewarn(list(dict.fromkeys(unit.document for unit in own)))
        raise Exit(
            code=fleet.rehearse_each(
                plan, choices, workers=number, project=project, seconds=seconds
            )
        )


def _watched(documents: Sequence[str]) -> None:
    """Lint and rehearse documents at each save, by the same command line; Ctrl-C ends it."""
    from freshrun.watching import rehearse_on_save  # noqa: PLC0415 - keeps --list fast

    again = [word for word in sys.argv if word != "--watch"]
    with _one_line_errors():
        try:
            rehearse_on_save(documents, again)
        except KeyboardInterrupt:
            raise Exit("", broken_code()) from None


@task(
    iterable=["folder"],
    help={
        "folder": "where the records of shards are, at any depth; may be given several times",
        "junit": _HELP["junit"],
        "html": "write a page over all, and one of each record beside it",
    },
)
def merge(
    _context: Context, *, folder: list[str] | None = None, junit: str = "", html: str = ""
) -> None:
    """Join the records of all shards of a run into one verdict; what is missing is broken."""
    from freshrun import fleet  # noqa: PLC0415 - keeps --list fast

    if not folder:
        raise Exit("no folder is named; for example: freshrun merge records/", _BROKEN)
    with _one_line_errors():
        raise Exit(code=fleet.merge(folder, chosen(junit=junit, html=html)))


def _alone(one: Begun, project: Project) -> int:
    """Rehearse the only unit of a run in this process, and show it as it goes on."""
    from freshrun.plugin.alone import rehearse_alone  # noqa: PLC0415 - keeps --list fast
    from freshrun.plugin.preparing import report_files  # noqa: PLC0415 - same

    document, choices = one.unit.document, one.unit.choices
    files = report_files(document, choices)
    return rehearse_alone(document, choices, files=files, word=one.word, project=project)


@task(
    name="lint",
    aliases=["lint-runbook"],
    iterable=["runbook"],
    help={
        "runbook": _RUNBOOKS,
        "select": "find what these rules find alone, as a list with commas; docs/lint.md has them",
        "ignore": "leave out what these rules find",
        "format": "text, json, sarif or github",
        "diff": "show what --fix would change, and change nothing",
        "fix": "mend what has one answer, and show the difference",
    },
)
def lint_runbook(  # noqa: PLR0913 - one parameter for each option of the command line
    context: Context,
    *,
    runbook: list[str] | None = None,
    select: str = "",
    ignore: str = "",
    format: str = "text",  # noqa: A002 - the word of the command line
    diff: bool = False,
    fix: bool = False,
) -> None:
    """Find what is wrong with a runbook as it stands; that needs no container."""
    from freshrun.lint import chosen as rules  # noqa: PLC0415 - keeps --list fast
    from freshrun.lint import lint_files, mend  # noqa: PLC0415 - same
    from freshrun.report import findings  # noqa: PLC0415 - same

    with _one_line_errors():
        wanted = rules(select=_listed(select), ignore=_listed(ignore))
        found = list(lint_files(_all_named(context, runbook or (), behind="lint "), rules=wanted))
        for change in (each.change for each in found if diff or fix):
            _say(change.rstrip("\n"))
        if fix:
            found = [mend(each, rules=wanted) if each.change else each for each in found]
        flaws = [flaw for each in found for flaw in each.flaws]
        told = findings(flaws, form=format)
    if told:
        _say(told)
    others = sum(each.elsewhere for each in found)
    say = _say if format == "text" else _tell
    count = f"{len(flaws)} finding{'' if len(flaws) == 1 else 's'}"
    say(f"{count}; {others} links to other places were not followed")
    raise Exit(code=1 if flaws else 0)


_FOREWARNED = 10
"""Findings that are told in front of a rehearsal; lint itself tells all."""


def _forewarn(paths: Sequence[str]) -> None:
    """Tell, before anything is run, what can't work as it stands; that stops nothing."""
    from freshrun.lint import Severity, lint_files  # noqa: PLC0415 - keeps --list fast
    from freshrun.report import findings  # noqa: PLC0415 - same

    flaws = []
    with suppress(Exception):  # whatever is wrong with the documents, or with lint, the run says it
        for each in lint_files(paths):
            errors = (flaw for flaw in each.flaws if flaw.of.severity is Severity.ERROR)
            flaws += [flaw for flaw in errors if flaw.rule != "unreadable"]  # the run says that
    if flaws:
        _tell(findings(flaws[:_FOREWARNED], form="text"))
    if more := len(flaws[_FOREWARNED:]):
        _tell(f"and {more} more: freshrun lint {shlex.join(paths)}")


def _listed(words: str) -> list[str]:
    return [word for word in words.replace(",", " ").split() if word]


@task(help={"runbook": _RUNBOOK})
def prerequisites(context: Context, *, runbook: str = "") -> None:
    """Confirm what a runbook rests on, on this machine; say what to file for what is missing."""
    from freshrun.checklist import present_gate  # noqa: PLC0415 - keeps --list fast
    from freshrun.document import read  # noqa: PLC0415 - same

    with _one_line_errors():
        gate = present_gate(read(_named(context, runbook)))
    for line in gate.lines:
        _say(line)
    raise Exit(code=gate.exit_code)


@task(
    positional=["run_id"],
    iterable=["beside", "local", "log", "green"],
    help={
        "run-id": "the number of the run",
        "R": "OWNER/REPO; where gh would look, unless given",
        "to": "the folder; runbook/recordings/RUN_ID unless given",
        "beside": "a neighbouring run that `gh run list` has to show, too",
        "local": "ARTIFACT=FOLDER with a local run's outputs, instead of a run on GitHub",
        "log": "ARTIFACT=FILE with what the job of a local run printed",
        "green": "an artifact whose local job passed",
        "workflow": "the workflow file whose run a local one stands for",
        "commit": "the commit of a local run",
    },
)
def record_run(  # noqa: PLR0913 - one parameter for each option of the command line
    _context: Context,
    run_id: str,
    *,
    R: str = "",  # noqa: N803 - gh's own name for it
    to: str = "",
    beside: list[str] | None = None,
    local: list[str] | None = None,
    log: list[str] | None = None,
    green: list[str] | None = None,
    workflow: str = "",
    commit: str = "",
) -> None:
    """Record a workflow run for `github:`, from GitHub or from a local failing run."""
    from freshrun.github import LocalRun, outputs, record_local  # noqa: PLC0415 - keeps --list fast
    from freshrun.github import record_run as record  # noqa: PLC0415 - same

    numbers = [run_id, *(beside or ())]
    for number in numbers:
        if not number.isdecimal():
            raise Exit(f'"{number}" is no run; write its number, as in its address', _BROKEN)
    folder = Path(to or f"runbook/recordings/{run_id}")
    with _one_line_errors():
        if local:
            made = outputs(local, logs=log or (), passed=green or ())
            run = LocalRun(
                run_id=int(run_id),
                repository=R,
                workflow=Path(workflow),
                outputs=made,
                commit=commit,
            )
            recording = record_local(run, to=folder)
        else:
            recording = record([int(number) for number in numbers], to=folder, repository=R)
        _say(f"{folder}: {recording.origin}")


@task(
    help={
        "run": "a run's number or URL; the newest failed run of the workflow unless given",
        "artifacts": "a folder with a run's artifacts, in place of a download",
        "runbook": _RUNBOOK,
        "github": _HELP["github"],
    }
)
def triage(
    context: Context, *, run: str = "", artifacts: str = "", runbook: str = "", github: str = ""
) -> None:
    """Say whose a failed run is and what to keep, and print the commands that file its bead."""
    from freshrun.document import read  # noqa: PLC0415 - same
    from freshrun.report import triage_text  # noqa: PLC0415 - same
    from freshrun.triage import (  # noqa: PLC0415 - keeps --list fast
        fetched,
        kept,
        ownership,
        triaged,
    )

    if artifacts and (run or github):
        raise Exit("--artifacts is a run of its own; leave --run and --github out", _BROKEN)
    recording = None if github in {"", "live"} else Path(github)
    with _one_line_errors():
        document = read(_named(context, runbook))
        found = (
            kept(document, Path(artifacts))
            if artifacts
            else fetched(document, run, recording=recording, tell=_tell)
        )
        told = triaged(document, found, files=ownership(document))
    _say(triage_text(told))
    raise Exit(code=int(bool(told.findings or told.damage or told.unnamed)))


@task(help={"folder": "the root of a git repository; here unless given"})
def init(_context: Context, *, folder: str = ".") -> None:
    """Write a starter runbook with its checklist and workflow; overwrite nothing."""
    from freshrun.scaffold import next_steps, scaffold  # noqa: PLC0415 - keeps --list fast

    with _one_line_errors():
        written = scaffold(Path(folder))
    _say("\n".join((*(f"written: {path}" for path in written), "", next_steps())))


@task(
    help={
        "install-engine": _HELP["install-engine"],
        "keep-engine": _HELP["keep-engine"],
        "stop": "stop the private container engine that was left running",
        "prune": "remove every image that freshrun made, and what killed runs left",
    }
)
def engine(
    _context: Context,
    *,
    install_engine: bool = False,
    keep_engine: bool = False,
    stop: bool = False,
    prune: bool = False,
) -> None:
    """Show the container engine that a run would use, tidy it up, or stop freshrun's own."""
    from freshrun.machine import open_engine, stop_private  # noqa: PLC0415 - keeps --list fast
    from freshrun.rehearsal import tidied  # noqa: PLC0415 - same

    with _one_line_errors():
        if stop:
            _say("stopped" if stop_private() else "no private engine was running")
            return
        with open_engine(install=install_engine, keep=keep_engine) as found:
            _say(f"{found.name} {found.version} at {found.url}")
            if prune:
                _say(tidied(found))


@task
def lsp(_context: Context) -> None:
    """Serve an editor, on standard input and output: lint while one writes, and the last run."""
    try:
        from freshrun.editor import serve  # noqa: PLC0415 - keeps --list fast
    except ModuleNotFoundError as error:
        right = "pip install 'freshrun[lsp]'"
        raise Exit(f"{error.name} is not installed, which editors need: {right}", _BROKEN) from None
    serve()


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


def _named(context: Context, runbook: str) -> str:
    """Return the runbook that is asked for, or the one that the project's settings name."""
    return _all_named(context, [runbook] if runbook else (), behind="TASK ")[0]


def _all_named(context: Context, runbooks: Sequence[str], *, behind: str = "") -> list[str]:
    """Return the runbooks that are asked for, or those that the project's settings name."""
    with _one_line_errors():
        named = [*runbooks] or [*project_of(Path()).runbooks]
    named = named or [str(context.config.get("freshrun", {}).get("runbook", ""))]
    if not all(named):
        right = f"freshrun {behind}README.md, or --runbook README.md"
        raise Exit(f"no document is named; for example: {right}", _BROKEN)
    return list(dict.fromkeys(named))


@contextmanager
def _announced(units: Sequence[Unit]) -> Iterator[list[Begun]]:
    """Leave word that runs begin before anything slow is loaded; say there what stops them."""
    with interruptible(), _one_line_errors():
        plan = [Begun(one, announce(Path(one.choices.json), one.document)) for one in units]
        try:
            yield plan
        except KeyboardInterrupt:
            _refuse(plan, why=interruption())
            raise Exit(interruption(), broken_code()) from None
        except FreshrunError as error:
            _refuse(plan, why=str(error))
            raise


def _refuse(plan: Sequence[Begun], *, why: str) -> None:
    for one in plan:
        refuse(Path(one.unit.choices.json), one.word, why=why)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except FreshrunError as error:
        raise Exit(str(error), _BROKEN) from None


ns = Collection(
    validate_runbook, merge, lint_runbook, triage, prerequisites, record_run, init, engine, lsp
)
for _each in ns.tasks.values():
    # Invoke would give each option whatever letter is left: `-n` installed an engine.
    _each.auto_shortflags = False


class FrontDoor(Program):
    """The program: invoke's, with files as its first words and without invoke's own options."""

    def run(self, argv: list[str] | None = None, exit: bool = True) -> None:  # noqa: A002, FBT001, FBT002 - invoke's own
        """Run; whatever is raised is one line, and no verdict on a runbook.

        A reader of the output that has seen enough, such as `head`, is no error of ours.
        """
        with interruptible():
            try:
                super().run(argv, exit)
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                sys.exit(_BROKEN)
            except SystemExit as ended:
                # invoke ends with 1 after Ctrl-C, which says that the runbook failed.
                sys.exit(broken_code() if interrupted() and ended.code == 1 else ended.code)
            except Exception as error:  # noqa: BLE001 - it is told, in one line
                _tell(str(internal(error)))
                sys.exit(_BROKEN)

    def parse_core(self, argv: list[str] | None) -> None:
        """Read the options of the program itself; a wrong one is misuse."""
        with _misuse():
            super().parse_core(argv)

    def parse_tasks(self) -> None:
        """Read the task's options; a wrong one is misuse."""
        with _misuse():
            super().parse_tasks()

    def normalize_argv(self, argv: list[str] | None) -> None:
        """Put the words into the form that invoke reads; or tell a shell what may come next."""
        super().normalize_argv(argv)
        program, *typed = self.argv
        if typed[:1] == ["--complete"]:
            _say("\n".join(candidates(typed[3:], forms())))  # behind `--` and our own name
            raise Exit
        with _one_line_errors():
            self.argv = [program, *understood(typed, forms())]

    def print_help(self) -> None:
        """Print what is tried first, the tasks, and the few options of the program itself."""
        _say("Usage: freshrun FILE... [options]     rehearse documents in a fresh container")
        _say("       freshrun TASK [options]        one of the tasks below\n\nTasks:\n")
        self.print_columns([(name, _first_sentence(one)) for name, one in _tasks()])
        _say("Options:\n")
        self.print_columns(_SYSTEM_HELP)
        _say(f"The options of a rehearsal: freshrun {REHEARSE} --help")

    def print_task_help(self, name: str) -> None:
        """Print what a task is for, and its options."""
        form = forms()[name]
        needed = " ".join(form.needed) or (form.words[2:].upper() + "..." * form.several)
        options = self.parser.contexts[name].help_tuples()
        words = ("Usage: freshrun", form.name, "[options]" if options else "", needed)
        _say(" ".join(word for word in words if word))
        _say(f"\n{_first_sentence(dict(_tasks())[form.name])}\n")
        if options:
            _say("Options:\n")
            self.print_columns(options)


def _tasks() -> Iterator[tuple[str, Task[Callable[[Context], None]]]]:
    yield from sorted(ns.tasks.items())


def _first_sentence(one: Task[Callable[[Context], None]]) -> str:
    return str(one.__doc__ or "").partition("\n")[0]


@contextmanager
def _misuse() -> Iterator[None]:
    """End with 2 for a wrong option: 1 says that a runbook failed."""
    try:
        yield
    except ParseError as error:
        raise Exit(str(error), _BROKEN) from None


program = FrontDoor(name="freshrun", version=version("freshrun"), namespace=ns)
