"""`--update` rewrites the outputs that changed, and not one byte more."""

from pathlib import Path

import pytest

from freshrun.document.promise import mismatch
from freshrun.document.reading import parse
from freshrun.document.updating import update
from freshrun.model.errors import DocumentError
from freshrun.model.outcome import Outcome, Output, Status


def outcomes(text: str, *printed: str) -> list[Outcome]:
    """Return what a rehearsal of the document gives where its commands print this."""
    made = []
    for command, said in zip(parse(text, path="x.md").commands, printed, strict=True):
        line = command.end_line + 1
        diff = command.promised and mismatch(command.promised, [said], file="x.md", line=line)
        output = Output(said.encode(), size=len(said))
        made.append(Outcome(command, Status.PASSED, stdout=output, diff=diff or ""))
    return made


def updated(path: Path, text: str, *printed: str) -> tuple[int, str]:
    """Write a document, update it, and return the number of changes and the new text."""
    path.write_bytes(text.encode())
    return update(path, outcomes(text, *printed)), path.read_bytes().decode()


def test_only_the_changed_output_is_rewritten(tmp_path: Path) -> None:
    """Prose, commands and outputs that agree stay byte for byte."""
    text = "# T  \n\n```console\n$ a\nold\n$ b\nsame <id>\n```\n\ttrailing \n"
    number, new = updated(tmp_path / "x.md", text, "new\nlines\n", "same 7\n")
    assert number == 1
    assert new == text.replace("old\n", "new\nlines\n")


def test_a_wildcard_that_still_agrees_stays(tmp_path: Path) -> None:
    """Only the true mismatch is replaced by what was printed."""
    text = "```console\n$ a\npid <pid>\ncolour red\n```\n"
    _, new = updated(tmp_path / "x.md", text, "pid 17\ncolour green\n")
    assert new == text.replace("red", "green")


def test_the_margin_of_a_list_or_quote_and_the_line_endings_stay(tmp_path: Path) -> None:
    """New lines stand where the old ones stood."""
    text = "> 1. Step\r\n>\r\n>    ```console\r\n>    $ a\r\n>    old\r\n>    ```\r\n"
    _, new = updated(tmp_path / "x.md", text, "new\nmore\n")
    assert new == text.replace(">    old\r\n", ">    new\r\n>    more\r\n")


def test_nothing_is_written_where_everything_agrees(tmp_path: Path) -> None:
    """The file is not touched."""
    path = tmp_path / "x.md"
    text = "```console\n$ a\nsame\n```\n"
    number, new = updated(path, text, "same\n")
    assert (number, new) == (0, text)


def test_a_file_that_changed_since_is_left_alone(tmp_path: Path) -> None:
    """A rewrite at the wrong place would be worse than none."""
    path = tmp_path / "x.md"
    text = "```console\n$ a\nold\n```\n"
    path.write_text("another line\n" + text, "utf-8")
    with pytest.raises(DocumentError, match=r"x\.md:3: the file has changed"):
        update(path, outcomes(text, "new\n"))
    assert path.read_text("utf-8") == "another line\n" + text
