"""Follow-up beads: the ready-made command that files what a check came upon."""

import shlex

_LONGEST = 200
"""So many characters of a title are kept; `bd` takes 500."""


def follow_up(title: str, *, program: str) -> str:
    """Return the `bd create` command for a finding, discovered from the program's own bead."""
    words = ["bd", "create", title[:_LONGEST].strip(), "--type", "task", "--priority", "P2"]
    return shlex.join([*words, *(("--deps", f"discovered-from:{program}") if program else ())])
