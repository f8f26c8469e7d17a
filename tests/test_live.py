"""What lives is small: nobody follows an object of which a dozen things change."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "freshrun"
MOST = 8
"""How many attributes of an object may change after it was made."""

CLASSES = [
    pytest.param(node, id=f"{path.stem}.{node.name}")
    for package in ("host", "machine", "session")
    for path in sorted((SOURCE / package).glob("*.py"))
    for node in ast.walk(ast.parse(path.read_text("utf-8")))
    if isinstance(node, ast.ClassDef)
]


def attributes(function: ast.AST) -> Iterator[str]:
    """Yield the attributes of the object itself that a function sets."""
    for node in ast.walk(function):
        if not (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)):
            continue
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            yield node.attr


def mutable(init: ast.FunctionDef) -> Iterator[str]:
    """Yield the attributes that begin as a list, a set, a dictionary or the like."""
    for node in ast.walk(init):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            made = node.value
            is_call = isinstance(made, ast.Call) and isinstance(made.func, ast.Name)
            kinds = {"set", "dict", "list", "deque", "bytearray"}
            if isinstance(made, (ast.List, ast.Dict, ast.Set)) or (
                is_call and getattr(getattr(made, "func", None), "id", "") in kinds
            ):
                yield from attributes(node)


@pytest.mark.parametrize("node", CLASSES)
def test_few_attributes_of_an_object_change(node: ast.ClassDef) -> None:
    """Those that a method sets again, and the collections that it fills."""
    methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
    changing: set[str] = set()
    for method in methods:
        changing.update(mutable(method) if method.name == "__init__" else attributes(method))
    assert len(changing) <= MOST, sorted(changing)


def test_the_classes_were_found() -> None:
    """The counting is about something."""
    names = {str(one.id).partition(".")[2] for one in CLASSES}
    assert names >= {"Machine", "Container", "Session", "Terminal", "Wire", "Watch"}
