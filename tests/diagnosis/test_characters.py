"""A wrong character in a command is named with its column; one that is meant is not blamed."""

from pathlib import Path

import pytest
from typed_document import diagnosed, printed_by

from freshrun.diagnosis.cause import Cause


def _block(*lines: str) -> str:
    return "\n".join(("# Title", "", "```bash", *lines, "```", ""))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "mkdir\u00a0-p made",
            "the no-break space (U+00A0) stands at runbook/x.md:4, column 6, aft",
        ),
        (
            "mkdir -p\u00a0a/b",
            "the no-break space (U+00A0) stands at runbook/x.md:4, column 9, after",
        ),
        ("ls\u3000none", "the ideographic space (U+3000) stands at runbook/x.md:4, column 3"),
        ("true && ls\u2009-l", "the thin space (U+2009) stands at runbook/x.md:4, column 11"),
        (
            "ls \u2013l",
            "the en dash (U+2013) stands at runbook/x.md:4, column 4, in `\u2013l`, where `-`",
        ),
        ("ls \u2014all", "the em dash (U+2014) stands at runbook/x.md:4, column 4"),
        ("grep \u2013r word .", "the en dash (U+2013) stands at runbook/x.md:4, column 6"),
        ("tar \u2212xf a.tar", "the minus sign (U+2212) stands at runbook/x.md:4, column 5"),
        (
            "apt\u2011get update",
            "the non-breaking hyphen (U+2011) stands at runbook/x.md:4, column 4",
        ),
        (
            "test \u201ca\u201d = a",
            "the left double quotation mark (U+201C) stands at runbook/x.md:4",
        ),
        ("cat \u2018a b\u2019", "the left single quotation mark (U+2018) stands at runbook/x.md:4"),
        (
            'echo "hello\u201d',
            "the right double quotation mark (U+201D) stands at runbook/x.md:4, col",
        ),
        ("ls\u200b", "the zero width space (U+200B) stands at runbook/x.md:4, column 3, in `ls`"),
        ("\ufeffls", "the zero width no-break space (U+FEFF) stands at runbook/x.md:4, column 1"),
        (
            "mk\u00addir a",
            "the soft hyphen (U+00AD) stands at runbook/x.md:4, column 3, in `mkdir`",
        ),
        ("ls \u200e/none", "the left-to-right mark (U+200E) stands at runbook/x.md:4, column 4"),
        (
            "cat a \uff5c wc",
            "the fullwidth vertical line (U+FF5C) stands at runbook/x.md:4, column 7",
        ),
        (
            "python3 -c 'print(\u00a01)'",
            "the no-break space (U+00A0) stands at runbook/x.md:4, col",
        ),
        ("python3 -c 'print(\u201ca\u201d)'", "the left double quotation mark (U+201C) stands at"),
        ("true\nls \\\n  \u2013l", "the en dash (U+2013) stands at runbook/x.md:6, column 3"),
        ("  ls \u2013l", "the en dash (U+2013) stands at runbook/x.md:4, column 6"),
    ],
)
def test_character(line: str, said: str, tmp_path: Path) -> None:
    """The character, its code, line and column, and what is meant in its place."""
    diagnosis = diagnosed(_block(line), cwd=tmp_path)
    assert diagnosis.cause is Cause.WRONG_CHARACTER, diagnosis
    assert diagnosis.hint.startswith(said)
    assert "write `" in diagnosis.hint or "write a" in diagnosis.hint or "delete" in diagnosis.hint


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "echo hi &gt; saved.txt",
            "the HTML entity `&gt;` stands at runbook/x.md:4, column 9, where `>`",
        ),
        (
            "sort &lt; none",
            "the HTML entity `&lt;` stands at runbook/x.md:4, column 6, where `<` is",
        ),
        ("true &amp;&amp; echo", "the HTML entity `&amp;` stands at runbook/x.md:4, column 6"),
        ("echo &quot;hi&quot;", "the HTML entity `&quot;` stands at runbook/x.md:4, column 6"),
        ("ls&nbsp;-l", "the HTML entity `&nbsp;` stands at runbook/x.md:4, column 3"),
    ],
)
def test_entity(line: str, said: str, tmp_path: Path) -> None:
    """HTML's name of a character is told, and not looked for as a program."""
    diagnosis = diagnosed(_block(line), cwd=tmp_path)
    assert diagnosis.cause is Cause.WRONG_CHARACTER, diagnosis
    assert diagnosis.hint.startswith(said)


@pytest.mark.parametrize(
    ("lines", "column"),
    [
        (("ls -l \\ ", "  /tmp"), "4, column 8"),
        (("ls -l \\\t", "  /tmp"), "4, column 8"),
        (("echo a \\  ", "  --word b"), "4, column 9"),
        (("echo a \\", "  b \\ ", "  --word c"), "5, column 6"),
    ],
)
def test_blank_after_a_backslash(lines: tuple[str, ...], column: str, tmp_path: Path) -> None:
    """The line that ends too early is named, also where only the next one fails."""
    diagnosis = diagnosed(_block(*lines), cwd=tmp_path)
    assert diagnosis.cause is Cause.WRONG_CHARACTER, diagnosis
    assert f"after the backslash at runbook/x.md:{column}, so" in diagnosis.hint


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('ls "a \u2013 b"', Cause.NO_SUCH_FILE),
        ("cat 'it\u2019s here'", Cause.NO_SUCH_FILE),
        ('echo "\u201chi\u201d" && frobnicate', Cause.COMMAND_NOT_FOUND),
        ("echo a\u00a0b && frobnicate", Cause.COMMAND_NOT_FOUND),
        ("echo \u2013 done && cat none.txt", Cause.NO_SUCH_FILE),
        ("printf \u201c%s\u201d a && cat none.txt", Cause.NO_SUCH_FILE),
        ("cat none.txt # \u2013 the file", Cause.NO_SUCH_FILE),
        ("cat > a <<EOF && cat none.txt\n\u2013r &amp; \u201ca\u201d\nEOF", Cause.NO_SUCH_FILE),
        ("cat Ende\u2013Anfang", Cause.NO_SUCH_FILE),
        ("frobnicate \u2013l", Cause.COMMAND_NOT_FOUND),
        ("python3 -c 'print(\"a \u2013 b\"); import frobnicate'", Cause.MODULE_NOT_FOUND),
        ("cat > a.html <<EOF; if\na &amp; b\nEOF", Cause.SYNTAX_ERROR),
        ("cat 'a&amp;b'", Cause.NO_SUCH_FILE),
        ("echo 'a \\ '\ncat none.txt", Cause.NO_SUCH_FILE),
        ("cat my\\ none.txt", Cause.NO_SUCH_FILE),
        ("frobnicate \\ ", Cause.COMMAND_NOT_FOUND),
    ],
)
def test_character_that_is_meant(line: str, cause: Cause, tmp_path: Path) -> None:
    """Quoted text, text of echo, comments and names of files hold them rightly."""
    diagnosis = diagnosed(_block(*line.split("\n")), cwd=tmp_path)
    assert (diagnosis.cause, diagnosis.hint) == (cause, diagnosis.hint)


def test_quote_of_which_only_the_closing_one_is_named() -> None:
    """The words between two such quotes are words of their own, and the last one is missed."""
    source = "```bash\ncurl -H \u201cAccept: x\u201d https://a.test\n```\n"
    diagnosis = printed_by(source, "curl: (6) Could not resolve host: x\u201d\n", exit_code=6)
    assert diagnosis.cause is Cause.WRONG_CHARACTER
    assert "(U+201C) stands at runbook/x.md:2, column 9" in diagnosis.hint


def test_column_is_that_of_the_document() -> None:
    """A prompt or the indentation of a list stands in front of the command's text."""
    source = "1. List\n\n   ```console\n   $ ls \u2013l\n   ```\n"
    printed = "ls: cannot access ''$'\\342\\200\\223''l': No such file or directory\n"
    assert "runbook/x.md:4, column 9, in" in printed_by(source, printed).hint


def test_visible_character_in_a_name_that_is_written_plain_elsewhere() -> None:
    """The same name with a plain hyphen in the same document shows which is meant."""
    printed = "cat: app\u2013config.yml: No such file or directory\n"
    plain = "Look at `app-config.yml`.\n\n```bash\ncat app\u2013config.yml\n```\n"
    assert printed_by(plain, printed).cause is Cause.WRONG_CHARACTER
    alone = "```bash\ncat app\u2013config.yml\n```\n"
    assert printed_by(alone, printed).cause is Cause.NO_SUCH_FILE
