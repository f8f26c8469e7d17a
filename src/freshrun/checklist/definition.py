"""Where a command of the runbook is defined: a link, the file in the repository, what is in it."""

import ast
import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath

from freshrun.checklist.contract import contract_of
from freshrun.checklist.readers import text_of
from freshrun.checklist.sources import linked
from freshrun.model import Runbook, did_you_mean


def undefined(runbook: Runbook, cell: str, *, program: str, sources: Mapping[str, bytes]) -> str:
    """Return why the file that a cell links does not define a program; empty where it does.

    Where a `pyproject.toml` above the file declares the program as a script, the file has to be the
    module that is named there, with the function in it. Any other file is taken at its word.
    `sources` are the files of the repository, by path.
    """
    path = linked(runbook, cell, files=sources)
    if not path:
        return f'is "{cell}"; a link to a file of the repository is right'
    if path not in sources:
        return f"links {path}, which is not in the repository{did_you_mean(path, sources)}"
    for folder in PurePosixPath(path).parents:
        project = sources.get(str(folder / "pyproject.toml"), b"")
        if target := _script(project, program):
            fault = _fault(path, text_of(sources[path]), target=target)
            return f"links {path}: {fault}" if fault else ""
    return ""


_PROJECTS = ("pyproject.toml", "package.json", "Cargo.toml", "go.mod", "pom.xml", "Gemfile")
"""The files that tell where a program's own folder is."""


def program_folders(runbook: Runbook, *, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the folders of the programs that the table `Entrypoints` defines, each once.

    A program's folder is the nearest one above the file of `Defined in` that holds a project; in a
    repository that is the project itself, it is the first folder of that file's path.
    """
    rows = contract_of(runbook).variables.rows
    paths = dict.fromkeys(linked(runbook, row.defined_in, files=files) for row in rows)
    return tuple(dict.fromkeys(_folder(path, files) for path in paths if path in files))


def _folder(path: str, files: Mapping[str, bytes]) -> str:
    *parents, _ = (str(folder) for folder in PurePosixPath(path).parents)
    holding = (one for one in parents if any(f"{one}/{name}" in files for name in _PROJECTS))
    return next(holding, PurePosixPath(path).parts[0])


def _script(project: bytes, program: str) -> str:
    """Return what a project runs for a program, as `module:function`; empty if it names none."""
    try:
        document: object = tomllib.loads(text_of(project))
    except tomllib.TOMLDecodeError:
        return ""
    for key in ("project", "scripts", program):
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, str) else ""


def _fault(path: str, source: str, *, target: str) -> str:
    module, _, function = target.partition(":")
    file = module.replace(".", "/")
    if not f"/{path}".endswith((f"/{file}.py", f"/{file}/__init__.py")):
        return f"pyproject.toml names {target}, in {file}.py"
    try:
        nodes = ast.parse(source).body
    except SyntaxError as error:
        return f"it is no Python: line {error.lineno}"
    defined = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    name = function.partition(".")[0]
    if name and name not in defined:
        return f"it defines no function {name}, which pyproject.toml names"
    return ""
