"""What a failed command wrote instead of printing: its end is shown, and the whole is kept."""

from pathlib import Path

import pytest

from freshrun.document.reading import parse
from freshrun.machine.machine import Machine
from freshrun.mask.masking import Mask
from freshrun.model.outcome import LeftFile, Outcome, Status
from freshrun.rehearsal.rehearsal import played_in
from freshrun.report.console import failure_text

pytestmark = pytest.mark.engine


def failed(
    machine: Machine, *lines: str, folder: Path, secrets: tuple[str, ...] = ()
) -> tuple[Outcome, tuple[LeftFile, ...]]:
    """Rehearse lines of which the last one fails; return its outcome and the files of it."""
    book = parse("```bash\n{}\n```\n".format("\n".join(lines)), path="a.md")
    *before, last = played_in(book, machine, mask=Mask(secrets), spill=folder)
    assert [one.status for one in before] == [Status.PASSED] * len(before)
    assert last.status is Status.FAILED
    return last, last.files


def kept(file: LeftFile) -> bytes:
    """Return what is kept of a file."""
    return Path(str(file.content.spill)).read_bytes()


@pytest.mark.parametrize(
    "line",
    [
        "cat no-such-file 2> out/smoke.txt",
        'cat no-such-file 2> "$REPORT"',
        "cat no-such-file 2>>${REPORT}",
        "cat no-such-file &> out/smoke.txt",
        "cd out && cat no-such-file 2> smoke.txt",
        "{ cat no-such-file 2>&1 | tee out/smoke.txt; false; }",
    ],
)
def test_the_file_that_its_output_went_to_is_shown(
    machine: Machine, tmp_path: Path, line: str
) -> None:
    """With the cause that stands in it, where nothing else tells."""
    setup = ("cd && rm -rf out && mkdir out", "export REPORT=out/smoke.txt")
    outcome, (file,) = failed(machine, *setup, line, folder=tmp_path)
    assert (file.path, file.redirected) == (f"{machine.home}/out/smoke.txt", True)
    assert kept(file) == b"cat: no-such-file: No such file or directory\n"
    assert outcome.cause == "no such file"
    told = failure_text(outcome)
    assert f"  last in {file.path}:\n    | cat: no-such-file: No such file" in told
    assert f"  {file.path} is kept: {file.content.spill}" in told


def test_a_file_that_is_only_named_is_kept_and_one_that_is_old_is_not(
    machine: Machine, tmp_path: Path
) -> None:
    """What the command did not touch says nothing of it; what it wrote may."""
    setup = ("cd && echo old > old.txt && touch -d '1 hour ago' old.txt",)
    line = "sort -o new.txt old.txt && false"
    _outcome, files = failed(machine, *setup, line, folder=tmp_path)
    assert [(file.path, file.redirected) for file in files] == [(f"{machine.home}/new.txt", False)]
    assert kept(files[0]) == b"old\n"


def test_it_is_bounded_and_masked(machine: Machine, tmp_path: Path) -> None:
    """The end of a large file, and no secret in its content or its name."""
    secret = "hunter2hunter2"  # noqa: S105 - it opens nothing
    line = f"{{ yes | head -n 1500000; echo the {secret} end; false; }} > /tmp/{secret}"
    _outcome, (file,) = failed(machine, line, folder=tmp_path, secrets=(secret,))
    assert file.path == "/tmp/***"  # noqa: S108 - in the machine
    assert file.content.size > 2_900_000
    assert len(kept(file)) <= 1024 * 1024 < file.content.size
    assert kept(file).endswith(b"the *** end\n")
    assert len(file.content.tail) <= 64 * 1024


def test_a_failure_without_files_stays_as_it_is(machine: Machine, tmp_path: Path) -> None:
    """Nothing is asked for, and nothing is told."""
    for line in ("false", "cat /etc/passwd nowhere 2>/dev/null", "test -e / -a -z x > '$no'/x"):
        outcome, files = failed(machine, line, folder=tmp_path)
        assert files == ()
        assert "kept" not in failure_text(outcome)
