"""Tables as typed rows: columns by their titles, cells by their readers, and one read of each."""

import ast
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import pytest

from freshrun.checklist.cells import CellError, Column, plain, seconds, words, yes_or_no
from freshrun.checklist.contract import contract_of
from freshrun.checklist.readers import SelectorError
from freshrun.checklist.tables import TableRow, read_table
from freshrun.checklist.xml_readers import by_xpath
from freshrun.document.reading import parse, read
from freshrun.model.runbook import Runbook
from freshrun.triage.contract import triage_contract_of

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for package in ("checklist", "triage", "lint")
    for path in sorted((ROOT / "src" / "freshrun" / package).glob("*.py"))
]


@dataclass(frozen=True, slots=True)
class Pump(TableRow):
    """One row of the table `Pumps`."""

    name: Annotated[str, Column("Pump", plain)]
    wait: Annotated[float, Column("Wait", seconds)]
    spare: Annotated[bool, yes_or_no("Spare")] = False
    parts: Annotated[tuple[str, ...], Column("Parts", words)] = ()


def book(*lines: str) -> Runbook:
    """Return a document with the section `Pumps`, which begins in line 1."""
    return parse("\n".join(["# Pumps", "", *lines, ""]), path="pumps.md")


def test_each_cell_has_the_type_of_its_field() -> None:
    """What a column has no place for keeps its default, and other columns are nobody's."""
    table = read_table(
        book("| Note | Wait | Pump |", "| --- | --- | --- |", "| old | 15 minutes | `A` |"),
        "Pumps",
        of=Pump,
    )
    assert table.rows == (Pump(5, "A", 900.0),)
    assert (table.line, table.findings) == (3, ())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("| A | 15 | no | |", 'the time "15" has no unit; write it like 15m or 1 hour'),
        ("| A | 0 s | no | |", '"0 s" is no time; write it like 15m, 15 minutes or 1 hour'),
        ("| A | 5s | perhaps | |", 'Spare is "perhaps"; yes or no is right'),
    ],
)
def test_a_bad_cell_is_a_finding_with_its_line_and_its_row_is_left_out(row: str, said: str) -> None:
    """The rows around it are read."""
    head = ("| Pump | Wait | Spare | Parts |", "| --- | --- | --- | --- |")
    table = read_table(book(*head, "| B | 1h | yes | x, y |", row), "Pumps", of=Pump)
    assert table.rows == (Pump(5, "B", 3600.0, spare=True, parts=("x", "y")),)
    assert [str(one) for one in table.findings] == [f"pumps.md:6: {said}"]


def test_a_field_without_a_default_needs_its_column_and_so_does_one_that_is_asked_for() -> None:
    """The nearest title is named."""
    lines = ("| Pumps | Wait |", "| --- | --- |", "| A | 5s |")
    (finding,) = read_table(book(*lines), "Pumps", of=Pump).findings
    assert str(
        finding
    ) == 'pumps.md:3: the table of "Pumps" has no column "Pump"; did you mean ' + ('"Pumps"?')
    whole = book("| Pump | Wait |", "| --- | --- |", "| A | 5s |")
    assert read_table(whole, "Pumps", of=Pump).findings == ()
    (finding,) = read_table(whole, "Pumps", of=Pump, needs=("parts",)).findings
    assert finding.message == 'the table of "Pumps" has no column "Parts"'


def test_a_selector_that_cant_be_compiled_is_no_bad_cell_by_itself() -> None:
    """Only the table that holds it makes a finding of it; elsewhere it is an error of its own."""
    with pytest.raises(SelectorError, match="not an XPath"):
        by_xpath("//[")
    assert not issubclass(SelectorError, CellError)
    assert not issubclass(CellError, SelectorError)


def test_one_runbook_has_one_contract_and_another_value_its_own() -> None:
    """The key is the value itself: one that is like it, or made from it, is read for itself."""
    ours = read(ROOT / "runbook" / "integration-triage-runbook.md")
    assert contract_of(ours) is contract_of(ours)
    assert triage_contract_of(ours) is triage_contract_of(ours)
    assert triage_contract_of(ours).base is contract_of(ours)
    assert len(contract_of(ours).locations.rows) > 1
    bare = replace(ours, sections=())
    assert contract_of(bare).locations.rows == ()
    assert contract_of(bare).locations.findings


def test_many_other_documents_in_between_change_nothing() -> None:
    """What was forgotten is read again, and is the same."""
    ours = read(ROOT / "runbook" / "integration-triage-runbook.md")
    first = contract_of(ours).entrypoints
    for number in range(20):
        assert contract_of(parse(f"# {number}\n", path="x.md")).entrypoints.rows == ()
    assert contract_of(ours).entrypoints == first


READERS = {
    "advice", "artifact_table", "bead_fields", "checklist_table", "declared_variables",
    "decision_tree", "definitions", "drill_table", "entry_terms", "entry_variables", "entrypoints",
    "failure_contract", "glossary", "limitations", "noted_variables", "ownership", "prerequisites",
    "refusals", "symptoms", "taxonomy", "teams", "workaround_table",
}  # fmt: skip


def test_a_table_is_read_by_the_contract_alone() -> None:
    """Every other room asks the contract, so that there is one read."""
    called = {
        (path.name, node.func.id)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in READERS
    }
    assert {name for file, name in called if file == "contract.py"} == READERS
    assert {one for one in called if one[0] != "contract.py"} == set()


def test_the_title_of_a_column_stands_once_for_a_table() -> None:
    """Two kinds of rows of one table share the title; a second one would part from the first."""
    read_tables = 0
    for path in SOURCES:
        for title, rows in _tables(ast.parse(path.read_text("utf-8"))).items():
            titles = [ast.literal_eval(one) for row in rows for one in _literal_titles(row)]
            assert len(titles) == len(set(titles)), f"{path.name}: {title}"
            read_tables += 1
    assert read_tables > 15


def _tables(module: ast.Module) -> dict[str, list[ast.ClassDef]]:
    """Return the kinds of rows by the section that a module reads them from."""
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    found: dict[str, list[ast.ClassDef]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("read_table"):
            for keyword in node.keywords:
                if keyword.arg == "of" and (row := classes.get(ast.unparse(keyword.value))):
                    rows = found.setdefault(ast.unparse(node.args[1]), [])
                    rows += [row] if row not in rows else []
    return found


def _literal_titles(row: ast.ClassDef) -> list[ast.expr]:
    calls = (node for node in ast.walk(row) if isinstance(node, ast.Call))
    columns = (call for call in calls if ast.unparse(call.func) == "Column")
    return [call.args[0] for call in columns if isinstance(call.args[0], ast.Constant)]
