"""The tasks that `invoke` and the program `freshrun` expose.

Another project's `tasks.py` needs one line: `from freshrun.tasks import ns`.
"""

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from inspect import Parameter
from pathlib import Path
from typing import ParamSpec

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit, ParseError
from invoke.parser import Parser
from invoke.program import Program
from invoke.tasks import task

from freshrun.host import interrupted, interruptible, interruption
from freshrun.model import FreshrunError, Record, did_you_mean, internal
from freshrun.rehearsal import RECORD, TABLE, announce, chosen, refuse, signature

_BROKEN = 2
_HELP = {row.name: row.help for row in TABLE}
_RUNBOOK = "the Markdown file; invoke's setting freshrun.runbook unless given"

_P = ParamSpec("_P")


def _with_options(body: Callable[_P, None]) -> Callable[_P, None]:
    """Give a task the rows of the table: invoke makes its options from the signature."""
    context = Parameter("context", Parameter.POSITIONAL_ONLY)
    runbook = Parameter("runbook", Parameter.KEYWORD_ONLY, default="")
    vars(body)["__signature__"] = signature(context, runbook)
    return body


@task(help={"runbook": _RUNBOOK, **_HELP})
@_with_options
def validate_runbook(context: Context, *, runbook: str, **given: str | bool) -> None:
    """Rehearse a runbook in a fresh container and judge its checklist."""
    choices, path = chosen(**given), _named(context, runbook)
    with _announced(choices.json or RECORD, path) as word:
        from freshrun.plugin.alone import rehearse_alone  # noqa: PLC0415 - keeps --list fast

        raise Exit(code=rehearse_alone(path, choices, word=word))


@task(help={"runbook": _RUNBOOK})
def lint_runbook(context: Context, *, runbook: str = "") -> None:
    """Find what is wrong with a runbook as it stands; that needs no container."""
    from freshrun.document import (  # noqa: PLC0415 - keeps --list fast
        page,
        read,
    )
    from freshrun.lint import external_links, lint  # noqa: PLC0415 - same

    with _one_line_errors():
        document = read(_named(context, runbook))
        findings = lint(document, Path(document.path).parent)
    for finding in findings:
        _say(str(finding))
    others = len(external_links(page(document.text)))
    _say(f"{len(findings)} findings; {others} links to other places were not followed")
    raise Exit(code=1 if findings else 0)


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


def refusal(command: str) -> str:
    """Return why a command line of ours can't be followed, empty where it can; it runs nothing."""
    try:
        called = Parser(contexts=ns.to_contexts()).parse_argv(shlex.split(command)[1:])
    except (ParseError, ValueError) as error:
        return str(error)
    words = {row.field: row.words for row in TABLE}
    for argument in (one for each in called for one in each.args.values()):
        known = words.get(str(argument.name))
        if argument.value and known and argument.value not in known:
            return f"--{argument.name} {argument.value}: {' or '.join(known)} is right"
    return "" if called else "no task is named"


def _named(context: Context, runbook: str) -> str:
    """Return the runbook that is asked for, or the one that the project's settings name."""
    path = runbook or str(context.config.get("freshrun", {}).get("runbook", ""))
    if not path:
        raise Exit("no runbook named; add --runbook PATH, for example --runbook README.md", _BROKEN)
    return path


@contextmanager
def _announced(place: str, runbook: str) -> Iterator[Record]:
    """Leave word that a run begins before anything slow is loaded; say there what stops it."""
    with interruptible(), _one_line_errors():
        word = announce(Path(place), runbook)
        try:
            yield word
        except KeyboardInterrupt:
            refuse(Path(place), word, why=interruption())
            raise Exit(interruption(), _BROKEN) from None
        except FreshrunError as error:
            refuse(Path(place), word, why=str(error))
            raise


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


ns = Collection(validate_runbook, lint_runbook, triage, prerequisites, record_run, init, engine)
for _each in ns.tasks.values():
    # Invoke would give each option whatever letter is left: `-n` installed an engine.
    _each.auto_shortflags = False


class FrontDoor(Program):
    """The program; invoke has no optional positional argument, and `init [FOLDER]` is one."""

    def run(self, argv: list[str] | None = None, exit: bool = True) -> None:  # noqa: A002, FBT001, FBT002 - invoke's own
        """Run; a reader of the output that has seen enough, such as `head`, is no error of ours."""
        with interruptible():
            try:
                super().run(argv, exit)
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                sys.exit(_BROKEN)
            except SystemExit as ended:
                # invoke ends with 1 after Ctrl-C, which says that the runbook failed.
                sys.exit(_BROKEN if interrupted() and ended.code == 1 else ended.code)

    def parse_core(self, argv: list[str] | None) -> None:
        """Read the options of the program itself; a wrong one is misuse."""
        with _misuse():
            super().parse_core(argv)

    def parse_tasks(self) -> None:
        """Read the task's options; a wrong one is misuse."""
        with _misuse():
            super().parse_tasks()

    def execute(self) -> None:
        """Run the task; whatever it raises is one line, and no verdict on a runbook."""
        try:
            super().execute()
        except (Exit, BrokenPipeError):
            raise
        except Exception as error:
            raise Exit(str(internal(error)), _BROKEN) from error

    def normalize_argv(self, argv: list[str] | None) -> None:
        """Keep the words as invoke reads them."""
        super().normalize_argv(argv)
        words: list[str] = self.argv
        if words[1:2] == ["init"] and words[2:] and not words[2].startswith("-"):
            self.argv = [*words[:2], "--folder", *words[2:]]


@contextmanager
def _misuse() -> Iterator[None]:
    """End with 2 for a wrong option: 1 says that a runbook failed."""
    try:
        yield
    except ParseError as error:
        raise Exit(_misused(error), _BROKEN) from None


def _misused(error: ParseError) -> str:
    """Return what is wrong with a command line, with the nearest word that would be right."""
    context, said = error.context, str(error)
    task = (context.name or "") if context else ""
    where = f"{task}: " if task else ""
    if lacking := re.fullmatch(r"Flag <Argument: (\w+).*", said):
        return f"{where}--{lacking[1].replace('_', '-')} needs a value"
    unknown = re.fullmatch(r"No idea what (['\"])(?P<word>.*)\1 is!", said, re.DOTALL)
    if not unknown:
        return said
    word = unknown["word"]
    if word.startswith("-"):
        known = {*context.flags, *context.inverse_flags} if context else set()
        hint = did_you_mean(word, known) or f"; `freshrun {where and f'{task} '}--help` lists them"
        return f'{where}unknown option "{word}"{hint}'
    hint = did_you_mean(word, ns.task_names) or "; `freshrun --list` shows the tasks"
    return f'{where}"{word}" is no task, nor the value of an option{hint}'


program = FrontDoor(name="freshrun", version=version("freshrun"), namespace=ns)
