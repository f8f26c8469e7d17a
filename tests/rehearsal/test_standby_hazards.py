"""What comes of a document that goes on where a machine waited is what comes of a fresh run."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import pytest

from freshrun.document.reading import read
from freshrun.machine.engine import Engine
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine
from freshrun.model.outcome import Outcome, Output, Status
from freshrun.model.runbook import Runbook
from freshrun.rehearsal.audience import Nobody
from freshrun.rehearsal.rehearsal import open_session, played, played_in, terminals_of, typed
from freshrun.rehearsal.setup import decided
from freshrun.rehearsal.standby import cut

pytestmark = pytest.mark.engine

EXAMPLES = Path(__file__).parents[1] / "examples"
CHEAP = """
    background-job band closed-streams dies-before-ready document-options errexit exec-program
    failure-in-the-middle hazard-descriptors hazard-driver-state hazard-environment
    hazard-failure-stops hazard-full-tmpfs hazard-modes hazard-nested-shell
    hazard-output-to-a-file hazard-prompts hazard-readonly hazard-removed-directory hazard-sudo
    hazard-terminated hazard-traps hazard-venv jump-out killed-shell marker-lookalike
    previous-status shadowed-builtins shell-options state subshell-exit syntax-errors terminals
    transcript unclosed-heredoc
"""
"""The examples that take no time, spare the machine, and print the same each time."""


@pytest.fixture(scope="module")
def other(engine: Engine, fresh_image: Image) -> Iterator[Machine]:
    """Return a second machine, which is paused while nothing is asked of it."""
    with Machine(fresh_image, engine=engine) as made:
        yield made


def alike(output: Output) -> Output:
    """Return an output with the numbers of processes, and what else is never the same, as one."""
    return replace(output, head=re.sub(rb"\d{2,}|/tmp/\S+", b"N", output.head), size=0)


def timeless(outcome: Outcome) -> Outcome:
    """Return an outcome without what differs between any two runs."""
    return replace(
        outcome,
        seconds=0.0,
        stdout=alike(outcome.stdout),
        stderr=alike(outcome.stderr),
        reason=re.sub(r"\d+\.\d+ s", "N s", outcome.reason),
        hint=re.sub(r"\d+\.\d+ s|\d{2,}", "N", outcome.hint),
        job=outcome.job and 1,
        captures=tuple(re.sub(r"\d{2,}", "N", one) for one in outcome.captures),
    )


def halfway(fresh: tuple[Outcome, ...]) -> int:
    """Return how many commands to type before a pause, so that as many that pass are left."""
    good = {Status.PASSED, Status.SKIPPED}
    return (1 + sum(1 for _ in takewhile(lambda one: one.status in good, fresh))) // 2


def resumed(runbook: Runbook, machine: Machine, *, place: int) -> tuple[Outcome, ...]:
    """Return what the commands give where the machine waits, paused, behind the first of them."""
    setup = decided(runbook)
    with open_session(runbook, machine) as session:
        before = tuple(typed(cut(runbook, place), session, sections=setup.sections))
        assert session.is_at_rest
        machine.pause()
        machine.resume()
        session.follow(runbook.commands, ttys=terminals_of(runbook), waiting=Nobody().typing)
        return tuple(played(runbook, session, setup=setup, already=before))


@pytest.mark.parametrize("name", CHEAP.split())
def test_a_pause_between_two_commands_changes_nothing(
    name: str, machine: Machine, other: Machine
) -> None:
    """Each hazard of the shell: state, jobs, servers, terminals, ends of shells, and failures."""
    runbook = read(EXAMPLES / f"{name}.md")
    fresh = tuple(played_in(runbook, machine))
    went_on = resumed(runbook, other, place=halfway(fresh))
    assert [*map(timeless, went_on)] == [*map(timeless, fresh)]


def test_the_examples_go_on_behind_something(machine: Machine) -> None:
    """A comparison is about a place that something stands in front of, and something behind."""
    fresh = tuple(played_in(read(EXAMPLES / "state.md"), machine))
    assert 0 < halfway(fresh) < len(fresh)
