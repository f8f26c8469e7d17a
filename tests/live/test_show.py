"""A run as it goes on: what is drawn fits, what stays is told once, and a log has plain lines."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from select import select

import pytest
from rich.console import Console

from freshrun.document.reading import parse
from freshrun.live.course import Now
from freshrun.live.drawn import Drawn
from freshrun.live.plain import Plain
from freshrun.live.show import Show, is_drawn
from freshrun.model.outcome import Ending, Outcome, Status

FRESHRUN = Path(sys.executable).parent / "freshrun"
LONG = "echo " + "word " * 60
TEXT = f"""# Title

## One

```bash
{LONG}
true
```

## Two

```bash
false
true
true
```
"""
BOOK = parse(TEXT, path="docs/a.md")


def outcomes() -> list[Outcome]:
    """Return what the document gives: a section that went well, and one that failed."""
    first, second, third, *rest = BOOK.commands
    return [
        Outcome(first, Status.PASSED, seconds=1.0, exit_code=0),
        Outcome(second, Status.PASSED, seconds=2.0, exit_code=0, warnings=("look at me",)),
        Outcome(third, Status.FAILED, exit_code=1, cause="no such file", hint="make it first"),
        *(Outcome(one, Status.NOT_REACHED, Ending.NOT_RUN) for one in rest),
    ]


def followed(screen: Drawn | Plain) -> None:
    """Show a whole run."""
    with Show(BOOK, screen, hidden=lambda text: text.replace("word", "****"), timeout=60) as show:
        show.step("pulling debian")
        for outcome in outcomes():
            show.typing(outcome.command, "said " * 60)
            show.ended(outcome)


def test_a_log_has_each_line_once() -> None:
    """Titles, commands with their times, warnings, and the cause right below what failed."""
    stream = StringIO()
    followed(Plain(stream))
    told = re.sub(r"echo (\S+ ?)+", "echo ...", stream.getvalue())
    assert told.splitlines() == [
        "docs/a.md: 5 commands in 2 sections",
        "  pulling debian",
        "One (section 1 of 2)",
        "  passed          6  echo ...",
        "  passed          7  true (2.00 s)",
        "          7  warning: look at me",
        "Two (section 2 of 2)",
        "  failed         13  false (0.00 s)",
        "      docs/a.md:13: failed: exit status 1, expected 0",
        "        cause: no such file",
        "        hint: make it first",
        "         14  2 not reached from here on",
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_nothing_that_is_drawn_is_wider_than_the_terminal(width: int) -> None:
    """The command that runs, its clock and last line, the title, and what has ended."""
    screen = Drawn(StringIO())
    show = Show(BOOK, screen, hidden=str, timeout=600)
    show.ended(outcomes()[0])
    show.typing(BOOK.commands[1], "said " * 60)
    console = Console(width=width, height=24, file=StringIO())
    lines = "".join(part.text for part in console.render(screen)).splitlines()
    assert len(lines) == 4
    assert all(len(line) <= width for line in lines)
    assert lines[2].endswith("0:00 of 10:00")
    assert lines[0].startswith("One (section 1 of 2)")


def test_a_section_that_went_well_is_folded_and_one_that_failed_stays() -> None:
    """Each heading once; no line of a command is wrapped."""
    stream = StringIO()
    screen = Drawn(stream)
    followed(screen)
    lines = [
        re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", one).strip("\r")
        for one in stream.getvalue().splitlines()
    ]
    kept = [line.strip() for line in lines]
    assert "✓ One: 2 commands, 3.00 s" in kept
    assert sum("warning: look at me" in line for line in kept) == 1
    failed = kept.index("docs/a.md:13: failed: exit status 1, expected 0")
    assert kept[failed + 1 : failed + 3] == ["cause: no such file", "hint: make it first"]
    assert kept.count("14  2 not reached from here on") == 1


@pytest.mark.parametrize(
    ("environ", "drawn"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm", "CI": "true"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_who_gets_plain_lines(environ: dict[str, str], drawn: bool) -> None:  # noqa: FBT001 - a row of the table
    """A terminal that can draw, and nobody who asks for plain text."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as terminal:
        assert is_drawn(terminal, environ) is drawn
    os.close(master)
    assert not is_drawn(StringIO(), environ)


def test_a_clock_counts() -> None:
    """In minutes and seconds, with what it may take."""
    assert Now("x", " of 2:00", since=time.monotonic() - 61.5).clock == "1:01 of 2:00"


class Person:
    """Somebody before a terminal of so many columns."""

    def __init__(self, *words: str, cwd: Path, columns: int) -> None:
        """Type `freshrun` with these words."""
        self._master, slave = pty.openpty()
        size = ("stty", "cols", str(columns), "rows", "24")
        subprocess.run(size, stdin=slave, check=True)
        environ = {**os.environ, "TERM": "xterm", "CI": "", "NO_COLOR": ""}
        # What is started in the background ignores the interrupt; a person's terminal does not.
        command = ["env", "--default-signal=INT", str(FRESHRUN), *words]
        self.process = subprocess.Popen(
            command, cwd=cwd, env=environ, stdin=slave, stdout=slave, stderr=slave
        )
        os.close(slave)
        self.seen = ""

    def reads_until(self, text: str, *, seconds: float = 60) -> str:
        """Read on until a text was seen; return all that was."""
        deadline = time.monotonic() + seconds
        while text not in self.seen and time.monotonic() < deadline:
            if select([self._master], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self._master, 65536).decode(errors="replace")
                except OSError:
                    break
        return self.seen


@pytest.mark.engine
@pytest.mark.parametrize("columns", [80, 120])
def test_ctrl_c_names_what_ran_and_ends_with_130(tmp_path: Path, columns: int) -> None:
    """Its time and last line; the record says interrupted, and nothing names an exception."""
    (tmp_path / "a.md").write_text(
        "```bash\n{ echo before; sleep 60; : " + "word " * 40 + "; }\n```\n"
    )
    person = Person(
        "a.md", "--image=debian:bookworm", "--keep-engine", cwd=tmp_path, columns=columns
    )
    drawn = person.reads_until("0:02 of 10:00")
    assert "0:02 of 10:00" in drawn, drawn
    person.process.send_signal(signal.SIGINT)
    told = person.reads_until("The whole record")
    assert person.process.wait(60) == 130
    after = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", told).partition("BROKEN  a.md")[2]
    assert "a.md:2: broken: the run was interrupted after" in after
    assert "    | before" in after
    assert "Interrupt" not in told
    record = (tmp_path / ".freshrun" / "record.json").read_text("utf-8")
    assert "the run was interrupted" in record
    # Nothing that was drawn was wrapped by the terminal.
    rows = re.split(r"\r\n|\r|\n", re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", drawn))
    assert max(map(len, rows)) == columns


@pytest.mark.engine
def test_the_verdict_stands_before_the_machine_is_removed(tmp_path: Path) -> None:
    """And what is always so here is told with --verbose alone."""
    (tmp_path / "a.md").write_text("```bash\ntrue\n```\n")
    words = (FRESHRUN, "a.md", "--image=debian:bookworm", "--keep-engine")
    quiet, told = (
        subprocess.run([*words, *more], cwd=tmp_path, capture_output=True, text=True, check=True)
        for more in ((), ("-v",))
    )
    assert "PASSED  a.md" in quiet.stdout
    record = (tmp_path / ".freshrun" / "record.json").read_text("utf-8")
    assert "the machine's disk has no limit" in told.stdout + "the machine's disk has no limit" * (
        "has no limit" not in record
    )
    assert "the machine's disk has no limit" not in quiet.stdout
    assert "is in no git repository" in quiet.stdout
