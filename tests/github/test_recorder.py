"""Recordings made by the recorder: of runs that GitHub has, and of a local failing run."""

import gzip
import io
import json
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from recorded_github import ROOT, SHIPPED, SMALL, contents, served

from freshrun.github.recorder import hub, live
from freshrun.github.recorder.live import record_run
from freshrun.github.recorder.local import LocalRun, Output, outputs, record_local
from freshrun.github.replay import RecordingError, Way, read_recording
from freshrun.github.server.faults import FAULTS, NO_FAULT, Fault

RUNS = (502, 501, 503)


class Record(Protocol):
    """Serves a recording, and records what the real gh sees of it into a new folder."""

    def __call__(
        self,
        folder: Path,
        *,
        runs: tuple[int, ...] = ...,
        fault: Fault = ...,
        via: Way = ...,
    ) -> Path:
        """Return the new folder."""


WORKFLOW = ROOT / ".github" / "workflows" / "drv-integration.yml"


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    """Return a function that serves a recording and records what the real gh sees of it."""

    def record(
        folder: Path,
        *,
        runs: tuple[int, ...] = (502,),
        fault: Fault = NO_FAULT,
        via: Way = "socket",
    ) -> Path:
        number = len(list(tmp_path.iterdir()))
        to = tmp_path / f"made-{number}" / "small"
        with served(folder, tmp_path / f"served-{number}", fault=fault, via=via) as server:
            for name, value in server.installed.environment.items():
                monkeypatch.setenv(name, value)
            repository = read_recording(folder).repository
            record_run(runs, to=to, repository=repository, origin=read_recording(folder).origin)
        return to

    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("GH_TOKEN", "a-token-of-mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    return record


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the small recording's failed run, for a test that changes it."""
    made = Path(shutil.copytree(SMALL, tmp_path / "recording"))
    for passed in ("501", "503"):
        shutil.rmtree(made / "runs" / passed)
    return made


def facts(folder: Path) -> dict[str, object]:
    """Return every file of a recording by its path, JSON as what it says."""
    return {
        path: json.loads(content)
        if path.endswith(".json") and "/artifacts/" not in path
        else content
        for path, content in contents(folder).items()
        if path != "README.md"
    }


@pytest.mark.parametrize("via", ["socket", "proxy"])
def test_a_recording_of_a_recording_is_the_same(recorded: Record, via: Way) -> None:
    """What the real gh is shown of a recording is recorded file by file, byte by byte."""
    made = recorded(SMALL, runs=RUNS, via=via)
    expected = contents(SMALL)
    expired = "runs/502/artifacts/scratch/old.txt"  # GitHub no longer gives it
    assert {**contents(made), "README.md": b""} == {
        path: content for path, content in {**expected, "README.md": b""}.items() if path != expired
    }
    again = recorded(made, runs=RUNS, via=via)
    assert contents(again) == contents(made)


def test_the_shipped_recording_is_recorded_whole(recorded: Record) -> None:
    """The recording of our runbook comes through gh with every fact, artifact and log."""
    runs = tuple(run.id for run in read_recording(SHIPPED).runs)
    assert facts(recorded(SHIPPED, runs=runs)) == facts(SHIPPED)


def test_what_a_person_reads_says_where_it_comes_from(
    recorded: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """README and origin name run, repository and day; gh finds the repository by GH_REPO."""
    made = recorded(SMALL)
    assert "Recorded: written by hand for the tests." in (made / "README.md").read_text()
    with served(SMALL, tmp_path / "more") as server:
        for name, value in {**server.installed.environment, "GH_REPO": "octo/app"}.items():
            monkeypatch.setenv(name, value)
        recording = record_run([502], to=tmp_path / "new" / "made")
    assert recording.origin == "run 502 of octo/app, recorded from GitHub on 2026-03-05"
    readme = (tmp_path / "new" / "made" / "README.md").read_text()
    assert "| 502 | Integration | schedule | 1 | failure | 2 | 3 |" in readme
    assert "there were none." in readme


def many(folder: Path, *, count: int) -> None:
    """Give run 502 many jobs and artifacts: all of them skipped, or expired."""
    run = folder / "runs" / "502"
    for name, key in (("jobs.json", 20000), ("artifacts.json", 40000)):
        listed = json.loads((run / name).read_text())
        last = {**listed[-1], **({"conclusion": "skipped", "steps": []} if key == 20000 else {})}
        made = [{**last, "id": key + n, "name": f"many ({n:03})"} for n in range(count)]
        (run / name).write_text(json.dumps(listed + made))


def test_every_page_is_recorded(recorded: Record, copy: Path) -> None:
    """More jobs and artifacts than a page of GitHub's holds, a hundred, are all recorded."""
    many(copy, count=104)
    shutil.rmtree(copy / "runs" / "502" / "artifacts" / "scratch")
    assert facts(recorded(copy)) == facts(copy)


def test_a_later_attempt_is_recorded_with_what_it_kept(recorded: Record, copy: Path) -> None:
    """Of a rerun the last attempt is recorded, with a job that had passed before it began."""
    run = copy / "runs" / "502" / "run.json"
    changed = {**json.loads(run.read_text()), "attempt": 2, "started_at": "2026-03-04T10:00:30Z"}
    run.write_text(json.dumps(changed))
    shutil.rmtree(copy / "runs" / "502" / "artifacts" / "scratch")
    made = recorded(copy)
    assert facts(made) == facts(copy)
    assert "| 502 | Integration | schedule | 2 | failure |" in (made / "README.md").read_text()


def test_a_run_in_progress_is_recorded_as_one(recorded: Record) -> None:
    """Of a run that is still going there are jobs without an end, no logs and no artifacts."""
    run = next(
        run
        for run in read_recording(recorded(SMALL, fault=FAULTS["run-in-progress"])).runs
        if run.id == 502
    )
    assert (run.status, run.conclusion, run.artifacts, run.logs) == ("in_progress", None, (), {})
    assert {(job.status, job.completed_at) for job in run.jobs} == {("in_progress", None)}


def test_logs_that_are_gone_are_recorded_as_gone(
    recorded: Record, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where GitHub says 410 of a log, the recording says so again, and gh says it to the reader."""
    run = copy / "runs" / "502" / "run.json"
    run.write_text(json.dumps({**json.loads(run.read_text()), "logs_expired": True}))
    shutil.rmtree(copy / "runs" / "502" / "logs")
    made = recorded(copy)
    assert json.loads((made / "runs" / "502" / "run.json").read_text())["logs_expired"] is True
    monkeypatch.undo()
    with served(made, copy.parent / "again") as server:
        shown = server.gh("run", "view", "502", "--log-failed")
    assert shown.returncode == 1
    assert "HTTP 410: Server Error" in shown.stderr


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("bad-credentials", "actions/runs/502: Bad credentials (HTTP 401)"),
        ("forbidden", "Resource not accessible by personal access token (HTTP 403)"),
        ("rate-limit", "You have exceeded a secondary rate limit."),
        ("not-found", "actions/runs/502: Not Found (HTTP 404)"),
        ("no-failed-run", "actions/runs/502: Not Found (HTTP 404)"),
        ("artifact-gone", "Artifact has expired (HTTP 410)"),
        ("artifact-cut-off", "unexpected EOF"),
        ("artifact-not-a-zip", "results: the archive is damaged: File is not a zip file"),
        ("artifact-bad-crc", "the archive is damaged: Bad CRC-32 for file"),
    ],
)
def test_what_gh_is_refused_is_no_recording(
    recorded: Record, tmp_path: Path, fault: str, said: str
) -> None:
    """Whatever goes wrong ends the recording with one line, and leaves nothing behind."""
    with pytest.raises(RecordingError) as caught:
        recorded(SMALL, fault=FAULTS[fault])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.glob("made-*/*")] == []


def test_expired_artifacts_are_listed_without_files(recorded: Record) -> None:
    """What has expired stays on the list, as at GitHub, and has no file."""
    made = recorded(SMALL, fault=FAULTS["artifacts-expired"])
    artifacts = next(run.artifacts for run in read_recording(made).runs if run.id == 502)
    assert [(item.name, dict(item.files)) for item in artifacts] == [
        ("results", {}),
        ("traces", {}),
        ("scratch", {}),
    ]


@pytest.fixture
def changed_gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that puts a gh on PATH whose answers go through one sed script.

    It is given the number of the call in which it runs, as `CALL` in the script.
    """

    def change(script: str) -> None:
        real, folder = Path(sys.executable).with_name("gh"), tmp_path / "bin"
        folder.mkdir()
        (folder / "gh").write_text(
            f"#!/bin/bash\nset -o pipefail\necho >> {folder}/calls\n"
            f'CALL=$(wc -l < {folder}/calls)\n{real} "$@" | LC_ALL=C sed "{script}"\n'
        )
        (folder / "gh").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    return change


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('s/\\"expired\\": false/\\"expired\\": true/', "a recording can't hold both"),
        ("s/T10:05:00Z/T10:05:0$((CALL > 1))Z/", "went on while it was recorded; wait until"),
        ("s/blob.main/blob/g", "no workflow's address names the default branch"),
        ("s/^{.*/nonsense/", "what came back is no JSON"),
        ("s/^Date:/Day:/", "no dated JSON object came back"),
    ],
)
def test_what_can_not_be_true_is_refused(
    recorded: Record, changed_gh: Callable[[str], None], script: str, said: str
) -> None:
    """Contradictions, a run that goes on and replies without sense each give one clear line."""
    changed_gh(script)
    with pytest.raises(RecordingError) as caught:
        recorded(SMALL)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (r's/"name": "traces"/"name": "..\/..\/evil"/', "its name holds a /"),
        (r's/"name": "traces"/"name": ".."/', "its name leads out of its folder"),
        (r's/"name": "traces"/"name": "NUL"/', "its name is a device"),
        (r's/"name": "traces"/"name": "Results"/', "no folder can hold both"),
        (f's/"name": "traces"/"name": "{"x" * 300}"/', "its name is longer than"),
        (r's/"id": 502,/"id": "..\/..\/evil",/', "GitHub's answer is about another one"),
        (f"s/^{{.*/{'[' * 50_000}/", "what came back is no JSON"),
        (r's/"created_at": "2026/"created_at": "soon/', "GitHub's answers can't be recorded: "),
        (r"s/^Date: .*/Date: yesterday/", "GitHub's answers can't be recorded: "),
        (r's/"id": 31,/"id": null,/', "GitHub's answers can't be recorded: "),
    ],
    ids=[
        *("path", "up", "device", "case", "length", "another run", "deep", "no time"),
        *("no date", "no number"),
    ],
)
def test_a_hostile_answer_is_one_line_and_leaves_nothing(
    recorded: Record, changed_gh: Callable[[str], None], tmp_path: Path, script: str, said: str
) -> None:
    """Names that lead out of the folder, depths without end and values of another kind."""
    changed_gh(script.replace('"', '\\"'))
    with pytest.raises(RecordingError) as caught:
        recorded(SMALL)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.glob("made-*/*")] == []
    assert not list(tmp_path.parent.rglob("evil"))


def test_an_answer_without_end_is_ended(recorded: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of 30 GB is not taken into memory: gh is stopped at the bound."""
    monkeypatch.setattr(hub, "LARGEST", 1000)
    with pytest.raises(RecordingError, match="more than 1,000 bytes came back"):
        recorded(SMALL)


def test_too_much_for_one_recording_is_told(
    recorded: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each artifact may be small enough, and all of them together too large."""
    monkeypatch.setattr(live, "LARGEST", 100)
    with pytest.raises(RecordingError, match="run 502: its artifacts have more than 100 bytes"):
        recorded(SMALL)


def test_two_artifacts_of_one_name_are_refused(
    recorded: Record, changed_gh: Callable[[str], None]
) -> None:
    """A rerun may upload a name again; a folder can't hold both, and the line says which."""
    changed_gh('s/\\"name\\": \\"traces\\"/\\"name\\": \\"results\\"/')
    with pytest.raises(RecordingError, match="the artifact name results stands there 2 times"):
        recorded(SMALL)


def test_without_gh_or_with_a_taken_folder_nothing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each gives one line with the remedy."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RecordingError, match="gh is not on PATH; install it"):
        record_run([1], to=tmp_path / "x", repository="a/b")
    with pytest.raises(RecordingError, match="it is there already; name another folder"):
        record_run([1], to=tmp_path, repository="a/b")


SECRETS = (
    (f"ghp_{'x1' * 18}", "a GitHub token"),
    (f"github_pat_{'x1' * 20}", "a GitHub token"),
    ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
    (f"eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.{'x' * 20}", "a JSON web token"),
    (f"AKIA{'A1' * 8}", "an AWS access key"),
    (f"Authorization: Bearer {'x1' * 16}", "a bearer token"),
    (f"xoxb-{'1' * 12}", "a Slack token"),
)


@pytest.mark.parametrize(
    ("secret", "said"), [SECRETS[0], ("a-token-of-mine", "your own token; revoke it at GitHub")]
)
def test_a_token_in_githubs_answers_refuses_the_recording(
    recorded: Record,
    changed_gh: Callable[[str], None],
    tmp_path: Path,
    secret: str,
    said: str,
) -> None:
    """The line names the file and the kind, never the token; nothing is left behind."""
    changed_gh(f"s/Round shares down/{secret}/")
    with pytest.raises(RecordingError) as caught:
        recorded(SMALL)
    assert f"/small/runs/502/run.json: found {said}" in str(caught.value)
    assert secret not in str(caught.value)
    assert [path.name for path in tmp_path.glob("made-*/*")] == []


def left(folder: Path, *, names: tuple[str, ...] = ("smoke", "full")) -> list[Output]:
    """Lay out what a failing run of the suite leaves; real outputs, those of our recording."""
    run = SHIPPED / "runs" / "17400000123"
    made = []
    for name in names:
        shutil.copytree(run / "artifacts" / f"drv-{name}-results", folder / name)
        (log,) = (run / "logs" / f"drv-suite {name}").iterdir()
        said = [line.split("Z ", 1)[1] for line in log.read_text().splitlines()[2:-1]]
        (folder / f"{name}.log").write_text("".join(f"{line}\n" for line in said))
        made.append(Output(f"drv-{name}-results", folder / name, folder / f"{name}.log"))
    return made


def local(given: list[Output], *, workflow: Path = WORKFLOW) -> LocalRun:
    """Return the run that outputs stand for."""
    return LocalRun(
        run_id=17400000123,
        repository="freshrun/freshrun",
        workflow=workflow,
        outputs=given,
        commit="c" * 40,
    )


def test_a_local_run_is_downloaded_again_as_the_suite_left_it(tmp_path: Path) -> None:
    """The real gh finds the local run as the latest failed one; its artifacts are the outputs."""
    made = left(tmp_path / "out")
    record_local(local(made), to=tmp_path / "made")
    where = ("-R", "freshrun/freshrun")
    with served(tmp_path / "made", tmp_path / "served") as server:
        query = ("--workflow", "drv-integration.yml", "--status", "failure", "--limit", "1")
        found = server.gh("run", "list", *where, *query, "--json", "databaseId").stdout
        loaded = server.gh("run", "download", "17400000123", *where, "--dir", str(tmp_path / "got"))
        log = server.gh("run", "view", "17400000123", *where, "--log-failed").stdout
    assert json.loads(found) == [{"databaseId": 17400000123}]
    assert loaded.returncode == 0, loaded.stderr
    for output in made:
        assert contents(tmp_path / "got" / output.artifact) == contents(output.folder)
        job = output.artifact.replace("drv-", "drv-suite ").removesuffix("-results")
        lines = [line for line in log.splitlines() if line.startswith(f"{job}\tRun the suite\t")]
        said = [re.sub(r"^.*?Z ", "", line) for line in lines]
        assert said[2:-1] == output.log.read_text().splitlines()
        assert said[0] == '##[group]Run drv-suite "$SUITE"'


def test_a_local_recording_says_that_it_is_no_run_on_github(tmp_path: Path) -> None:
    """Origin, README, names and retention are as the workflow file and the truth have them."""
    smoke, full = left(tmp_path / "out")
    green = Output(full.artifact, full.folder, full.log, exit_code=0)
    recording = record_local(local([smoke, green]), to=tmp_path / "made")
    assert recording.origin == "a local run of drv-integration.yml's suite; not a run on GitHub"
    readme = (tmp_path / "made" / "README.md").read_text()
    assert recording.origin in readme
    assert "**This is not from GitHub.**" in readme
    run = next(run for run in recording.runs if run.jobs)
    assert [(job.name, job.conclusion) for job in run.jobs] == [
        ("drv-suite smoke", "failure"),
        ("drv-suite full", "success"),
    ]
    assert [step.name for step in run.jobs[0].steps][6:8] == [
        "Run the suite",
        "Keep the outputs, of a red run too",
    ]
    assert {recording.expired(item) for item in run.artifacts} == {False}
    assert [r.conclusion for r in recording.runs] == ["success", "failure", "success"]
    assert {flow.name for flow in recording.workflows} >= {"CI", "drv integration"}


def test_outputs_are_named_on_a_command_line() -> None:
    """Each artifact has a folder and a log, and failed unless it is said to have passed."""
    folders, logs = ["a=out/a", "b=~/b"], ["b=b.log", "a=a=1.log"]
    assert outputs(folders, logs=logs, passed=["b"]) == (
        Output("a", Path("out/a"), Path("a=1.log"), exit_code=1),
        Output("b", Path.home() / "b", Path("b.log"), exit_code=0),
    )


@pytest.mark.parametrize(
    ("folders", "logs", "passed", "said"),
    [
        (["smoke"], [], [], '"smoke": expected ARTIFACT=PATH'),
        (["smoke=x"], [], [], 'no log of "smoke"; add --log smoke=FILE'),
        (["smoke=x"], ["smok=y"], [], 'no output folder of "smok"; did you mean "smoke"?'),
        (["smoke=x"], ["smoke=y"], ["full"], 'no output folder of "full"; known are smoke'),
    ],
)
def test_an_output_that_is_named_by_half_is_refused(
    folders: list[str], logs: list[str], passed: list[str], said: str
) -> None:
    """Each slip on the command line gives one line with the remedy."""
    with pytest.raises(RecordingError) as caught:
        outputs(folders, logs=logs, passed=passed)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"artifact": "drv-smoke-result"}, 'uploads "drv-smoke-result"; did you mean "drv-smoke-'),
        ({"artifact": "x"}, "; it uploads drv-smoke-results, drv-full-results"),
        ({"folder": Path("/nowhere")}, "/nowhere: no file in it; expected a suite's outputs"),
        ({"log": Path("/nowhere")}, "/nowhere: no such file; expected what the suite printed"),
        ({"exit_code": 0}, "no output of it failed; record a failing run"),
    ],
)
def test_an_output_that_the_workflow_does_not_know_is_refused(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    """A misspelt artifact, missing files and a green run each give one line with the remedy."""
    (output,) = left(tmp_path / "out", names=("smoke",))
    with pytest.raises(RecordingError) as caught:
        record_local(local([replace(output, **change)]), to=tmp_path / "made")  # type: ignore[arg-type]  # one field each
    assert said in str(caught.value)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(("secret", "said"), SECRETS)
def test_anything_like_a_token_refuses_the_recording(
    tmp_path: Path, secret: str, said: str
) -> None:
    """A token in an output is refused with the file's name, also inside a zip and a gzip."""
    made = left(tmp_path / "out", names=("smoke",))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("log.txt", f"... {secret} ...\n" * 9)
    kinds = {"x.txt": secret.encode(), "x.zip": buffer.getvalue()}
    kinds["x.gz"] = gzip.compress(secret.encode() * 9)
    for name, content in kinds.items():
        leak = made[0].folder / name
        leak.write_bytes(content)
        with pytest.raises(RecordingError) as caught:
            record_local(local(made), to=tmp_path / "made")
        assert f"/artifacts/drv-smoke-results/{name}: found {said}; remove it" in str(caught.value)
        assert secret not in str(caught.value)
        leak.unlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from Ann Lee <ann.lee+ci@corp.co.uk>", "from Ann Lee <someone@example.invalid>"),
        ("x@example.com git@github.com:o/r.git", "x@example.com git@github.com:o/r.git"),
        ("uses: actions/checkout@v6.0.2", "uses: actions/checkout@v6.0.2"),
        ("https://h.net/a.zip?se=2&sig=aB%3D&x=1 end", "https://h.net/a.zip?removed end"),
        (
            "<a>https://s3.net/a?X-Amz-Date=1&amp;X-Amz-Signature=ff</a>",
            "<a>https://s3.net/a?removed</a>",
        ),
        ('"https://h.net/a?b=1\\u0026sig=aaaa"', '"https://h.net/a?removed"'),
        ("https://h.net/a?page=2&size=9", "https://h.net/a?page=2&size=9"),
        ("postgres://me:hunter2@db:5432/x", "postgres://me:removed@db:5432/x"),
        ("at 10:00: see a:b@c", "at 10:00: see a:b@c"),
    ],
)
def test_addresses_and_signatures_are_replaced(tmp_path: Path, before: str, after: str) -> None:
    """E-mail addresses, passwords and signatures go, all else stays, and README says where."""
    made = left(tmp_path / "out", names=("smoke",))
    (made[0].folder / "x.txt").write_text(before)
    picture = b"\x89PNG ann@corp.com \xff"
    (made[0].folder / "x.png").write_bytes(picture)
    record_local(local(made), to=tmp_path / "made")
    held = tmp_path / "made" / "runs" / "17400000123" / "artifacts" / "drv-smoke-results"
    assert (held / "x.txt").read_text() == after
    assert (held / "x.png").read_bytes() == picture
    told = "/drv-smoke-results/x.txt`" in (tmp_path / "made" / "README.md").read_text()
    assert told == (before != after)


def test_a_link_in_a_local_output_is_not_followed(tmp_path: Path) -> None:
    """What it leads to is no output of the suite, and may be a secret of this machine."""
    made = left(tmp_path / "out", names=("smoke",))
    (made[0].folder / "x.txt").symlink_to("/etc/hostname")
    with pytest.raises(RecordingError, match=r"x\.txt: found a link, which is not followed"):
        record_local(local(made), to=tmp_path / "made")


def test_names_of_this_machine_are_replaced(tmp_path: Path) -> None:
    """Host, kernel, home and checkout do not get into a recording of a local run."""
    made = left(tmp_path / "out", names=("smoke",))
    text = (
        f'<x hostname="me-7"/> Linux-6.1.0-13-amd64-x86_64-with-glibc2.36 {ROOT}/a {Path.home()}/b'
    )
    (made[0].folder / "x.txt").write_text(text)
    record_local(local(made), to=tmp_path / "made")
    (held,) = (tmp_path / "made").rglob("x.txt")
    home = "/home/newcomer"
    assert held.read_text() == (
        f'<x hostname="fresh-machine"/> Linux-x86_64-with-glibc2.36 {home}/a {home}/b'
    )


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    """A recording never goes into or over what stands there."""
    made = left(tmp_path / "out", names=("smoke",))
    with pytest.raises(RecordingError, match="out: it is there already; name another folder"):
        record_local(local(made), to=tmp_path / "out")


@pytest.mark.parametrize(
    ("workflow", "said"),
    [
        ("jobs: [", "is no YAML"),
        (
            "jobs: {a: {steps: [{uses: actions/upload-artifact@v4, with: {name: x}}]}}",
            "no step of a",
        ),
        ("jobs: {a: {steps: [{run: make}]}}", 'no job uploads "x"; it uploads nothing'),
    ],
)
def test_a_workflow_without_a_suite_is_refused(tmp_path: Path, workflow: str, said: str) -> None:
    """Each gives one line that names the workflow's file."""
    (output,) = left(tmp_path / "out", names=("smoke",))
    file = tmp_path / "w" / "ci.yml"
    file.parent.mkdir()
    file.write_text(workflow)
    with pytest.raises(RecordingError) as caught:
        record_local(local([replace(output, artifact="x")], workflow=file), to=tmp_path / "made")
    assert str(caught.value).startswith(str(file))
    assert said in str(caught.value)


def test_jobs_and_steps_without_a_name_are_called_as_github_calls_them(tmp_path: Path) -> None:
    """A matrix's job lists its values, a step is called after what it runs; 90 days is usual."""
    (output,) = left(tmp_path / "out", names=("smoke",))
    file = tmp_path / "w" / "ci.yml"
    file.parent.mkdir()
    file.write_text(
        "on: push\njobs:\n  test:\n    runs-on: ${{ matrix.os }}\n    strategy:\n"
        "      matrix: {os: [debian, fedora], size: [s]}\n    steps:\n"
        "    - uses: actions/checkout@v6\n    - run: |\n        make x\n        make y\n"
        "    - uses: actions/upload-artifact@v4\n      with: {name: 'x-${{ matrix.os }}'}\n"
    )
    run = local([replace(output, artifact="x-fedora")], workflow=file)
    recording = record_local(run, to=tmp_path / "made")
    (job,) = next(run.jobs for run in recording.runs if run.jobs)
    assert (job.name, job.labels) == ("test (fedora, s)", ("fedora",))
    assert [step.name for step in job.steps][1:3] == ["Run actions/checkout@v6", "Run make x"]
    assert [step.conclusion for step in job.steps].index("failure") == 2
