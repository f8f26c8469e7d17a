"""What the tests share: a container engine, the newcomer's image, and a machine to rehearse in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from freshrun.document.reading import parse
from freshrun.machine.engine import Engine, open_engine
from freshrun.machine.image import Image, resolve
from freshrun.machine.machine import Machine
from freshrun.model.outcome import Outcome
from freshrun.rehearsal.rehearsal import played_in

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "tests" / "examples"

# The same examples each time: a change is judged by what it changes. How fast one is says more of
# the machine than of the code. `--hypothesis-profile=search` looks for others.
settings.register_profile("search", parent=settings(), deadline=None, derandomize=False)
settings.register_profile("house", parent=settings(), deadline=None, derandomize=True)
settings.load_profile("house")

Rehearse = Callable[[str], tuple[Outcome, ...]]


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Return a container engine; where there is none, that is an error and never a skip."""
    with open_engine(install=True) as found:
        yield found


@pytest.fixture(scope="session")
def fresh_image(engine: Engine) -> Image:
    """Return the newcomer's image."""
    return resolve(str(ROOT / "Dockerfile.fresh"), engine=engine, install=True)


@pytest.fixture(scope="module")
def machine(engine: Engine, fresh_image: Image) -> Iterator[Machine]:
    """Return one fresh machine for all tests of a module."""
    with Machine(fresh_image, engine=engine) as made:
        yield made


@pytest.fixture
def rehearsed(machine: Machine) -> Rehearse:
    """Return a function that rehearses a runbook's text in a shell of its own."""

    def play(text: str) -> tuple[Outcome, ...]:
        return tuple(played_in(parse(text, path="runbook.md"), machine))

    return play


@pytest.fixture
def example(rehearsed: Rehearse) -> Rehearse:
    """Return a function that rehearses a file of `tests/examples`, by its name without suffix."""

    def play(name: str) -> tuple[Outcome, ...]:
        return rehearsed((EXAMPLES / f"{name}.md").read_text("utf-8"))

    return play
