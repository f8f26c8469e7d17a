from .options import TABLE, Choices, Option, chosen, signature
from .record_file import FOLDER, RECORD, announce, own_place, refuse
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
    "own_place",
    "refuse",
    "signature",
    "tidied",
]
