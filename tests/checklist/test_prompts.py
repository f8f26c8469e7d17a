"""What every maker of `Prompt` promises: a run's own shell, and the tests' own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from own_shell import live_shell

from freshrun.checklist.trial import Prompt
from freshrun.document.reading import parse
from freshrun.machine.image import Image
from freshrun.model.outcome import Outcome, Status
from freshrun.model.runbook import Command, Options
from freshrun.rehearsal.options import Choices
from freshrun.rehearsal.run import Run
from freshrun.rehearsal.setup import decided

DOCUMENT = "```bash\ncd /srv\nLEFT=there\nhello() { echo hi; }\n```\n"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Prompt]:
    """Return a bash of this host in which the document was typed."""
    with live_shell(tmp_path) as bench:
        for command in parse(DOCUMENT, path="x.md").commands:
            bench.prompt.type(command)
        yield bench.prompt


@pytest.fixture
def run(fresh_image: Image, tmp_path: Path) -> Iterator[Prompt]:
    """Return a run, whose shell stands where the document left it."""
    path = tmp_path / "x.md"
    path.write_text(DOCUMENT, "utf-8")
    runbook = parse(DOCUMENT, path=str(path))
    setup = decided(runbook, Choices(image=fresh_image.name, keep_engine=True))
    with Run(runbook, setup=setup) as opened:
        yield opened


@pytest.fixture(params=["own", pytest.param("run", marks=pytest.mark.engine)])
def prompt(request: pytest.FixtureRequest) -> Prompt:
    """Return what each maker offers."""
    made: Prompt = request.getfixturevalue(request.param)
    return made


def typed(prompt: Prompt, text: str, *, promised: int = 0) -> Outcome:
    """Return what a trial gave."""
    return prompt.type(Command(text, "x.md", 2, 2, "", Options(exit=promised)))


def test_a_trial_goes_on_where_the_rehearsal_stopped(prompt: Prompt) -> None:
    """Directory, variables and functions are there; and what a trial leaves the next one finds."""
    assert typed(prompt, 'echo "$PWD $LEFT"; hello').stdout.text == "/srv there\nhi\n"
    typed(prompt, "cd /; MADE=here")
    left = typed(prompt, 'echo "$MADE"')
    assert (left.stdout.text, left.cwd) == ("here\n", "/")


@pytest.mark.parametrize("promised", [0, 3])
@pytest.mark.parametrize("status", [0, 3])
def test_a_trial_passes_where_it_ends_as_promised(
    prompt: Prompt, status: int, promised: int
) -> None:
    """Its status is an answer either way, and one that was not promised says which it was."""
    gave = typed(prompt, f"(exit {status})", promised=promised)
    assert gave.exit_code == status
    assert gave.status is (Status.PASSED if status == promised else Status.FAILED)
    assert gave.reason == (
        "" if status == promised else f"exit status {status}, expected {promised}"
    )


def test_a_trial_has_its_own_streams(prompt: Prompt) -> None:
    """Both apart and whole, and nobody at the keyboard."""
    gave = typed(prompt, "echo out; echo err >&2; printf '\\xff'; read line || echo none")
    assert gave.stdout.kept == b"out\n\xffnone\n"
    assert gave.stderr.kept == b"err\n"


def test_a_trial_is_the_command_that_was_asked_for(prompt: Prompt) -> None:
    """As it stands, with its place in the document."""
    command = Command("true\nfalse\ntrue", "x.md", 7, 9, "Section")
    assert prompt.type(command).command == command
