"""What a reader should know of a command although it did not decide the verdict."""

import re
from collections.abc import Iterator

from freshrun.model import Command
from freshrun.session.jobs import deaths
from freshrun.session.protocol import Finished
from freshrun.session.question import took_screen, unanswered

_EMPTIED = re.compile(r">\s*([\w-]+)")
_NOT_FOUND = re.compile(
    rb"^bash: (?:line \d+: )?(?:\S+: command not found|[^\s/]*/\S*: No such file or directory)$",
    re.MULTILINE,
)


def warnings_of(command: Command, event: Finished) -> Iterator[str]:
    """Yield one sentence for each thing that a verdict by the exit status alone would hide."""
    alone = not command.options.tty and command.options.stdin is None
    yield from _emptied(command)
    yield from deaths(event.outputs.stderr.text)
    if event.exit_code == 0:
        yield from _failed_stages(command, event)
        yield from _in_spite_of(event)
        yield from _unattended(event) if alone else ()


def _emptied(command: Command) -> Iterator[str]:
    """Tell of a file that is emptied where a prompt may be meant."""
    if emptied := _EMPTIED.fullmatch(command.text.strip()):
        yield f"it only makes an empty file named {emptied[1]}: is `> ` meant as a prompt?"


def _failed_stages(command: Command, event: Finished) -> Iterator[str]:
    """Name each earlier stage of a pipeline that failed while the whole passed."""
    stages = zip(command.stages, event.pipe_status, strict=False)
    for number, (text, status) in enumerate(stages, start=1):
        if status != 0:
            yield f"stage {number} of the pipeline, `{text}`, ended with exit status {status}"


def _in_spite_of(event: Finished) -> Iterator[str]:
    """Tell of a command inside the command that was not there."""
    stderr = event.outputs.stderr
    if missed := _NOT_FOUND.search(stderr.head) or _NOT_FOUND.search(stderr.tail):
        yield f"it passed, and a command in it was not found: {missed[0].decode(errors='replace')}"


def _unattended(event: Finished) -> Iterator[str]:
    """Tell of a question that found nobody."""
    outputs = event.outputs
    if took_screen(outputs.stdout):
        yield "it fills the screen for a person, and found none: a reader has to act in it"
    elif asked := unanswered(outputs.stdout, outputs.stderr):
        yield f'it asked "{asked.strip()}" and found no answer, as stdin is empty'
