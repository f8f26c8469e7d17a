"""Recording folders: what they hold as values, and how a wrong one is refused."""

import json
import shutil
from pathlib import Path

import pytest

from freshrun.github.replay import RecordingError, read_recording

SMALL = Path(__file__).parents[1] / "data" / "recording"
RUN = "runs/502/run.json"


@pytest.mark.parametrize(
    ("file", "key", "value", "message"),
    [
        ("recording.json", "format", 2, '"format" is 2, expected 1'),
        ("recording.json", "origin", " ", "\"origin\" is ' ', expected a text that is not empty"),
        ("recording.json", "origin", None, 'no "origin"; it is required'),
        ("recording.json", "orgin", "x", 'unknown key "orgin"; did you mean "origin"?'),
        ("recording.json", "private", 1, '"private" is 1, expected true or false'),
        ("recording.json", "repository", "app", "\"repository\" is 'app', expected owner/name"),
        ("workflows.json", "path", "ci.yml", "expected .github/workflows/NAME.yml"),
        (RUN, "id", 503, '"id" is 503, expected its folder\'s name'),
        (RUN, "id", True, '"id" is True, expected a whole number from 1'),
        (RUN, "workflow_id", 9, 'unknown "workflow_id" "9"; expected one of 71, 72'),
        (RUN, "commit", "abc", "\"commit\" is 'abc', expected 40 hexadecimal digits"),
        (RUN, "created_at", "2026-03-04", "expected a time such as 2026-01-31T23:59:59Z"),
        (RUN, "created_at", "2026-02-30T10:00:00Z", "expected a time such as"),
        (RUN, "created_at", "2026-3-4T10:00:00Z", "expected a time such as"),
        (RUN, "created_at", "2026-03-04T11:00:00Z", 'is before "created_at" (2026-03-04T11'),
        (
            RUN,
            "updated_at",
            "2026-03-06T10:00:00Z",
            '"recorded_at" (2026-03-05T12:00:00Z) is before',
        ),
        (RUN, "conclusion", "failed", 'unknown "conclusion" "failed"; did you mean "failure"?'),
        (RUN, "conclusion", None, "a conclusion stands exactly with completed"),
        ("runs/502/jobs.json", "id", 9001, "the job id 9001 stands there 2 times, expected once"),
        ("runs/502/jobs.json", "completed_at", "2026-03-04T11:00:00Z", '"run_updated_at" (2026'),
        ("runs/502/jobs.json", "labels", "x", "\"labels\" is 'x', expected a list of texts"),
        ("runs/502/jobs.json", "steps", {}, '"steps": found an object, expected a JSON list'),
        ("runs/502/jobs.json", "steps", [1], '"steps"[1]: found a number, expected a JSON object'),
        ("runs/502/jobs.json", "name", "tidy", 'unknown job "lint"'),
        (
            "runs/502/artifacts.json",
            "name",
            "scratches",
            'unknown artifact folder "scratch"; did you mean "scratches"?',
        ),
        (RUN, "logs_expired", "yes", "\"logs_expired\" is 'yes', expected true or false"),
        ("workflows.json", "state", "off", 'unknown "state" "off"'),
        ("runs/502/artifacts.json", "id", 31, "the artifact id 31 stands there 2 times"),
        ("runs/502/artifacts.json", "expires_at", "2026-01-01T00:00:00Z", '"expires_at" (2026-01'),
        (
            "runs/502/artifacts.json",
            "created_at",
            "2026-03-04T10:09:00Z",
            '"run_updated_at" (2026-',
        ),
    ],
)
def test_wrong_fact_is_refused_with_its_file_and_the_remedy(
    copy: Path, file: str, key: str, value: object, message: str
) -> None:
    """One wrong fact is refused in one line: the file, what is there, what would be right."""
    document = json.loads((copy / file).read_text())
    last = document[-1] if isinstance(document, list) else document
    last[key] = value
    (copy / file).write_text(json.dumps(document))
    said = refusal(copy)
    assert message in said
    assert said.startswith(f"{copy}/")
    assert "\n" not in said


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the small recording, for a test that changes it."""
    return Path(shutil.copytree(SMALL, tmp_path / "recording"))


def refusal(folder: Path) -> str:
    """Return why a folder is no recording."""
    with pytest.raises(RecordingError) as caught:
        read_recording(folder)
    return str(caught.value)


def test_file_that_nobody_reads_is_refused(copy: Path) -> None:
    """A misspelt folder, an artifact without an entry and a log without a job are each refused."""
    (copy / "runs" / "502" / "log").mkdir()
    stray = copy / "runs" / "502" / "log" / "x.txt"
    stray.write_text("x")
    assert refusal(copy) == f'{stray}: unknown name "log"; did you mean "logs"?'
    stray.unlink()
    extra = copy / "runs" / "502" / "artifacts" / "result" / "x.txt"
    extra.parent.mkdir()
    extra.write_text("x")
    assert 'artifacts.json: unknown artifact folder "result"; did you mean "results"?' in refusal(
        copy
    )
    extra.unlink()
    log = copy / "runs" / "502" / "logs" / "lint" / "9_Nothing.txt"
    log.write_text("x")
    assert refusal(copy) == f'{log}: unknown step number "9"; expected one of 1, 2'


def test_failure_without_a_failed_job_is_refused(copy: Path) -> None:
    """A run fails by one of its jobs; a job may well fail in a run that passes."""
    jobs = copy / "runs" / "502" / "jobs.json"
    text = jobs.read_text()
    (copy / RUN).write_text((copy / RUN).read_text().replace('"failure"', '"success"'))
    assert read_recording(copy).runs[1].conclusion == "success"
    (copy / RUN).write_text((copy / RUN).read_text().replace('"success"', '"failure"'))
    jobs.write_text(text.replace('"conclusion": "failure"', '"conclusion": "success"'))
    assert refusal(copy) == f'{copy}/{RUN}: "conclusion" is failure, but no job of it failed'


def test_only_an_expired_artifact_may_have_no_files(copy: Path) -> None:
    """GitHub lists what has expired, and has nothing left of it; anything else has files."""
    shutil.rmtree(copy / "runs" / "502" / "artifacts" / "scratch")
    assert dict(read_recording(copy).runs[1].artifacts[2].files) == {}
    shutil.rmtree(copy / "runs" / "502" / "artifacts" / "traces")
    assert "artifacts.json: traces: no file in artifacts/traces/; expected" in refusal(copy)


def test_disabled_workflow_and_a_run_of_githubs_own_are_read(copy: Path) -> None:
    """A workflow may be switched off, or be one that no file of the repository holds."""
    flows = copy / "workflows.json"
    listed = json.loads(flows.read_text())
    listed[1] |= {"state": "disabled_manually", "path": "dynamic/pages/pages-build-deployment"}
    flows.write_text(json.dumps(listed))
    assert [flow.state for flow in read_recording(copy).workflows] == [
        "active",
        "disabled_manually",
    ]
    (copy / "runs" / "501" / "run.json").write_text(
        (copy / "runs" / "501" / "run.json").read_text().replace('"failure"', '"startup_failure"')
    )
    assert read_recording(copy).runs[2].conclusion == "startup_failure"


def test_a_rerun_keeps_what_was_before_it(copy: Path) -> None:
    """Jobs and artifacts of a first attempt are older than the second one's start; not else."""
    facts = json.loads((copy / RUN).read_text()) | {"started_at": "2026-03-04T10:00:30Z"}
    (copy / RUN).write_text(json.dumps(facts))
    assert '"started_at" (2026-03-04T10:00:10Z) is before "run_started_at"' in refusal(copy)
    (copy / RUN).write_text(json.dumps({**facts, "attempt": 2}))
    assert read_recording(copy).runs[1].attempt == 2


def test_two_artifacts_of_one_name_are_refused(copy: Path) -> None:
    """Two entries of one name can't be told apart by the folder that holds their files."""
    listed = copy / "runs" / "502" / "artifacts.json"
    listed.write_text(listed.read_text().replace('"scratch"', '"traces"'))
    shutil.rmtree(copy / "runs" / "502" / "artifacts" / "scratch")
    assert (
        refusal(copy) == f"{listed}: the artifact name traces stands there 2 times, expected once"
    )


def test_step_logs_come_in_the_order_of_their_numbers(copy: Path) -> None:
    """The tenth step's log stands after the second one's, whatever their names' order."""
    jobs = copy / "runs" / "502" / "jobs.json"
    jobs.write_text(jobs.read_text().replace('"number": 4', '"number": 10'))
    logs = copy / "runs" / "502" / "logs" / "smoke  database 16"
    (logs / "10_Complete job.txt").write_text("the end\n")
    (logs / "system.txt").write_text("not of a step\n")
    run = read_recording(copy).runs[1]
    log = run.job_log(run.jobs[0])
    assert log.startswith(b"2026-03-04T10:00:10.1000000Z Current runner")
    assert log.endswith(b"uploaded\nthe end\n")


def test_whole_job_log_is_taken_where_it_was_recorded(copy: Path) -> None:
    """A log of a whole job, beside the folders, is that job's log."""
    (copy / "runs" / "502" / "logs" / "0_lint.txt").write_text("as it was\n")
    run = read_recording(copy).runs[1]
    assert run.job_log(run.jobs[1]) == b"as it was\n"


def test_long_job_name_is_cut_as_in_githubs_archives(copy: Path) -> None:
    """GitHub keeps 90 characters of a job's name in its log archives."""
    jobs = copy / "runs" / "502" / "jobs.json"
    jobs.write_text(jobs.read_text().replace('"lint"', f'"lint {"x" * 120}"'))
    (copy / "runs" / "502" / "logs" / "lint").rename(
        copy / "runs" / "502" / "logs" / f"lint {'x' * 85}"
    )
    run = read_recording(copy).runs[1]
    assert run.job_log(run.jobs[1]).endswith(b"All checks passed!\n")


def test_missing_and_broken_files_are_named(copy: Path) -> None:
    """No folder, no recording in it, no run.json, text that is no JSON: each names its file."""
    assert refusal(copy / "none").startswith(f"{copy}/none: no such folder; a recording is")
    assert refusal(copy / "runs").startswith(
        f"{copy}/runs: no recording.json in it; a recording is"
    )
    (copy / "runs" / "501" / "run.json").write_text('{"id": 501,}')
    assert refusal(copy).startswith(f"{copy}/runs/501/run.json: not JSON: ")
    (copy / "runs" / "501" / "run.json").rename(copy / "runs" / "501" / "jobs.json")
    assert refusal(copy) == f"{copy}/runs/501/run.json: no such file; it is required"


def test_links_and_tokens_are_refused(copy: Path) -> None:
    """A symbolic link could lead out of the folder, and a token must not be in a recording."""
    leak = copy / "runs" / "502" / "artifacts" / "traces" / "log.txt"
    leak.write_text(f"GH_TOKEN=ghp_{'x1' * 18}")
    assert refusal(copy).startswith(f"{leak}: found a GitHub token; remove it")
    leak.unlink()
    leak.symlink_to("/etc/hostname")
    assert refusal(copy) == f"{leak}: found a symbolic link, expected a plain file"
