"""Where a shell begins."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Start:
    """Where a shell begins: its working directory and the variables that it is given.

    With `tty` it has a real terminal, for the commands that ask for one.
    """

    cwd: str
    env: Mapping[str, str] = field(default_factory=dict)
    tty: bool = False
