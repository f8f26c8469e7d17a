from .options import TABLE, Choices, Option, chosen, signature
from .record_file import FOLDER, RECORD, announce, refuse
from .run import Run
from .setup import Setup, decided
from .stage import tidied

__all__ = [
    "FOLDER",
    "RECORD",
    "TABLE",
    "Choices",
    "Option",
    "Run",
    "Setup",
    "announce",
    "chosen",
    "decided",
    "refuse",
    "signature",
    "tidied",
]
