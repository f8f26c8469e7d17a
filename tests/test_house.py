"""The walls of the house, as ARCHITECTURE.md has them: who imports whom, who names a library."""

import ast
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

import freshrun
from freshrun.document import read

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "freshrun"
PLAN = read(ROOT / "ARCHITECTURE.md")
(FLOORS,) = PLAN.section("The floors").tables


def names_in(cell: str) -> list[str]:
    """Return the names that a cell lists."""
    return [word.strip("`") for word in cell.split(", ") if word]


RANK = {name: rank for rank, row in enumerate(FLOORS.rows) for name in names_in(row["Package"])}
"""Each package, by its row: what stands above it in the plan has a lower number."""
OWNERS = {
    **{
        library: set(names_in(row["Package"]))
        for row in FLOORS.rows
        for library in names_in(row["Alone names"])
    },
    "rich": {"report", "live"},
    "rpds": {"shell", "document"},
    "msgspec": {"model", "fleet"},
    "markdown_it": {"document", "report"},
    "lxml": {"checklist", "triage"},
}
"""Which packages may name a library."""
ROOMS = [path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py"]
TOP = SOURCE / "__init__.pyi"
FACES = sorted(SOURCE.glob("*/__init__.pyi"))


def package(path: Path) -> str:
    """Return the package of `freshrun` that a file belongs to."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def arrows(path: Path) -> set[tuple[str, str]]:
    """Return what a file imports at any depth, typing imports too: module, and name in it."""
    found: set[tuple[str, str]] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.update((node.module, alias.name) for alias in node.names)
    return found


def own(path: Path) -> set[tuple[str, ...]]:
    """Return what a file imports of the house: package, rooms, name."""
    if path == TOP:
        tree = ast.parse(path.read_text("utf-8")).body
        stubs = [node for node in tree if isinstance(node, ast.ImportFrom) and node.module]
        return {(*str(node.module).split("."), one.name) for node in stubs for one in node.names}
    dotted = (f"{module}.{name}".split(".") for module, name in arrows(path))
    return {tuple(parts[1:]) for parts in dotted if parts[0] == "freshrun"}


def asked_through(path: Path, name: str) -> set[str]:
    """Return the names that a file takes from a package that it imports whole: `report.html`."""
    tree = ast.parse(path.read_text("utf-8"))
    aliases = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "freshrun"
        for alias in node.names
        if alias.name == name
    }
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return {n.attr for n in nodes if isinstance(n.value, ast.Name) and n.value.id in aliases}


def exported(face: Path) -> set[str]:
    """Return the names that a face offers."""
    tree = ast.parse(face.read_text("utf-8"))
    return {a.name for node in tree.body if isinstance(node, ast.ImportFrom) for a in node.names}


def test_the_plan_has_every_package_and_its_floors_in_order() -> None:
    """A new package is a decision, and a removed one leaves the plan."""
    assert {package(path) for path in ROOMS} == set(RANK)
    floors = [row["Floor"] for row in FLOORS.rows]
    assert len({*floors}) == 1 + sum(one != other for one, other in pairwise(floors))


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_package_imports_only_from_above_it_and_through_faces(path: Path) -> None:
    """No arrow goes down or sideways, so that there is no cycle; and none goes past a face."""
    here = package(path)
    others = {parts for parts in own(path) if parts[0] != here}
    down = {parts[0] for parts in others if RANK[parts[0]] >= RANK[here]}
    assert not down, f"{here} imports {sorted(down)}"
    past = {parts for parts in others if len(parts) > 2 and parts[0] != "plugin"}
    assert not past, f"imported past a face: {sorted(past)}"


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_library_is_named_only_where_it_belongs(path: Path) -> None:
    """Docker, YAML, pytest and the others stay behind the package that wraps them."""
    tops = {module.split(".")[0] for module, _name in arrows(path)}
    strangers = {one for one in tops & OWNERS.keys() if package(path) not in OWNERS[one]}
    assert not strangers, f"{package(path)} names {sorted(strangers)}"


@pytest.mark.parametrize("face", FACES, ids=package)
def test_a_face_offers_what_others_use_and_nothing_else(face: Path) -> None:
    """A name that nobody outside asks for stays inside; none hides a module of the same name."""
    here, names = package(face), exported(face)
    outside = [path for path in ROOMS if package(path) != here] + [TOP]
    asked = {parts[1:] for path in outside for parts in own(path) if parts[0] == here}
    through = {name for path in outside for name in asked_through(path, here)}
    used = {parts[0] for parts in asked if parts} | through
    modules = {path.stem for path in face.parent.iterdir()}
    assert names >= used - modules
    assert names <= used, f"nobody uses {sorted(names - used)}"
    assert not names & modules, f"also modules: {sorted(names & modules)}"


@pytest.mark.parametrize("face", [TOP, *FACES], ids=package)
def test_a_face_is_loaded_name_by_name(face: Path) -> None:
    """It holds no code of its own."""
    lines = face.with_suffix(".py").read_text("utf-8").split('"""')[-1].split("\n")
    assert [line for line in lines if line] == [
        "from lazy_loader import attach_stub",
        "__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)",
    ]


def test_the_front_face_is_loaded_name_by_name_too() -> None:
    """It offers what the README says, and names packages by their faces; the plugin has none."""
    past = {parts for parts in own(TOP) if len(parts) > 2 and parts[0] != "plugin"}
    assert not past, f"imported past a face: {sorted(past)}"
    *_, table = read(ROOT / "README.md").section("From Python").tables
    told = {row["name"].partition("(")[0] for row in table.rows}
    assert exported(TOP) == told == set(dir(freshrun))


@pytest.mark.parametrize("first", ["import freshrun.lint", "import freshrun.tasks", ""])
@pytest.mark.parametrize("name", sorted(exported(TOP)))
def test_a_public_name_is_that_whatever_was_imported_before(first: str, name: str) -> None:
    """`lint` is a package as well: the function is what `from freshrun import lint` gives."""
    script = f"{first}\nfrom freshrun import {name} as it\nassert callable(it), it\n"
    script += "import freshrun.lint.linting\nimport freshrun\n"
    script += f"assert freshrun.{name} is it, freshrun.{name}\n"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_what_runs_in_the_machine_stands_alone() -> None:
    """The stand-ins are copied into containers that have Python and nothing else."""
    alone = [SOURCE / "beads" / "stand_in.py", *(SOURCE / "github" / "server").rglob("*.py")]
    assert len(alone) > 1
    for path in alone:
        assert not own(path), path


def test_every_file_that_the_plan_names_is_there() -> None:
    """The places where something is added, and the documents at the top."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    named = set(re.findall(r"`((?:tests/)?[a-z]+/[\w/.]*)`", text)) - {"checks/", "runbook/"}
    assert len(named) > 10
    for path in named:
        assert (ROOT / path).exists() or (SOURCE / path).exists(), path


def test_no_two_test_modules_have_one_name() -> None:
    """They are no packages: pytest and mypy tell them apart by their names alone."""
    names = sorted(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert names == sorted(set(names))
