"""The tasks that rehearse documents: one, many, a part of them, and what all parts found."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from inspect import Parameter
from pathlib import Path
from typing import ParamSpec

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from freshrun.fleet import Begun, Unit, asked_shard, asked_workers, units_of
from freshrun.host import broken_code, interruptible, interruption
from freshrun.model import FreshrunError
from freshrun.rehearsal import TABLE, Project, announce, chosen, project_of, refuse, signature
from freshrun.tasks.documents import HELP, RUNBOOKS, all_named
from freshrun.tasks.elsewhere import PLACES, PLAIN_TCP, cluster_of
from freshrun.tasks.forewarning import forewarn
from freshrun.tasks.saying import BROKEN, one_line_errors

_FLEET = {
    "workers": "rehearse so many documents at a time; as many as there is room for unless given",
    "shard": "rehearse one part of the documents, such as 1/4; `freshrun merge` joins the records",
    "earlier": "a folder with earlier records: what took longest is begun first",
}
_WATCH = "lint and rehearse anew at each save, until Ctrl-C"
_NONE: list[str] = []

_P = ParamSpec("_P")


def _with_options(body: Callable[_P, None]) -> Callable[_P, None]:
    """Give a task the rows of the table: invoke makes its options from the signature."""
    context = Parameter("context", Parameter.POSITIONAL_ONLY)
    runbook = Parameter("runbook", Parameter.KEYWORD_ONLY, default=_NONE)
    texts = (name.replace("-", "_") for name in (*_FLEET, *PLACES))
    fleet = (Parameter(name, Parameter.KEYWORD_ONLY, default="") for name in texts)
    switches = ("plain_tcp", "watch")
    own = (Parameter(name, Parameter.KEYWORD_ONLY, default=False) for name in switches)
    made = signature(context, runbook, *fleet, *own)
    several = {row.field for row in TABLE if row.several}
    rows = made.parameters.values()
    taken = [each.replace(default=_NONE) if each.name in several else each for each in rows]
    vars(body)["__signature__"] = made.replace(parameters=taken)
    return body


@task(
    iterable=["runbook", *(row.field for row in TABLE if row.several)],
    help={
        "runbook": RUNBOOKS,
        **_FLEET,
        **PLACES,
        "plain-tcp": PLAIN_TCP,
        "watch": _WATCH,
        **HELP,
    },
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
    with one_line_errors():
        project, number, part = project_of(Path()), asked_workers(workers), asked_shard(shard)
        cluster = cluster_of(given, workers=number)
    paths, choices = all_named(context, runbook), project.placed(chosen(**given))
    units = units_of(paths, choices, images=image)
    if watch:
        _watched(units, plain=bool(shard or cluster))
    if len(units) == 1 and not shard and cluster is None:
        with _announced(units) as plan:
            forewarn(paths)
            raise Exit(code=_alone(plan[0], project))
    from freshrun import fleet  # noqa: PLC0415 - keeps --list fast

    with one_line_errors():
        seconds = fleet.known_seconds(units, earlier=earlier)
        shards = fleet.split(units, of=part.of, seconds=seconds)
    own = shards[part.number - 1]
    with _announced([unit for unit in units if unit in own]) as plan:
        if shard:
            fleet.leave_manifest(shards, part, begun=plan)
        forewarn(list(dict.fromkeys(unit.document for unit in own)))
        if cluster:
            code = fleet.rehearse_on(cluster, plan, choices, project=project, seconds=seconds)
        else:
            code = fleet.rehearse_each(
                plan, choices, workers=number, project=project, seconds=seconds
            )
        raise Exit(code=code)


def _watched(units: Sequence[Unit], *, plain: bool) -> None:
    """Lint and rehearse documents at each save; Ctrl-C ends it.

    One goes on from a machine that waits for that; several, and parts of them, by the same command
    line again.
    """
    from freshrun.watching import lead_on_save, rehearse_on_save  # noqa: PLC0415 - same

    again = [word for word in sys.argv if word != "--watch"]
    with one_line_errors():
        try:
            if len(units) == 1 and not plain:
                lead_on_save(units[0].document, units[0].choices)
            rehearse_on_save(list(dict.fromkeys(one.document for one in units)), again)
        except KeyboardInterrupt:
            raise Exit("", broken_code()) from None


@task(
    iterable=["folder"],
    help={
        "folder": "where the records of shards are, at any depth; may be given several times",
        "junit": HELP["junit"],
        "html": "write a page over all, and one of each record beside it",
    },
)
def merge(
    _context: Context, *, folder: list[str] | None = None, junit: str = "", html: str = ""
) -> None:
    """Join the records of all shards of a run into one verdict; what is missing is broken."""
    from freshrun import fleet  # noqa: PLC0415 - keeps --list fast

    if not folder:
        raise Exit("no folder is named; for example: freshrun merge records/", BROKEN)
    with one_line_errors():
        raise Exit(code=fleet.merge(folder, chosen(junit=junit, html=html)))


def _alone(one: Begun, project: Project) -> int:
    """Rehearse the only unit of a run in this process, and show it as it goes on."""
    from freshrun.plugin.alone import rehearse_alone  # noqa: PLC0415 - keeps --list fast
    from freshrun.plugin.preparing import report_files  # noqa: PLC0415 - same

    document, choices = one.unit.document, one.unit.choices
    files = report_files(document, choices)
    return rehearse_alone(document, choices, files=files, word=one.word, project=project)


@contextmanager
def _announced(units: Sequence[Unit]) -> Iterator[list[Begun]]:
    """Leave word that runs begin before anything slow is loaded; say there what stops them."""
    with interruptible(), one_line_errors():
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
