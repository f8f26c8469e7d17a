"""The walls of the house: who may import whom, and who alone may name which library."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "freshrun"

LAYERS = (
    ("errors", "interrupts", "runbook", "screen"),
    (
        "expression",
        "finding",
        "outcome",
        "mask",
        "archive",
        "foreign_folder",
        "foreign_name",
        "installed",
        "owner",
        "host",
        "options",
        "stand_ins",
        "spill",
    ),
    (
        "account",
        "promise",
        "readiness",
        "question",
        "record",
        "shell",
        "protocol",
        "fence",
        "bootstrap",
        "scratch",
    ),
    ("daemon",),
    ("caution", "trust", "repository", "replay", "yaml_tree", "durations"),
    ("markdown", "links", "engine"),
    ("image", "attached", "disk", "network", "record_file"),
    ("machine",),
    ("verdict", "process_tree"),
    ("terminal",),
    ("watch",),
    ("session",),
    ("contract", "diagnosis", "update"),
    ("triage",),
    ("rehearsal", "stage", "report", "lint", "download", "recorder", "scaffold"),
    ("run",),
    ("plugin",),
    ("tasks",),
)
"""Lowest first: a module imports only from rows above its own in this table."""

OWNERS = {
    "ahocorasick_rs": {"mask"},
    "docker": {"disk", "engine", "image", "machine", "network"},
    "testcontainers": {"machine"},
    "yaml": {"markdown", "yaml_tree"},
    "markdown_it": {"markdown", "links"},
    "sh": {"download", "repository"},
    "packaging": {"installed"},
    "pytest": {"plugin"},
    "invoke": {"tasks"},
    "lxml": {"contract"},
    "trustme": {"replay"},
    "jsonpath": {"contract"},
    "regex": {"expression"},
    "rpds": {"promise", "shell"},
}
"""Which rooms may name a library."""

RANK = {module: rank for rank, row in enumerate(LAYERS) for module in row}


def room(path: Path) -> str:
    """Return the module of `freshrun` that a file belongs to."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Return the dotted names that a file imports, at any depth, typing imports included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            whole = node.module == "freshrun"
            names.update(f"freshrun.{a.name}" for a in node.names) if whole else names.add(
                node.module
            )
    return names


FILES = sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_imports_only_from_layers_below_its_own(path: Path) -> None:
    """No arrow goes up or sideways, so that there is no cycle."""
    own = room(path)
    rooms = {name.split(".")[1] for name in imported(path) if name.startswith("freshrun.")}
    above = {other for other in rooms - {own} if RANK[other] >= RANK[own]}
    assert not above, f"{own} imports {sorted(above)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_library_is_named_only_where_it_belongs(path: Path) -> None:
    """Docker, YAML, pytest and the others stay behind the module that wraps them."""
    tops = {name.split(".")[0] for name in imported(path)}
    strangers = {library for library in tops & OWNERS.keys() if room(path) not in OWNERS[library]}
    assert not strangers, f"{room(path)} names {sorted(strangers)}"


def test_every_module_has_its_place_in_the_table() -> None:
    """A new room is a decision, and a removed one leaves the table."""
    assert {room(path) for path in FILES} == set(RANK)


def test_what_runs_in_the_machine_stands_alone() -> None:
    """The stand-ins are copied into containers that have Python and nothing else."""
    for path in (SOURCE / "stand_ins").rglob("*.py"):
        assert not {name for name in imported(path) if name.startswith("freshrun")}, path
