"""Blocks that are marked `sh`, and need bash: a shell that is only that refuses them."""

from collections.abc import Iterator

from freshrun.lint.flaw import Flaw
from freshrun.lint.subject import Subject
from freshrun.shell import bash_alone


def bashisms(subject: Subject) -> Iterator[Flaw]:
    """Find what only bash reads, the first of each block, where its fence says `sh`."""
    blocks = [block for block in subject.blocks if block.language == "sh"]
    commands = [command for block in blocks for command in block.commands]
    told: set[int] = set()
    owner = {command.number: block.line for block in blocks for command in block.commands}
    found = bash_alone([command.text for command in commands])
    for command, places in zip(commands, found, strict=True):
        if places and owner[command.number] not in told:
            told.add(owner[command.number])
            start, what = places[0]
            message = f"{what} is bash's, and sh has none; mark the block bash"
            yield subject.flaw_in(command, "bashism", message, span=(start, start + 2))
