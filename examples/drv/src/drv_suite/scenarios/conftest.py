"""What every scenario is given."""

from collections.abc import Iterator

import pytest

from drv_suite.plugin import FACTS, RUN
from drv_suite.run import Run
from drv_suite.violation import Json
from drv_suite.world import World


@pytest.fixture
def run(pytestconfig: pytest.Config) -> Run:
    """Return the run that the scenario is part of."""
    return pytestconfig.stash[RUN]


@pytest.fixture
def facts(pytestconfig: pytest.Config) -> dict[str, Json]:
    """Return the facts of the place, to be added to."""
    return pytestconfig.stash[FACTS]


@pytest.fixture
def world(run: Run) -> Iterator[World]:
    """Open an empty service."""
    with World(run.address, parts=run.effect.parts) as world:
        yield world
