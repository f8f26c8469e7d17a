from .archive import Ids, moved, pack, unpack
from .foreign_name import clash, shown, unfit
from .gh import PATIENCE, asked_gh
from .git import SHELF, Repository, checkout, enclosing, repository, root_of, tracked_files, tree_of
from .installed import requirements
from .interrupts import SIGNALS, broken_code, interrupted, interruptible, interruption, shielded
from .programs import (
    environment,
    heard_by,
    is_debian,
    is_root,
    last_lines,
    progress,
    run,
    running,
    say,
    unmount_below,
)
from .spill import Spill

__all__ = [
    "PATIENCE",
    "SHELF",
    "SIGNALS",
    "Ids",
    "Repository",
    "Spill",
    "asked_gh",
    "broken_code",
    "checkout",
    "clash",
    "enclosing",
    "environment",
    "heard_by",
    "interrupted",
    "interruptible",
    "interruption",
    "is_debian",
    "is_root",
    "last_lines",
    "moved",
    "pack",
    "progress",
    "repository",
    "requirements",
    "root_of",
    "run",
    "running",
    "say",
    "shielded",
    "shown",
    "tracked_files",
    "tree_of",
    "unfit",
    "unmount_below",
    "unpack",
]
