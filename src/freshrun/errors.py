"""What stops a rehearsal or a check that is not the failure of what it is about."""


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
