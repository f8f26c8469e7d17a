"""The table `Validation checklist` held against the checks that judged it, and they against it.

A row without a check proves nothing, a check without a row is told to nobody, and a check that is
given no findings, whatever the rehearsal shows, passes for ever.
"""

import ast
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from freshrun.checklist.checklist_table import ITEMS, Promise
from freshrun.checklist.contract import contract_of
from freshrun.checklist.sources import linked
from freshrun.document import Node, entries, items, read_yaml, text
from freshrun.model import Finding, Reading, Runbook, did_you_mean

WORKFLOW = ".github/workflows/nightly.yml"


@dataclass(frozen=True, slots=True)
class Check:
    """One check, as pytest collected it: the item that it judges, and where it stands.

    `judged` is how often it called `judge` on its way to a pass, `None` where it did not pass, was
    left out or was skipped; `skipped` is the reason of the last.
    """

    item: str
    path: str
    function: str
    source: str
    judged: int | None = None
    skipped: str = ""

    @property
    def file(self) -> str:
        """Return its file as a reader finds it from the working directory."""
        return os.path.relpath(self.path)

    @property
    def line(self) -> int:
        """Return the line of its function."""
        body = _function(self)
        return body.lineno if body else 1


def checklist_kept(runbook: Runbook, checks: Sequence[Check]) -> tuple[Finding, ...]:
    """Hold the table against the checks of a rehearsal; none where the document has no such table.

    Every row has a check in the file that it links, which judges the findings of the functions that
    the row names; every check has a row, and none that passed judged nothing.
    """
    if all(section.title != ITEMS for section in runbook.sections):
        return ()
    table = contract_of(runbook).items
    if runbook.settings.checklist is None:
        return (_unnamed(runbook, table),)
    return (
        *table.findings,
        *_twice(runbook, table.rows),
        *_unjudged(runbook, table.rows, checks=checks),
        *_untold(runbook, table, checks=checks),
        *(Finding(one.file, line, message) for one in checks for line, message in _idle(one)),
    )


def nightly(
    runbook: Runbook, *, files: Mapping[str, bytes], workflow: str = WORKFLOW
) -> tuple[Finding, ...]:
    """Hold the table against the repository's `files`: the checks it links, and what runs them.

    The workflow has a schedule, and a step that rehearses.
    """
    table = contract_of(runbook).items
    lost = (
        Finding(
            runbook.path, row.line, f"{row.item}: {file} is not there{did_you_mean(file, files)}"
        )
        for row in table.rows
        for file in (linked(runbook, f"[]({row.file})", files=files) if row.link else row.file,)
        if file not in files
    )
    return (*table.findings, *lost, *_unscheduled(files, workflow=workflow))


def _unscheduled(files: Mapping[str, bytes], *, workflow: str) -> Iterator[Finding]:
    if workflow not in files:
        yield Finding(workflow, 1, f"there is no such workflow{did_you_mean(workflow, files)}")
        return
    tree = read_yaml(files[workflow], path=workflow)
    yield from tree.findings
    if (root := tree.value) is None:
        return
    if not items(root, "on", "schedule"):
        yield Finding(workflow, root.line, 'nothing runs it every night: no "schedule:"')
    steps = [step for job in entries(root, "jobs").values() for step in items(job, "steps")]
    steps = [step for step in steps if "validate-runbook" in text(step, "run")]
    if not steps:
        yield Finding(workflow, root.line, "no step runs validate-runbook")
    faults = [(step.line, _narrowed(step)) for step in steps]
    if all(fault for _, fault in faults):
        yield from (Finding(workflow, line, fault) for line, fault in faults)


_NARROWS = re.compile(r"(?:^|\s)(-k\b\S*|--no-checklist\b|--k\b\S*|--image\b\S*)")
_COUNTS_NOTHING = re.compile(r"\|\||(?<!\|)\|(?!\|)|;|&(?!&)")


def _narrowed(step: Node) -> str:
    """Say why a step that rehearses does not judge each item; empty where it does."""
    _, _, rest = text(step, "run").partition("validate-runbook")
    command = rest.replace("\\\n", " ").partition("\n")[0]
    if narrows := _NARROWS.search(command):
        return f"with {narrows[1]} the step judges only a part of the checklist"
    if (sign := _COUNTS_NOTHING.search(command)) or text(step, "continue-on-error") == "true":
        return f"a failure of the step counts nothing: {sign[0] if sign else 'continue-on-error'}"
    return f"the step runs only if {text(step, 'if')}" if text(step, "if") else ""


# --- rows and checks ---


def _unnamed(runbook: Runbook, table: Reading[Promise]) -> Finding:
    lines = enumerate(runbook.text.split("\n"), start=1)
    line = next((n for n, one in lines if one.startswith("freshrun:")), 1)
    message = f'the front matter names no "checklist:", so nothing judges the {len(table.rows)}'
    return Finding(runbook.path, line, f'{message} items of "{ITEMS}" (line {table.line})')


def _twice(runbook: Runbook, rows: Sequence[Promise]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for row in rows:
        if (other := first.setdefault(row.item, row.line)) != row.line:
            message = f'the item "{row.item}" has a row already, in line {other}'
            yield Finding(runbook.path, row.line, f"{message}; one is right")


def _unjudged(
    runbook: Runbook, rows: Sequence[Promise], *, checks: Sequence[Check]
) -> Iterator[Finding]:
    """Yield the rows that no check judges, and those whose check is not the one they say."""
    known = {one.item for one in checks}
    for row in rows:
        own = [one for one in checks if one.item == row.item]
        if not own:
            message = f'no check in {runbook.settings.checklist} judges the item "{row.item}"'
            hint = did_you_mean(row.item, known - {other.item for other in rows})
            yield Finding(runbook.path, row.line, f"{message}{hint}")
            continue
        if not any(_stands_at(one, row, runbook=runbook) for one in own):
            message = f'the check of "{row.item}" is in {own[0].file}, not in {row.file}'
            yield Finding(runbook.path, row.line, message)
        judged = {name for one in own for name in _flows(one)}
        for name in row.functions:
            if name not in judged:
                message = f'{own[0].file}, the check of "{row.item}", does not judge what `{name}`'
                yield Finding(
                    runbook.path, row.line, f"{message} finds{did_you_mean(name, judged)}"
                )


def _stands_at(check: Check, row: Promise, *, runbook: Runbook) -> bool:
    if not row.link:
        return Path(check.path).as_posix().endswith(f"/{row.file}")
    return Path(check.path) == Path(
        os.path.normpath(Path(runbook.path).absolute().parent / row.file)
    )


def _untold(
    runbook: Runbook, table: Reading[Promise], *, checks: Sequence[Check]
) -> Iterator[Finding]:
    items = {row.item for row in table.rows}
    if table.findings:  # a row that could not be read is told already
        return
    for one in checks:
        if one.item not in items:
            message = f'the check of "{one.item}" has no row in "{ITEMS}"'
            where = f"{runbook.path}:{table.line}{did_you_mean(one.item, items)}"
            yield Finding(one.file, one.line, f"{message} of {where}")


# --- what a check judges ---


def _idle(check: Check) -> Iterator[tuple[int, str]]:
    """Yield where a check judges nothing, each with its line."""
    what, body = f'the check of "{check.item}"', _function(check)
    if check.skipped:
        yield check.line, f"{what} was skipped, so nothing judges it: {check.skipped}"
    if body is None:
        return
    for call in _judgements(body):
        if all(_is_empty(argument, body=body) for argument in call.args):
            yield call.lineno, f"{what} judges nothing: `{ast.unparse(call)}` has no findings"
    certain = sum(_is_judgement(one) for one in body.body)
    if check.judged is not None and check.judged < max(certain, 1):
        told = f"it called judge {check.judged} times of {max(certain, 1)}"
        yield (
            check.line,
            f"{what} judges nothing: {told}" if not check.judged else f"{what}: {told}",
        )


_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _function(check: Check) -> _Function | None:
    try:
        nodes = ast.walk(ast.parse(check.source))
    except SyntaxError:  # pytest has told it
        return None
    functions = (node for node in nodes if isinstance(node, _Function))
    return next((node for node in functions if node.name == check.function), None)


def _judgements(body: ast.AST) -> list[ast.Call]:
    calls = (node for node in ast.walk(body) if isinstance(node, ast.Call))
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "judge"]


def _is_judgement(statement: ast.stmt) -> bool:
    """Tell whether a statement is nothing but a call of `judge`: no branch leads around it."""
    return isinstance(statement, ast.Expr) and statement.value in _judgements(statement)


def _is_empty(node: ast.expr, *, body: _Function) -> bool:
    """Tell whether an expression is surely an empty tuple, whatever happened."""
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            inner = [part.value for part in parts if isinstance(part, ast.Starred)]
            return len(inner) == len(parts) and all(_is_empty(one, body=body) for one in inner)
        case ast.Call(func=ast.Name(id="tuple" | "list"), args=parts):
            return all(_is_empty(part, body=body) for part in parts)
        case ast.Subscript(slice=ast.Slice(lower=None, upper=ast.Constant(value=0))):
            return True
        case ast.BoolOp(op=ast.And(), values=parts):
            return any(_is_empty(part, body=body) for part in parts)
        case ast.Name(id=name):
            values = _assigned(name, body=body)
            return bool(values) and all(_is_empty(value, body=body) for value in values)
    return False


def _assigned(name: str, *, body: _Function) -> list[ast.expr]:
    """Return every value that a function gives to a local name."""
    values: list[ast.expr] = []
    for node in ast.walk(body):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            values += _bound(target, node.value, name=name) if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value and _is_name(node.target, name):
            values.append(node.value)
    return values


def _bound(target: ast.expr, value: ast.expr, *, name: str) -> list[ast.expr]:
    """Return what a target of an assignment gives to a name; `a, b = c, d` gives one of them."""
    if not isinstance(target, ast.Tuple):
        return [value] if _is_name(target, name) else []
    if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
        pairs = zip(target.elts, value.elts, strict=True)
        return [bound for one, given in pairs for bound in _bound(one, given, name=name)]
    return [value] if any(_is_name(one, name) for one in target.elts) else []


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _flows(check: Check) -> set[str]:
    """Return the functions whose results go into `judge`, by way of local names too."""
    body = _function(check)
    if body is None:
        return set()
    seen: set[str] = set()
    called: set[str] = set()
    nodes = [argument for call in _judgements(body) for argument in call.args]
    while nodes:
        for node in ast.walk(nodes.pop()):
            match node:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                    called.add(name)
                case ast.Name(id=name) if name not in seen:
                    seen.add(name)
                    nodes += _assigned(name, body=body)
    return called
