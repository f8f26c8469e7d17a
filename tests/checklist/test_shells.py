"""What every maker of `Shell` promises: a run's own shell, and the tests' own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from own_shell import live_shell

from freshrun.checklist.trial import Shell
from freshrun.document.reading import parse
from freshrun.machine.image import Image
from freshrun.model.outcome import Outcome, Status
from freshrun.model.runbook import Command, Options
from freshrun.rehearsal.options import Choices
from freshrun.rehearsal.run import Run
from freshrun.rehearsal.setup import decided

DOCUMENT = "```bash\ncd /srv\nLEFT=there\nhello() { echo hi; }\n```\n"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Shell]:
    """Return a bash of this host in which the document was typed."""
    with live_shell(tmp_path) as sandbox:
        for command in parse(DOCUMENT, path="x.md").commands:
            sandbox.shell.type(command)
        yield sandbox.shell


@pytest.fixture
def run(fresh_image: Image, tmp_path: Path) -> Iterator[Shell]:
    """Return a run, whose shell stands where the document left it."""
    path = tmp_path / "x.md"
    path.write_text(DOCUMENT, "utf-8")
    runbook = parse(DOCUMENT, path=str(path))
    setup = decided(runbook, Choices(image=fresh_image.name, keep_engine=True))
    with Run(runbook, setup=setup) as opened:
        yield opened


@pytest.fixture(params=["own", pytest.param("run", marks=pytest.mark.engine)])
def shell(request: pytest.FixtureRequest) -> Shell:
    """Return what each maker offers."""
    made: Shell = request.getfixturevalue(request.param)
    return made


def typed(shell: Shell, text: str, *, promised: int = 0) -> Outcome:
    """Return what a trial gave."""
    return shell.type(Command(text, "x.md", 2, 2, "", Options(exit=promised)))


def test_a_trial_goes_on_where_the_rehearsal_stopped(shell: Shell) -> None:
    """Directory, variables and functions are there; and what a trial leaves the next one finds."""
    assert typed(shell, 'echo "$PWD $LEFT"; hello').stdout.text == "/srv there\nhi\n"
    typed(shell, "cd /; MADE=here")
    left = typed(shell, 'echo "$MADE"')
    assert (left.stdout.text, left.cwd) == ("here\n", "/")


@pytest.mark.parametrize("promised", [0, 3])
@pytest.mark.parametrize("status", [0, 3])
def test_a_trial_passes_where_it_ends_as_promised(shell: Shell, status: int, promised: int) -> None:
    """Its status is an answer either way, and one that was not promised says which it was."""
    gave = typed(shell, f"(exit {status})", promised=promised)
    assert gave.exit_code == status
    assert gave.status is (Status.PASSED if status == promised else Status.FAILED)
    assert gave.reason == (
        "" if status == promised else f"exit status {status}, expected {promised}"
    )


def test_a_trial_has_its_own_streams(shell: Shell) -> None:
    """Both apart and whole, and nobody at the keyboard."""
    gave = typed(shell, "echo out; echo err >&2; printf '\\xff'; read line || echo none")
    assert gave.stdout.kept == b"out\n\xffnone\n"
    assert gave.stderr.kept == b"err\n"


def test_a_trial_is_the_command_that_was_asked_for(shell: Shell) -> None:
    """As it stands, with its place in the document."""
    command = Command("true\nfalse\ntrue", "x.md", 7, 9, "Section")
    assert shell.type(command).command == command
