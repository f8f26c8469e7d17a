from .image_names import images_of, shown_image
from .options import TABLE, Choices, Option, chosen, signature
from .project import NO_PROJECT, Project, project_of
from .record_file import FOLDER, RECORD, announce, own_place, place_of, refuse, write_whole
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
    "images_of",
    "own_place",
    "place_of",
    "project_of",
    "refuse",
    "shown_image",
    "signature",
    "tidied",
    "write_whole",
]
