from .options import TABLE, Choices, Option, chosen, signature
from .project import NO_PROJECT, Project, project_of
from .record_file import FOLDER, RECORD, announce, own_place, refuse
from .run import Run
from .setup import Setup, decided
from .stage import tidied

__all__ = [
    "FOLDER",
    "NO_PROJECT",
    "RECORD",
    "TABLE",
    "Choices",
    "Option",
    "Project",
    "Run",
    "Setup",
    "announce",
    "chosen",
    "decided",
    "own_place",
    "project_of",
    "refuse",
    "signature",
    "tidied",
]
