"""A rehearsal as a call from Python: a document in, its record out."""

from collections.abc import Callable
from contextlib import redirect_stdout
from inspect import Parameter
from io import StringIO
from pathlib import Path
from typing import Concatenate, ParamSpec

from freshrun.host import interruption
from freshrun.model import Record
from freshrun.plugin.alone import rehearsed
from freshrun.plugin.closing import ReportFiles
from freshrun.plugin.preparing import prepared
from freshrun.rehearsal import Choices, signature

_P = ParamSpec("_P")


def _recorded(path: str | Path, choices: Choices) -> Record:
    """Rehearse a runbook in a fresh machine of its own, judge its checklist, return the record.

    Engine, image and machine are opened and ended here. Each option of the command line is a
    keyword argument of the same name, with `_` for `-`: `rehearse("README.md", keep_going=True)`.
    Nothing is printed, and no record, page or JUnit report is written but where `json`, `html`
    and `junit` say.

    Whatever the document does is in the record: ask for its `verdict`. So is a harness that could
    not go on: the verdict is `Status.BROKEN` then, and `fault` says why. Raises `FreshrunError`
    for a document or an option that can't be read: nothing was begun.
    """
    wanted = (choices.json, choices.html, choices.junit)
    record, page, junit = (Path(place) if place else None for place in wanted)
    files = ReportFiles(record, page, junit=junit)
    one = prepared(str(path), choices, files=files, dashes="")
    with redirect_stdout(StringIO()):
        rehearsed(one)
    if one.run.draft.fault == interruption():
        raise KeyboardInterrupt(one.run.draft.fault)
    return one.run.draft.record


def _taking(
    choices: Callable[_P, Choices], then: Callable[[str | Path, Choices], Record]
) -> Callable[Concatenate[str | Path, _P], Record]:
    """Return a function that takes a path, and by keyword what makes the choices."""

    def rehearse(path: str | Path, /, *none: _P.args, **options: _P.kwargs) -> Record:
        return then(path, choices(*none, **options))

    rehearse.__doc__ = then.__doc__
    vars(rehearse)["__signature__"] = signature(Parameter("path", Parameter.POSITIONAL_ONLY))
    return rehearse


rehearse = _taking(Choices, _recorded)
