from .audience import Audience
from .image_names import images_of, shown_image
from .options import TABLE, Choices, Option, chosen, signature
from .prefix import difference, edited, places_of, prefix_of
from .project import NO_PROJECT, Project, project_of
from .record_file import (
    FOLDER,
    RECORD,
    announce,
    own_place,
    place_of,
    refuse,
    write_whole,
    writing,
)
from .run import Run
from .setup import Setup, decided
from .stage import tidied
from .standby import GOOD, Standby, unfit

__all__ = [
    "FOLDER",
    "GOOD",
    "NO_PROJECT",
    "RECORD",
    "TABLE",
    "Audience",
    "Choices",
    "Option",
    "Project",
    "Run",
    "Setup",
    "Standby",
    "announce",
    "chosen",
    "decided",
    "difference",
    "edited",
    "images_of",
    "own_place",
    "place_of",
    "places_of",
    "prefix_of",
    "project_of",
    "refuse",
    "shown_image",
    "signature",
    "tidied",
    "unfit",
    "write_whole",
    "writing",
]
