"""Many documents in one run, and many runs in one folder: nothing is shared, nothing is lost."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from freshrun.machine import Capacity, capacity
from freshrun.machine.engine import Engine, connected

PROGRAM = str(Path(sys.executable).parent / "freshrun")
IMAGE = ("--image=debian:bookworm", "--keep-engine")
GOOD = "```bash\necho one\n```\n"
BAD = "```bash\nfalse\n```\n"
LONG = "```bash\necho begun\nsleep 300\n```\n"
ENDED = 90.0

pytestmark = pytest.mark.engine


def freshrun(*words: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run the program as a user does."""
    argv = [PROGRAM, *words, *IMAGE]
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)


@contextmanager
def begun(*words: str, cwd: Path) -> "Iterator[subprocess.Popen[str]]":
    """Start the program, deaf to nothing; it is ended with the test."""
    argv = ["env", "--default-signal=INT", PROGRAM, *words, *IMAGE]
    out, err = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(argv, cwd=cwd, text=True, stdout=out, stderr=err) as process:
        try:
            yield process
        finally:
            process.kill()


def documents(folder: Path, **texts: str) -> list[str]:
    """Write documents; return their names."""
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    return [f"{name}.md" for name in texts]


def record(folder: Path, name: str) -> dict[str, object]:
    """Return the record of one document of a run of several."""
    place = folder / ".freshrun" / f"record-{name}.json"
    read: dict[str, object] = json.loads(place.read_text("utf-8"))
    return read


def children(process: int) -> list[int]:
    """Return the processes that a process has started."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text("utf-8")
    return [int(each) for each in listed.split()]


def machines(engine: Engine, pids: Sequence[int]) -> list[str]:
    """Return the machines that processes have open, and those that they left."""
    with connected(engine) as client:
        found = client.api.containers(all=True, filters={"label": "freshrun"})
        return [one["Id"] for one in found if int(one["Labels"]["freshrun.pid"]) in pids]


def waited_for(engine: Engine, process: int, *, number: int) -> list[int]:
    """Return the workers of a run once so many machines of theirs are there."""
    deadline = time.monotonic() + ENDED
    while time.monotonic() < deadline:
        workers = children(process)
        if len(machines(engine, workers)) == number:
            return workers
        time.sleep(0.2)
    raise TimeoutError("the machines were not made")


def test_an_engine_says_what_it_has_to_spare(engine: Engine) -> None:
    """Numbers of this host, where it is on this host."""
    found = capacity(engine)
    assert isinstance(found, Capacity)
    assert found.processors > 0
    assert found.memory > 2**20
    assert found.disk is None or found.disk > 0


def test_each_has_its_record_and_the_worst_decides(tmp_path: Path) -> None:
    """One table in the order that was asked for; a document that can't be read holds up none."""
    names = documents(tmp_path, good=GOOD, bad=BAD, none="# Nothing\n")
    done = freshrun(
        *names, "missing.md", "--workers=2", "--junit=j.xml", "--html=p.html", cwd=tmp_path
    )
    assert done.returncode == 2, done.stdout + done.stderr
    *rows, _empty, closing = done.stdout.splitlines()[-6:]
    shown = [
        row.split()[:1] + [word for word in row.split() if word.endswith(".md")] for row in rows
    ]
    assert [(row[0], row[1]) for row in shown] == [
        ("PASSED", "good.md"),
        ("FAILED", "bad.md"),
        ("BROKEN", "none.md"),
        ("BROKEN", "missing.md"),
    ]
    assert "bad.md:2: exit status 1, expected 0" in rows[1]
    assert closing == "4 rehearsals: 2 broken, 1 failed, 1 passed"
    verdicts = [record(tmp_path, name)["verdict"] for name in (*names, "missing.md")]
    assert verdicts == ["passed", "failed", "broken", "broken"]
    junit = (tmp_path / "j.xml").read_text("utf-8")
    assert [name for name in (*names, "missing.md") if f'name="{name}"' in junit] == [
        *names,
        "missing.md",
    ]
    contents = (tmp_path / "p.html").read_text("utf-8")
    for name in (*names, "missing.md"):
        assert f'href="./p-{name}.html">{name}</a>' in contents
        assert f"<h1>{name}</h1>" in (tmp_path / f"p-{name}.html").read_text("utf-8")
    assert freshrun("good.md", "bad.md", cwd=tmp_path).returncode == 1
    (tmp_path / "also.md").write_text(GOOD, "utf-8")
    assert freshrun("good.md", "also.md", cwd=tmp_path).returncode == 0


def test_a_killed_worker_takes_no_other_document_with_it(tmp_path: Path, engine: Engine) -> None:
    """Its own is broken, says by what, and its machine is removed."""
    names = documents(tmp_path, long=LONG, good=GOOD, more=GOOD)
    with begun(*names, "--workers=1", cwd=tmp_path) as process:
        (worker,) = waited_for(engine, process.pid, number=1)
        subprocess.run(["kill", "-9", str(worker)], check=True)
        printed, _ = process.communicate(timeout=ENDED)
    assert process.returncode == 2, printed
    assert record(tmp_path, "long.md")["verdict"] == "broken"
    assert record(tmp_path, "long.md")["fault"] == "its process was ended by SIGKILL"
    assert record(tmp_path, "good.md")["verdict"] == "passed"
    assert record(tmp_path, "more.md")["verdict"] == "passed"
    assert "3 rehearsals: 1 broken, 2 passed" in printed
    assert machines(engine, [worker]) == []


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 2)])
def test_a_signal_ends_all_and_leaves_no_machine(
    tmp_path: Path, engine: Engine, name: str, code: int
) -> None:
    """What runs and what waits is broken, and says that it was interrupted."""
    names = documents(tmp_path, one=LONG, two=LONG, three=GOOD)
    with begun(*names, "--workers=2", cwd=tmp_path) as process:
        workers = waited_for(engine, process.pid, number=2)
        process.send_signal(getattr(signal, name))
        printed, _ = process.communicate(timeout=ENDED)
    assert process.returncode == code, printed
    assert machines(engine, workers) == []
    for document in names:
        assert record(tmp_path, document)["verdict"] == "broken"
        assert "the run was interrupted" in str(record(tmp_path, document)["fault"])
    assert "Traceback" not in printed


def test_workers_end_with_a_run_that_is_killed(tmp_path: Path, engine: Engine) -> None:
    """Nobody would take their records: their machines go within seconds."""
    names = documents(tmp_path, one=LONG, two=LONG)
    with begun(*names, "--workers=2", cwd=tmp_path) as process:
        workers = waited_for(engine, process.pid, number=2)
        process.kill()
        process.wait()
        deadline = time.monotonic() + ENDED
        while machines(engine, workers):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert [record(tmp_path, name)["verdict"] for name in names] == ["broken", "broken"]


def test_four_runs_at_once_share_nothing(tmp_path: Path) -> None:
    """The same documents in the same folder: each run has its own verdict, and all its records."""
    lines = ("test ! -e ~/seen && touch ~/seen", "sleep 30 &", "head -c 5M /dev/zero")
    text = "```bash\n{}\n{}\n{}\n```\n".format(*lines)
    names = documents(tmp_path, one=text, two=text)
    argv = [PROGRAM, *names, "--workers=1", *IMAGE]
    runs = [
        subprocess.Popen(argv, cwd=tmp_path, text=True, stdout=subprocess.PIPE) for _ in range(4)
    ]
    printed = [run.communicate(timeout=4 * ENDED)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0, 0], printed
    for name in names:
        found = [*(tmp_path / ".freshrun").glob(f"record-{name}*.json")]
        records = [json.loads(path.read_text("utf-8")) for path in found]
        assert len({one["run"] for one in records}) == 4
        assert {one["verdict"] for one in records} == {"passed"}
        spilled = [one["commands"][-1]["stdout"]["spill"] for one in records]
        assert len(set(spilled)) == 4
        assert all((tmp_path / each).stat().st_size == 5 * 2**20 for each in spilled)


def test_neighbours_lose_no_duration_of_one_another(tmp_path: Path) -> None:
    """They share the file beside them, and end at the same moment."""
    text = "```bash name=one band=0s..9s\necho one\n```\n"
    names = documents(tmp_path, a=text, b=text, c=text, d=text)
    done = freshrun(*names, "--workers=4", "--keep-durations", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert sorted(json.loads((tmp_path / "durations.json").read_text("utf-8"))) == names


def test_a_document_on_several_images_is_told_apart(tmp_path: Path) -> None:
    """Where they part, and why; a Dockerfile is an image, too."""
    recipe = "ARG BASE=debian:bookworm\nFROM ${BASE}\nENV HERE=there\n"
    (tmp_path / "Dockerfile").write_text(recipe, "utf-8")
    claim = "Tested on Debian 12 and Ubuntu 24.04.\n\n"
    names = documents(tmp_path, a=f'{claim}```bash\necho one\ntest -z "$HERE"\n```\n')
    done = freshrun(*names, "--image=Dockerfile", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 rehearsals: 1 failed, 1 passed" in done.stdout
    assert "a.md:1: named there, and no run was on it: Ubuntu 24.04\n" in done.stdout
    told = done.stdout[done.stdout.index("a.md:5: not the same everywhere") :].splitlines()
    assert told[1] == "  Dockerfile: failed: exit status 1, expected 0 (unknown)"
    assert told[2] == "  debian:bookworm: passed"
    assert record(tmp_path, "a.md-on-debian-bookworm")["verdict"] == "passed"
    assert record(tmp_path, "a.md-on-Dockerfile")["verdict"] == "failed"
    where = record(tmp_path, "a.md-on-debian-bookworm")["provenance"]
    assert where["system"] == "Debian GNU/Linux 12 (bookworm)"  # type: ignore[index]  # JSON
    note = "a.md:1: the document names Ubuntu 24.04; this run was on Debian GNU/Linux 12 (bookworm)"
    assert note in where["notes"]  # type: ignore[index]  # JSON


def test_an_image_is_made_once_for_all(tmp_path: Path) -> None:
    """Four documents at once wait for the one that builds it."""
    recipe = f"ARG BASE=debian:bookworm\nFROM ${{BASE}}\nRUN sleep 3 && echo {tmp_path}\n"
    (tmp_path / "Dockerfile").write_text(recipe, "utf-8")
    names = documents(tmp_path, a=GOOD, b=GOOD, c=GOOD)
    argv = [PROGRAM, *names, "--image=Dockerfile", "--keep-engine", "--workers=3"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ids = {record(tmp_path, name)["provenance"]["image_id"] for name in names}  # type: ignore[index]  # JSON
    assert len(ids) == 1
