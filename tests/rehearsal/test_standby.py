"""A machine that waits in front of a section: when it may go on, and what its run says then."""

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from freshrun.document.reading import read
from freshrun.machine.engine import Engine, connected
from freshrun.model.errors import MachineError
from freshrun.model.outcome import Outcome, Output, Status
from freshrun.model.record import Record
from freshrun.model.runbook import Runbook
from freshrun.rehearsal.options import Choices
from freshrun.rehearsal.run import Run
from freshrun.rehearsal.setup import Setup, decided
from freshrun.rehearsal.standby import Standby, unfit

DOCUMENT = """# A project

Words.

## Build

```bash
export WORD=there; cd /tmp && sleep 300 &
cat *.txt | head -1
```

## Use

```console
$ echo "$WORD" && jobs -r
...
```

## Fail

```bash
grep nothing project.txt
```

## Never

```bash
true
```
"""
BEFORE_USE, BEFORE_FAIL = 3, 4
EDITED = DOCUMENT.replace("Words.", "Many\n\nmore words.").replace("grep nothing", "grep some")
Make = Callable[[str], Path]


def git(folder: Path, *words: str) -> None:
    """Run git in a folder."""
    names = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", *names, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """Return the document, in a repository where it is committed."""
    path = tmp_path / "a.md"
    path.write_text(DOCUMENT, "utf-8")
    (tmp_path / "project.txt").write_text("a text\n", "utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    return path


def known(path: Path) -> tuple[Runbook, Setup]:
    """Return the document as it stands, and what is decided of it."""
    runbook = read(path)
    return runbook, decided(runbook, Choices(image="debian:bookworm", keep_engine=True))


def typed(standby: Standby, upto: int) -> list[Outcome]:
    """Type to a place and wait there; return what was given."""
    outcomes = list(standby.type(upto))
    assert [one.status for one in outcomes] == [Status.PASSED] * len(outcomes)
    assert standby.wait() == ""
    return outcomes


@pytest.fixture
def standby(document: Path, engine: Engine) -> Iterator[Standby]:  # noqa: ARG001 - it has to run
    """Return a machine that waits in front of the second section."""
    with Standby(*known(document)) as made:
        typed(made, BEFORE_USE)
        yield made


def timeless(record: Record) -> Record:
    """Return a record without what differs between any two runs: times and processes."""
    return replace(
        record,
        started="",
        ended="",
        run="",
        outcomes=tuple(
            replace(one, seconds=0.0, job=one.job and 1, stderr=Output(size=one.stderr.size))
            for one in record.outcomes
        ),
    )


def rehearsed(path: Path, standby: Standby | None = None) -> Record:
    """Return the record of a run of the document as it stands."""
    run = Run(*known(path), standby=standby)
    with run:
        run.finish()
    return run.draft.record


@pytest.mark.engine
def test_the_record_of_a_run_that_goes_on_there_is_that_of_a_fresh_one(
    standby: Standby, document: Path
) -> None:
    """Lines, notes, digest, text and provenance are those of the document as it stands now.

    The checkout has changes now that it had not when the machine was made.
    """
    document.write_text(EDITED, "utf-8")
    assert standby.why_not(*known(document)) == ""
    assert timeless(rehearsed(document, standby)) == timeless(rehearsed(document))


@pytest.mark.engine
def test_what_a_fresh_machine_would_have_another_one_of_is_named(
    standby: Standby, document: Path, tmp_path: Path
) -> None:
    """Text, settings, a tag, a commit; each is enough."""
    document.write_text(DOCUMENT.replace("head -1", "head -2"), "utf-8")
    assert "the command of line 9 is another one" in standby.why_not(*known(document))
    document.write_text(DOCUMENT.replace("grep nothing", "grep some"), "utf-8")
    runbook, setup = known(document)
    assert "setup" in standby.why_not(runbook, replace(setup, timeout=1.0))
    assert "address" in _with_origin(standby, document)
    git(tmp_path, "tag", "v1")
    assert "commit, branch, tag or address" in standby.why_not(*known(document))
    git(tmp_path, "tag", "-d", "v1")
    git(tmp_path, "commit", "-qam", "two")
    assert "commit, branch, tag or address" in standby.why_not(*known(document))


def _with_origin(standby: Standby, document: Path) -> str:
    """Return what is said where the repository has an address for a moment."""
    git(document.parent, "remote", "add", "origin", "https://git.example.org/a/project.git")
    why = standby.why_not(*known(document))
    git(document.parent, "remote", "remove", "origin")
    return why


@pytest.mark.engine
def test_a_program_that_ended_while_it_waited_makes_it_useless(
    document: Path,
    engine: Engine,  # noqa: ARG001 - it has to run
) -> None:
    """A job that a fresh run would find running is over: `sleep` counts while it is frozen."""
    seconds = 4
    document.write_text(DOCUMENT.replace("sleep 300", f"sleep {seconds}"), "utf-8")
    with Standby(*known(document)) as standby:
        typed(standby, BEFORE_USE)
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            time.sleep(0.1)
        assert "has ended while it waited" in standby.why_not(*known(document))


@pytest.mark.engine
def test_nobody_waits_where_a_program_is_open_in_the_shell(
    document: Path,
    engine: Engine,  # noqa: ARG001 - it has to run
) -> None:
    """What comes next would be typed into that."""
    document.write_text("## A\n\n```bash\nbash\n```\n\n## B\n\n```bash\ntrue\n```\n", "utf-8")
    with Standby(*known(document)) as standby:
        assert [one.status for one in standby.type(1)] == [Status.PASSED]
        assert standby.wait() == "a program is open in its shell"


@pytest.mark.engine
def test_a_run_has_its_machine_to_itself_and_removes_it(
    standby: Standby, document: Path, engine: Engine
) -> None:
    """Whoever made it has nothing to close then, and nobody takes it twice.

    It may have typed on to another place before, where a failure is told, and is no place.
    """
    (one,) = typed(standby, BEFORE_FAIL)
    assert one.stdout.text.startswith("there\n")
    *_, failed = standby.type(BEFORE_FAIL + 1)
    assert (failed.status, standby.typed) == (Status.FAILED, BEFORE_FAIL)
    assert standby.why_not(*known(document)) == ""
    run = Run(*known(document), standby=standby)
    with run:
        machine = run.machine.id
        with pytest.raises(MachineError):
            Run(*known(document), standby=standby).__enter__()
    with connected(engine) as client:
        assert not client.api.containers(all=True, filters={"id": machine})


def test_no_machine_waits_where_the_document_is_among_its_files(document: Path) -> None:
    """Each save changes what a fresh machine would be given."""
    runbook, setup = known(document)
    assert unfit(setup) == ""
    assert "--worktree" in unfit(decided(runbook, Choices(worktree=True)))
    assert "--update" in unfit(decided(runbook, Choices(update=True)))
