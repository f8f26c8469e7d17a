"""What is open during a run: its stage, the session on it, and what was typed there before."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from freshrun.host import Repository, heard_by
from freshrun.mask import Mask
from freshrun.model import Outcome, Runbook
from freshrun.rehearsal.audience import Audience
from freshrun.rehearsal.rehearsal import open_session
from freshrun.rehearsal.setup import Setup
from freshrun.rehearsal.stage import Stage, open_stage
from freshrun.session import Session


@dataclass(frozen=True, slots=True)
class Opened:
    """A stage, the session on it, and what the first commands gave that were typed by now.

    `copy` is what the machine was given, with what is to be said of the checkout as it is now.
    """

    stage: Stage
    session: Session
    copy: Repository | None
    typed: tuple[Outcome, ...] = ()


@contextmanager
def opened(
    runbook: Runbook, setup: Setup, *, mask: Mask, spill: Path | None, audience: Audience
) -> Iterator[Opened]:
    """Yield a stage with a session; both are closed at the end. `FreshrunError` if it can't be."""
    audience.step("getting the engine, the image and a fresh machine ready")
    with (
        heard_by(audience.step) if audience.draws else nullcontext(),
        open_stage(setup) as stage,
        open_session(
            runbook, stage.machine, setup=setup, mask=mask, spill=spill, audience=audience
        ) as session,
    ):
        yield Opened(stage, session, stage.machine.repository)
