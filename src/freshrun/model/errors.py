"""What stops a rehearsal or a check that is not the failure of what it is about."""

import traceback
from pathlib import Path


class FreshrunError(Exception):
    """The harness, the engine or the input stopped a rehearsal; never a failing command.

    Its text is one line for the person at the terminal: where, what was found,
    and what would be right.
    """


class DocumentError(FreshrunError):
    """A runbook that can't be read as one: missing, binary, or with settings that are wrong."""


class EngineError(FreshrunError):
    """No container engine, or one that refused what a rehearsal needs."""


class MachineError(FreshrunError):
    """The fresh container could not be made, or was lost while it was in use."""


class NotReachedError(FreshrunError):
    """A check lacks what a command of the runbook should have left: it judges nothing.

    Its text says which command stood in the way, with file and line.
    """


class SilentEngineError(MachineError):
    """The container engine takes requests, and gives no answer in time."""


class InternalError(FreshrunError):
    """An exception that nobody foresaw: a fault of freshrun, never of the document."""


def internal(error: BaseException) -> FreshrunError:
    """Return an error in one line for any exception; one of ours is returned as it is."""
    if isinstance(error, FreshrunError):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_HOUSE)] or frames
    where = f" ({Path(ours[-1].filename).name}:{ours[-1].lineno})" if ours else ""
    said = " ".join(str(error).split())
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return InternalError(f"a fault of freshrun, not of the document: {what}{where}")


_HOUSE = Path(__file__).resolve().parents[1]
