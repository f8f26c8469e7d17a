"""What may stand next on a command line: for the completion of shells."""

from collections.abc import Iterator, Mapping, Sequence

from freshrun.command_line.words import OWN, REHEARSE, Form, documents_here


def candidates(typed: Sequence[str], forms: Mapping[str, Form]) -> Iterator[str]:
    """Yield what the last word may become; the shell knows how it begins, and takes files else."""
    last = typed[-1] if typed else ""
    if last.startswith("-"):
        yield from forms[typed[0] if typed[0] in forms else REHEARSE].flags
        yield from OWN[:3] if len(typed) == 1 else ()
    elif len(typed) < 2 and last not in forms:  # noqa: PLR2004 - the first word
        yield from forms
        yield from documents_here()
