"""The names of images: as a document writes them, and as a reader sees them."""

import os
from importlib.resources import files
from pathlib import Path

from freshrun.model import DocumentError

OURS = str(files("freshrun.machine").joinpath("Dockerfile.fresh"))
"""The newcomer's machine, for a document that names none."""


def named_image(name: str, root: Path) -> str:
    """Return an image that a document names, a Dockerfile of its repository by its own path."""
    return str(root / name) if name and (root / name).is_file() else name


def shown_image(name: str) -> str:
    """Return an image's name for a reader; a path is seen from the working directory."""
    if name == OURS:
        return "freshrun's own Dockerfile.fresh"
    return os.path.relpath(name) if Path(name).is_absolute() else name


def images_of(document: str) -> tuple[str, ...]:
    """Return all images that a document is to be rehearsed on, where it lists some.

    What can't be read lists none: its rehearsal says why.
    """
    try:
        # Most list none, and nothing is loaded for those.
        if b"images" not in Path(document).read_bytes():
            return ()
        from freshrun.document import settings_of  # noqa: PLC0415 - same
        from freshrun.host import root_of  # noqa: PLC0415 - same

        root = root_of(document)
        return tuple(named_image(name, root) for name in settings_of(document).images)
    except (OSError, DocumentError):
        return ()
