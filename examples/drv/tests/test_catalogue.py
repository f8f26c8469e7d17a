"""The catalogue and the scenarios that there are."""

import ast
import re
from pathlib import Path

import drv_suite
from drv_suite.catalogue import BY_NAME, INVARIANTS, SCENARIOS, FailureClass, Suite

PREFIXES = {
    "ISO": FailureClass.ISOLATION,
    "ALLOC": FailureClass.CORE,
    "IDEM": FailureClass.IDEMPOTENCY,
    "CONC": FailureClass.CONCURRENCY,
    "DUR": FailureClass.DURABILITY,
    "HAR": FailureClass.HARNESS,
}


def test_catalogue_holds_every_test() -> None:
    """Each test function is a scenario, and each scenario but the one for errors is a test."""
    files = (Path(drv_suite.__file__).parent / "scenarios").glob("test_*.py")
    functions = {
        node.name.removeprefix("test_")
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert functions == set(BY_NAME)


def test_ids_have_their_format_and_are_unique() -> None:
    """Scenario and invariant IDs match the documented format and are used once."""
    scenarios = [each.id for each in SCENARIOS]
    invariants = [each.id for each in INVARIANTS]
    assert all(re.fullmatch(r"[A-Z]+-\d{3}", each) for each in scenarios)
    assert all(re.fullmatch(r"INV(-[A-Z]+)+", each) for each in invariants)
    assert len({*scenarios, *invariants}) == len(SCENARIOS) + len(INVARIANTS)


def test_prefix_names_the_class() -> None:
    """The prefix of a scenario and its invariant accuse the same class."""
    for scenario in SCENARIOS:
        assert PREFIXES[scenario.id.split("-")[0]] is scenario.invariant.failure_class


def test_smoke_looks_at_each_class_and_every_invariant_has_a_scenario() -> None:
    """No class is left out of smoke, and no invariant out of the suite."""
    smoke = {each.invariant.failure_class for each in SCENARIOS if each.suite is Suite.SMOKE}
    assert smoke == set(FailureClass)
    assert {each.invariant for each in SCENARIOS} == set(INVARIANTS)
