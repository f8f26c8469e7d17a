"""The stand-in for GitHub, driven by the real gh, and the recordings that it serves."""

import ast
import hashlib
import http.client
import io
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from recorded_github import (
    ACTIONS,
    API,
    DESCRIPTION,
    DUMMY,
    ROOT,
    SHIPPED,
    SMALL,
    STORE,
    Answer,
    Served,
    ask,
    at,
    connected,
    contents,
    described,
    invented,
    mapping,
    parameters,
    problems,
    served,
)

from freshrun.github.replay import Way, installation, read_recording
from freshrun.github.server.api import ROUTES, Route
from freshrun.github.server.faults import FAULTS

WAYS: tuple[Way, ...] = ("socket", "proxy")
FAILED_RUN = ("run", "list", "--workflow", "integration.yml", "--status", "failure", "--limit", "1")


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the small recording, to every test that leaves it as it is."""
    with served(SMALL, tmp_path_factory.mktemp("gh")) as server:
        yield server


def test_auth_status_names_the_viewer(github: Served) -> None:
    """`gh auth status` logs in with the token as the recording's viewer."""
    status = github.gh("auth", "status")
    assert status.returncode == 0
    assert "Logged in to github.com account mona (GH_TOKEN)" in status.stdout


def test_latest_failed_run_is_found(github: Served) -> None:
    """The documented query gives the failed run's id, not that of the newer run that passed."""
    found = github.gh(*FAILED_RUN, "--json", "databaseId", "--jq", ".[0].databaseId")
    assert (found.returncode, found.stdout) == (0, "502\n")


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ((), [503, 502, 501]),
        (("--workflow", "Integration"), [503, 502]),
        (("--workflow", "lint.yml"), [501]),
        (("--status", "failure"), [502, 501]),
        (("--status", "completed", "--limit", "2"), [503, 502]),
        (("--status", "in_progress"), []),
        (("--branch", "tidy"), [501]),
        (("--event", "schedule"), [502]),
        (("--user", "hubot"), [501]),
        (("--commit", "c" * 40), [503]),
        (("--created", ">=2026-03-04"), [503, 502]),
        (("--created", ">2026-03-04"), [503]),
        (("--created", "<2026-03-04"), [501]),
        (("--created", "<=2026-03-04"), [502, 501]),
        (("--created", "2026-03-03..2026-03-04"), [502, 501]),
        (("--created", "*..2026-03-03"), [501]),
        (("--created", "2026-03-04"), [502]),
    ],
)
def test_run_list_is_filtered(github: Served, filters: tuple[str, ...], ids: list[int]) -> None:
    """`gh run list` shows the runs that pass its filters, newest first."""
    listed = github.gh("run", "list", *filters, "--json", "databaseId")
    assert listed.returncode == 0, listed.stderr
    assert [entry["databaseId"] for entry in json.loads(listed.stdout)] == ids


def test_workflows_are_listed(github: Served) -> None:
    """`gh workflow list` shows each workflow."""
    listed = github.gh("workflow", "list")
    assert listed.stdout.splitlines() == ["Integration\tactive\t71", "Lint\tactive\t72"]


def test_run_is_shown_whole(github: Served) -> None:
    """`gh run view` shows jobs, the failed job's steps, its annotation and the artifacts."""
    shown = github.gh("run", "view", "502").stdout
    assert "X smoke / database: 16 in 56s (ID 9001)" in shown
    assert "  X Run make smoke" in shown
    assert "X Process completed with exit code 1." in shown
    assert "ARTIFACTS\nscratch (expired)\ntraces\nresults\n" in shown
    assert "https://github.com/octo/app/actions/runs/502" in shown


def test_one_attempt_is_shown(github: Served) -> None:
    """`gh run view --attempt` shows the attempt that was recorded, and no other."""
    assert "Integration · 502 (Attempt #1)" in github.gh("run", "view", "502", "-a1").stdout
    attempt = mapping(github.ask(f"{ACTIONS}/runs/502/attempts/1").body)
    assert attempt["jobs_url"] == f"{ACTIONS}/runs/502/attempts/1/jobs"
    other = github.gh("run", "view", "502", "--attempt", "2")
    assert other.returncode == 1
    assert "HTTP 404: Not Found" in other.stderr


def test_failed_log_is_the_failed_step_alone(github: Served) -> None:
    """`--log-failed` prints the lines of the failed step, also of a job named with / and :."""
    lines = github.gh("run", "view", "502", "--log-failed").stdout.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("smoke / database: 16\tRun make smoke\t2026-") for line in lines)
    assert lines[1].endswith("FAILED scenarioId=ALLOC-003")


def test_whole_log_holds_every_step(github: Served) -> None:
    """`--log` prints the recorded steps of all jobs, in order."""
    lines = github.gh("run", "view", "502", "--log").stdout.splitlines()
    assert [line.split("\t")[1] for line in lines] == [
        "Set up job",
        *["Run make smoke"] * 3,
        "Upload results",
        "Run make lint",
    ]


def test_job_log_is_its_steps_in_order(github: Served) -> None:
    """The log of one job, which gh falls back to, is that of its steps one after another."""
    redirect = github.ask(f"{ACTIONS}/jobs/9001/logs")
    assert (redirect.status, redirect.raw) == (302, b"")
    assert redirect.headers["Location"] == f"{STORE}/logs/jobs/9001.txt"
    log = github.ask(redirect.headers["Location"], token="").raw.decode()
    folder = SMALL / "runs" / "502" / "logs" / "smoke  database 16"
    assert log == "".join(file.read_text() for file in sorted(folder.iterdir()))


def test_jobs_are_given_as_json(github: Served) -> None:
    """`gh run view --json jobs` gives each job's steps and conclusions."""
    jobs = json.loads(github.gh("run", "view", "502", "--json", "jobs").stdout)["jobs"]
    assert [(job["databaseId"], job["conclusion"]) for job in jobs] == [
        (9001, "failure"),
        (9002, "success"),
    ]
    assert [step["conclusion"] for step in jobs[0]["steps"]][1] == "failure"


def test_one_artifact_is_downloaded_straight_into_its_directory(
    github: Served, tmp_path: Path
) -> None:
    """`gh run download ID --name N --dir D` writes the recorded files into D, byte for byte."""
    loaded = github.gh("run", "download", "502", "--name", "results", "--dir", str(tmp_path))
    assert loaded.returncode == 0, loaded.stderr
    assert contents(tmp_path) == contents(SMALL / "runs" / "502" / "artifacts" / "results")
    assert "diagnostics/Größe-日本.json" in contents(tmp_path)


def test_all_artifacts_are_downloaded_into_a_folder_each(github: Served, tmp_path: Path) -> None:
    """`gh run download ID` writes each artifact that has not expired into D/NAME."""
    loaded = github.gh("run", "download", "502", "--dir", str(tmp_path))
    assert loaded.returncode == 0, loaded.stderr
    assert sorted(contents(tmp_path)) == [
        "results/diagnostics/Größe-日本.json",
        "results/empty.txt",
        "results/junit.xml",
        "traces/trace.txt",
    ]


def test_artifact_is_found_without_a_run(github: Served, tmp_path: Path) -> None:
    """`gh run download --name N` without an id takes the artifact from the repository's list."""
    loaded = github.gh("run", "download", "--name", "traces", "--dir", str(tmp_path))
    assert loaded.returncode == 0, loaded.stderr
    assert contents(tmp_path) == {"trace.txt": b"one\ntwo\n"}


def test_same_directory_twice_is_refused_by_gh(github: Served, tmp_path: Path) -> None:
    """A second download into the same directory says that the file exists."""
    load = ("run", "download", "502", "--name", "traces", "--dir", str(tmp_path))
    assert github.gh(*load).returncode == 0
    again = github.gh(*load)
    assert again.returncode == 1
    assert "file exists" in again.stderr


def test_the_token_stays_with_the_api(tmp_path: Path) -> None:
    """The token goes to the API, not to the archives' host, and the journal holds none."""
    with served(SMALL, tmp_path) as server:
        server.gh("run", "download", "502", "--name", "traces", token="secret-of-mine")  # noqa: S106  # a made-up one
        journal = server.journal
    assert [(exchange.status, exchange.authorized) for exchange in journal] == [
        (200, True),
        (302, True),
        (200, False),
    ]
    assert all("secret-of-mine" not in repr(exchange) for exchange in journal)
    assert {exchange.agent.split()[:2] == ["GitHub", "CLI"] for exchange in journal} == {True}


def test_size_and_digest_are_those_of_the_archive(github: Served) -> None:
    """An artifact's listed size and digest are the archive's, whose checksums hold."""
    artifact = mapping(github.ask(f"{ACTIONS}/artifacts/31").body)
    archive = github.ask(f"{STORE}/artifacts/31.zip").raw
    assert artifact["size_in_bytes"] == len(archive)
    assert artifact["digest"] == f"sha256:{hashlib.sha256(archive).hexdigest()}"
    assert zipfile.ZipFile(io.BytesIO(archive)).testzip() is None


def test_every_page_is_found_by_its_link(github: Served) -> None:
    """With the Link headers gh goes from page to page, and each holds what was asked for."""
    paged = github.gh(
        "api",
        "--paginate",
        f"{ACTIONS}/runs?per_page=1".removeprefix(API),
        "--jq",
        ".workflow_runs[].id",
    )
    assert paged.stdout.split() == ["503", "502", "501"]
    middle = github.ask(f"{ACTIONS}/runs?per_page=1&page=2&branch=main")
    assert mapping(middle.body)["total_count"] == 2
    assert middle.headers["Link"] == (
        f'<{ACTIONS}/runs?per_page=1&page=1&branch=main>; rel="prev", '
        f'<{ACTIONS}/runs?per_page=1&page=1&branch=main>; rel="first"'
    )
    assert "Link" not in github.ask(f"{ACTIONS}/runs").headers


def test_no_page_is_longer_than_a_hundred(tmp_path: Path) -> None:
    """A list of more than a hundred comes in pages of a hundred at most, as at GitHub."""
    folder = Path(shutil.copytree(SMALL, tmp_path / "recording"))
    facts = json.loads((folder / "runs" / "501" / "run.json").read_text())
    for number in range(600, 720):
        (folder / "runs" / str(number)).mkdir()
        text = json.dumps({**facts, "id": number})
        (folder / "runs" / str(number) / "run.json").write_text(text)
    with served(folder, tmp_path) as server:
        listed = server.gh("run", "list", "--limit", "110", "--json", "databaseId").stdout
        first = mapping(server.ask(f"{ACTIONS}/runs?per_page=500").body)["workflow_runs"]
    assert len({entry["databaseId"] for entry in json.loads(listed)}) == 110
    assert isinstance(first, list)
    assert len(first) == 100


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["scratch", "traces", "results"]),
        ("?direction=asc", ["results", "traces", "scratch"]),
        ("?name=traces", ["traces"]),
        ("?name=nothing", []),
        ("?per_page=2&page=2", ["results"]),
    ],
)
def test_artifacts_are_listed_as_asked(github: Served, query: str, names: list[str]) -> None:
    """The artifacts of a run are listed last upload first, by name, direction and page."""
    listed = mapping(github.ask(f"{ACTIONS}/runs/502/artifacts{query}").body)["artifacts"]
    assert isinstance(listed, list)
    assert [artifact["name"] for artifact in listed] == names


def test_without_a_token_nothing_is_told(github: Served) -> None:
    """Without a token gh refuses with status 4, and a request to the API gets 401."""
    refused = github.gh("run", "list", token="")
    assert refused.returncode == 4
    assert "gh auth login" in refused.stderr
    answer = github.ask(f"{ACTIONS}/runs", token="")
    assert answer.status == 401
    assert mapping(answer.body)["message"] == "Bad credentials"


def test_another_repository_is_not_found(github: Served) -> None:
    """Only the recorded repository exists, in whatever case its name is written."""
    other = github.gh("run", "list", "-R", "octo/other")
    assert other.returncode == 1
    assert "HTTP 404: Not Found" in other.stderr
    assert github.gh("run", "list", "-R", "Octo/APP").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "view", "7"),
        ("run", "view", "--job", "7"),
        ("run", "download", "7"),
        ("run", "list", "--workflow", "no.yml"),
    ],
)
def test_what_was_not_recorded_is_not_found(github: Served, arguments: tuple[str, ...]) -> None:
    """A run, job or workflow that the recording doesn't hold gives gh's own words for a 404."""
    missing = github.gh(*arguments)
    assert missing.returncode == 1
    assert "HTTP 404" in missing.stderr


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", f"{API}/repos/octo/app/issues"),
        ("POST", f"{ACTIONS}/runs/502/rerun"),
        ("DELETE", f"{ACTIONS}/artifacts/31"),
        ("GET", f"{ACTIONS}/runs?flavour=sweet"),
        ("GET", f"{ACTIONS}/runs?flavour="),
        ("POST", f"{API}/graphql"),
        ("HEAD", f"{API}/"),
        ("GET", "https://example.com/"),
    ],
)
def test_what_is_not_played_back_is_refused_and_marked(
    tmp_path: Path, method: str, url: str
) -> None:
    """An unknown path, method, parameter or query gets GitHub's 404 and is marked unexpected."""
    with served(SMALL, tmp_path) as server:
        answer = server.ask(url, method=method)
        (exchange,) = server.journal
    assert answer.status == 404
    if method != "HEAD":
        assert set(mapping(answer.body)) == {"message", "documentation_url", "status"}
    assert exchange.expected is False
    assert (exchange.method, exchange.url) == (method, url)


def test_what_gh_asks_in_the_documented_commands_is_expected(tmp_path: Path) -> None:
    """No documented command of gh sends a request that the stand-in doesn't know."""
    with served(SMALL, tmp_path) as server:
        for command in (
            "auth status",
            "run list",
            "run list --workflow integration.yml --status failure --limit 1 --json databaseId",
            "workflow list",
            "run view 502",
            "run view 502 --log-failed",
            "run view 502 --json jobs",
            "run download 502 --name results --dir one",
            "run download 502 --dir all",
        ):
            assert server.gh(*command.split()).returncode == 0, command
        journal = server.journal
    assert len(journal) > 20
    assert [exchange for exchange in journal if not exchange.expected] == []


SAMPLES = {
    "owner": "octo",
    "repo": "app",
    "workflow_id": "integration.yml",
    "run_id": "502",
    "attempt_number": "1",
    "job_id": "9001",
    "artifact_id": "31",
    "check_run_id": "9001",
}
CHECKED: dict[tuple[str, int, bytes], list[str]] = {}
API_ROUTES = [route for route in ROUTES if route.site == API and route.method == "GET"]
JSON_ROUTES = [route for route in API_ROUTES if not route.path.endswith(("/zip", "/logs"))]


@pytest.fixture(scope="module")
def description() -> Mapping[str, object]:
    """Read GitHub's own description of its API."""
    return mapping(described(json.loads(DESCRIPTION.read_text())))


@pytest.fixture(scope="module", params=WAYS)
def either(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Serve the small recording, each way."""
    with served(SMALL, tmp_path_factory.mktemp("gh"), via=request.param) as server:
        yield server


@pytest.mark.parametrize("route", JSON_ROUTES, ids=[route.path for route in JSON_ROUTES])
def test_replies_are_valid_by_githubs_description(
    either: Served, description: Mapping[str, object], route: Route
) -> None:
    """Each JSON reply has the shape that GitHub describes, formats included, and no other field."""
    answer = either.ask(f"{API}{route.path.format(**SAMPLES)}")
    assert answer.status == 200
    assert faults_of(answer, route, description) == []
    assert set(route.parameters) <= parameters(operation(route, description), description)


@pytest.mark.parametrize("via", WAYS)
@pytest.mark.parametrize("fault", FAULTS)
def test_replies_are_valid_with_every_fault(
    tmp_path: Path, description: Mapping[str, object], fault: str, via: Way
) -> None:
    """With any fault, each JSON reply is what GitHub describes: the thing itself, or an error."""
    urls = [f"{API}{route.path.format(**SAMPLES)}" for route in API_ROUTES]
    with (
        served(SMALL, tmp_path, fault=FAULTS[fault], via=via) as server,
        server.connected(API) as connection,
    ):
        answers = list(zip(API_ROUTES, [ask(connection, url) for url in urls], strict=True))
    wrong = {r.path: found for r, a in answers if (found := faults_of(a, r, description))}
    assert wrong == {}
    assert {a.status for _, a in answers} <= {200, 302, 401, 403, 404, 410}


def operation(route: Route, description: Mapping[str, object]) -> Mapping[str, object]:
    """Return what GitHub describes for a route; an attempt's parts are those of its run."""
    path = route.path.replace("/attempts/{attempt_number}", "")
    path = path.replace("{artifact_id}/zip", "{artifact_id}/{archive_format}")
    return at(description, "paths", path, route.method.lower())


def faults_of(answer: Answer, route: Route, description: Mapping[str, object]) -> list[str]:
    """Return what in an answer GitHub's description forbids or doesn't name."""
    key = (route.path, answer.status, answer.raw)
    if key not in CHECKED:  # most faults leave most answers as they are
        CHECKED[key] = checked(answer, route, description)
    return CHECKED[key]


def checked(answer: Answer, route: Route, description: Mapping[str, object]) -> list[str]:
    """Hold one answer against GitHub's description."""
    replies = at(operation(route, description), "responses")
    if answer.status == 302:
        return [] if "302" in replies and answer.headers["Location"] else ["no redirect there"]
    schema: Mapping[str, object] = at(description, "components", "schemas", "basic-error")
    if answer.status == 200:
        schema = at(replies, "200", "content", "application/json", "schema")
    found = problems(schema, answer.body, description)
    return found + invented(schema, answer.body, description)


def test_a_wrong_reply_is_not_valid(description: Mapping[str, object]) -> None:
    """The validation of the test above finds a wrong type, format, and invented field."""
    schema = at(description, "components", "schemas", "artifact")
    example = mapping(at(description, "components", "examples", "artifact", "value"))
    assert problems(schema, example, description) == []
    assert len(problems(schema, {**example, "id": "31"}, description)) == 1
    assert len(problems(schema, {**example, "created_at": "yesterday"}, description)) == 1
    assert invented(schema, {**example, "colour": "red"}, description) == ["colour"]


def test_errors_are_valid_by_githubs_description(
    github: Served, description: Mapping[str, object]
) -> None:
    """Errors have the shape of GitHub's basic error."""
    schema = at(description, "components", "schemas", "basic-error")
    for url, token in ((f"{ACTIONS}/runs/7", DUMMY), (f"{ACTIONS}/runs", "")):
        answer = github.ask(url, token=token)
        assert answer.status >= 400
        assert problems(schema, answer.body, description) == []
        assert invented(schema, answer.body, description) == []


@pytest.mark.parametrize(
    ("fault", "command", "code", "words"),
    [
        ("bad-credentials", "run list", 1, "HTTP 401: Bad credentials"),
        ("bad-credentials", "auth status", 1, "The token in GH_TOKEN is invalid."),
        ("forbidden", "run list", 1, "HTTP 403: Resource not accessible by personal access token"),
        ("rate-limit", "run list", 1, "HTTP 403: You have exceeded a secondary rate limit"),
        ("not-found", "run list", 1, "HTTP 404: Not Found"),
        (
            "not-found",
            "run list --workflow integration.yml",
            1,
            "workflow integration.yml not found on the default branch",
        ),
        (
            "artifacts-expired",
            "run download 502 --name results",
            1,
            "no valid artifacts found to download",
        ),
        (
            "artifact-gone",
            "run download 502 --name results",
            1,
            "error downloading results: HTTP 410",
        ),
        ("artifact-cut-off", "run download 502 --name results", 1, "unexpected EOF"),
        (
            "artifact-not-a-zip",
            "run download 502 --name results",
            1,
            "error extracting zip archive: zip: not a valid zip file",
        ),
        ("artifact-bad-crc", "run download 502 --name results", 1, "zip: checksum error"),
        (
            "run-in-progress",
            "run view 502 --log-failed",
            1,
            "run 502 is still in progress; logs will be available when it is complete",
        ),
        (
            "bad-credentials",
            "run view 502 --log-failed",
            1,
            "failed to get run: HTTP 401: Bad credentials",
        ),
        (
            "forbidden",
            "run view 502 --log-failed",
            1,
            "failed to get run: HTTP 403: Resource not accessible by personal access token",
        ),
        (
            "rate-limit",
            "run view 502 --log-failed",
            1,
            "failed to get run: HTTP 403: You have exceeded a secondary rate limit.",
        ),
        ("not-found", "run view 502 --log-failed", 1, "failed to get run: HTTP 404: Not Found"),
        ("no-failed-run", "run view 502 --log-failed", 1, "failed to get run: HTTP 404: Not Found"),
        (
            "run-in-progress",
            "run download 502 --name results",
            1,
            "no valid artifacts found to download",
        ),
        ("same-directory-twice", "run download 502 --name results --dir x", 1, "file exists"),
        ("run-in-progress", "run list --status failure", 0, ""),
        ("no-failed-run", "run list --status failure", 0, ""),
    ],
)
@pytest.mark.parametrize("via", WAYS)
def test_fault_makes_gh_say_what_it_says_of_github(  # noqa: PLR0913 - one for each thing that varies
    *, tmp_path: Path, via: Way, fault: str, command: str, code: int, words: str
) -> None:
    """With a fault switched on, gh ends and speaks as it does when GitHub has that fault."""
    with served(SMALL, tmp_path, fault=FAULTS[fault], via=via) as server:
        if FAULTS[fault].repeated:
            assert server.gh(*command.split()).returncode == 0
        failed = server.gh(*command.split())
        journal = server.journal
    assert failed.returncode == code
    assert words in failed.stderr + failed.stdout
    assert bool(words) or not failed.stdout
    assert all(exchange.expected for exchange in journal)


@pytest.mark.parametrize("fault", ["bad-credentials", "forbidden", "rate-limit", "not-found"])
def test_fault_hides_no_unexpected_request(tmp_path: Path, fault: str) -> None:
    """What the stand-in doesn't know stays marked as unexpected with a fault switched on."""
    with served(SMALL, tmp_path, fault=FAULTS[fault]) as server:
        assert server.ask(f"{ACTIONS}/secrets").status == 404
        assert [exchange.expected for exchange in server.journal] == [False]


def test_run_in_progress_has_nothing_to_show_yet(tmp_path: Path) -> None:
    """A run that is still going has jobs without end or annotation, and no log."""
    with served(SMALL, tmp_path, fault=FAULTS["run-in-progress"]) as server:
        job = mapping(server.ask(f"{ACTIONS}/jobs/9001").body)
        annotations = server.ask(f"{API}/repos/octo/app/check-runs/9001/annotations").body
        logs = [server.ask(f"{ACTIONS}/{part}/logs").status for part in ("runs/502", "jobs/9001")]
    assert (job["status"], job["conclusion"], job["completed_at"]) == ("in_progress", None, None)
    assert (job["steps"], annotations) == ([], [])
    assert logs == [404, 404]


def test_cut_off_archive_ends_its_connection(tmp_path: Path) -> None:
    """Half of an archive comes, less than its header announces, and then the connection ends."""
    with served(SMALL, tmp_path, fault=FAULTS["artifact-cut-off"]) as server:
        whole = mapping(server.ask(f"{ACTIONS}/artifacts/31").body)["size_in_bytes"]
        with pytest.raises(http.client.IncompleteRead) as caught:
            server.ask(f"{STORE}/artifacts/31.zip")
    assert isinstance(whole, int)
    assert len(caught.value.partial) == whole // 2


def test_every_fault_is_tried() -> None:
    """No fault exists that the test above does not switch on."""
    marks = test_fault_makes_gh_say_what_it_says_of_github.pytestmark  # type: ignore[attr-defined]  # pytest sets it
    cases = next(mark.args[1] for mark in marks if mark.args[0] != "via")
    assert {case[0] for case in cases} == set(FAULTS)
    assert all(name == fault.name and fault.meaning for name, fault in FAULTS.items())


def test_an_expired_artifact_is_neither_named_nor_sent(github: Served, tmp_path: Path) -> None:
    """An artifact whose retention was over at the time of recording is expired and gone."""
    wanted = github.gh("run", "download", "502", "--name", "scratch", "--dir", str(tmp_path))
    assert wanted.returncode == 1
    assert "no artifact matches any of the names or patterns provided" in wanted.stderr
    assert github.ask(f"{ACTIONS}/artifacts/33/zip").status == 410


def test_server_ends_quietly_and_takes_its_socket_along(tmp_path: Path) -> None:
    """SIGTERM ends the server with 0 and without a word; its socket, open to all, is gone."""
    with served(SMALL, tmp_path) as server:
        address = Path(server.installed.socket)
        assert address.stat().st_mode & 0o777 == 0o666
        with connected(str(address)):
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(timeout=10) == 0
    assert not address.exists()


def test_server_replaces_the_socket_of_a_killed_one(tmp_path: Path) -> None:
    """A socket that nobody answers on any more is no hindrance, and the journal starts anew."""
    with served(SMALL, tmp_path) as server:
        server.ask(f"{API}/rate_limit")
        server.process.kill()
        server.process.wait(timeout=10)
        assert Path(server.installed.socket).is_socket()
        again = subprocess.Popen(server.installed.command)
        try:
            wait_for_answer(server)
            assert {exchange.url for exchange in server.journal} == {f"{API}/"}
        finally:
            again.terminate()
            again.wait(timeout=10)


def wait_for_answer(server: Served) -> None:
    """Ask until someone answers on the socket."""
    for _ in range(500):
        try:
            assert server.ask(f"{API}/").status == 200
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("no answer within 10 s")


@pytest.mark.parametrize("taken", ["a server", "a file"])
def test_server_leaves_what_is_in_use(tmp_path: Path, taken: str) -> None:
    """A live server's socket, and a plain file, are left alone: one line, status 2."""
    with served(SMALL, tmp_path) as server:
        place = Path(server.installed.socket) if taken == "a server" else tmp_path / "notes.txt"
        if taken == "a file":
            place.write_text("mine")
        command = [
            word.replace(server.installed.socket, str(place)) for word in server.installed.command
        ]
        refused = subprocess.run(command, check=False, capture_output=True, text=True, timeout=10)
        assert refused.returncode == 2
        assert refused.stderr.startswith(f"{place}: ")
        assert len(refused.stderr.splitlines()) == 1
        assert server.ask(f"{API}/").status == 200
        assert taken == "a server" or place.read_text() == "mine"


def test_one_connection_carries_many_requests(github: Served) -> None:
    """A kept connection answers request after request, also beside one that says nothing."""
    with connected(github.installed.socket), connected(github.installed.socket) as connection:
        answers = [
            ask(
                connection,
                f"{API}/graphql",
                method="POST",
                body=b'{"query":"query UserCurrent{viewer{login}}"}',
            ),
            ask(connection, f"{API}/nowhere"),
            ask(connection, f"{API}/nowhere", method="HEAD"),
            ask(connection, f"{ACTIONS}/runs/502"),
        ]
    assert [answer.status for answer in answers] == [200, 404, 404, 200]
    assert answers[0].body == {"data": {"viewer": {"login": "mona"}}}


def test_head_gets_no_body(github: Served) -> None:
    """An answer to HEAD ends with its header, though that announces a length."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(github.installed.socket)
        client.sendall(b"HEAD / HTTP/1.1\r\nHost: api.github.com\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.endswith(b"\r\n\r\n")


def test_same_request_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two servers of one recording answer alike to the byte, the date of the answer included."""
    urls = [f"{ACTIONS}/runs", f"{ACTIONS}/runs/502/artifacts", f"{API}/rate_limit"]
    seen = []
    for name in ("one", "two"):
        with served(SMALL, tmp_path / name) as server:
            answers = [server.ask(url) for url in urls]
            archive = server.ask(f"{STORE}/artifacts/31.zip")
            seen.append([(answer.headers, answer.raw) for answer in (*answers, archive)])
    assert seen[0] == seen[1]
    assert seen[0][0][0]["Date"] == "Thu, 05 Mar 2026 12:00:00 GMT"


def test_rate_limit_is_full_and_renewed_within_the_hour(github: Served) -> None:
    """The rate limit is that of a token nobody has used, at the moment of the recording."""
    limit = at(github.ask(f"{API}/rate_limit").body, "rate")
    assert limit["remaining"] == limit["limit"] == 5000
    assert limit["reset"] == int(datetime(2026, 3, 5, 13, tzinfo=UTC).timestamp())


def test_installation_is_all_that_a_machine_needs() -> None:
    """Everything stands below one folder, gh's settings are one line, and Python runs alone."""
    installed = installation(read_recording(SMALL), root="/srv/x")
    assert all(path.startswith("/srv/x/") for path in installed.files)
    assert installed.files["/srv/x/config/config.yml"] == b"http_unix_socket: /srv/x/github.sock\n"
    assert installed.command[:3] == ("python3", "-IS", "/srv/x/github.pyz")
    assert dict(installed.environment) == {
        "GH_CONFIG_DIR": "/srv/x/config",
        "GH_PROMPT_DISABLED": "1",
        "GH_NO_UPDATE_NOTIFIER": "1",
        "GH_TELEMETRY": "0",
    }


def test_stand_in_imports_nothing_but_the_standard_library() -> None:
    """The stand-in's modules import each other and Python's own, so that they run anywhere."""
    with zipfile.ZipFile(io.BytesIO(program())) as archive:
        sources = {name: archive.read(name) for name in archive.namelist()}
    assert "github/server.py" in sources
    for name, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert str(node.module).split(".")[0] in sys.stdlib_module_names, name
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= sys.stdlib_module_names


def program() -> bytes:
    """Return the archive that a machine runs."""
    installed = installation(read_recording(SMALL))
    return installed.files[installed.command[2]]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the recording that our own runbook uses."""
    with served(SHIPPED, tmp_path_factory.mktemp("shipped")) as server:
        yield server


def test_shipped_recording_says_that_it_is_no_run_on_github() -> None:
    """The recording of our runbook is from a local run, and says so to readers and programs."""
    assert "local run" in read_recording(SHIPPED).origin
    assert "not a run on GitHub" in read_recording(SHIPPED).origin
    assert "not from GitHub" in (SHIPPED / "README.md").read_text()


def test_shipped_run_is_the_latest_failed_one(shipped: Served, tmp_path: Path) -> None:
    """The runbook's query finds the recorded run; its artifact unpacks as it was recorded."""
    where = ("-R", "freshrun/freshrun")
    query = [word.replace("integration.yml", "drv-integration.yml") for word in FAILED_RUN]
    found = shipped.gh(*query, *where, "--json", "databaseId", "--jq", ".[].databaseId")
    assert found.stdout == "17400000123\n"
    name = "drv-smoke-results"
    shipped.gh("run", "download", "17400000123", *where, "--name", name, "--dir", str(tmp_path))
    held = SHIPPED / "runs" / "17400000123" / "artifacts" / name
    assert contents(tmp_path) == contents(held)
    assert {"junit.xml", "suite.log", "diagnostics/failure-001.json"} <= set(contents(held))


def test_shipped_log_names_the_failure(shipped: Served) -> None:
    """`--log-failed` prints the line with the IDs that the artifacts hold too."""
    log = shipped.gh("run", "view", "17400000123", "-R", "freshrun/freshrun", "--log-failed").stdout
    failed = [
        line for line in log.splitlines() if line.startswith("drv-suite smoke\tRun the suite")
    ]
    ids = r"Z DRV-FAILURE scenarioId=(\S+) invariantId=(\S+) class="
    ((scenario, invariant),) = re.findall(ids, "\n".join(failed))
    folder = SHIPPED / "runs" / "17400000123" / "artifacts" / "drv-smoke-results" / "diagnostics"
    (failure,) = (json.loads(file.read_text()) for file in folder.iterdir())
    assert (failure["scenarioId"], failure["invariantId"]) == (scenario, invariant)


def test_shipped_recording_agrees_with_the_workflow_file() -> None:
    """Workflow, jobs, steps and artifacts are named as the workflow file names them."""
    recording = read_recording(SHIPPED)
    (run,) = (run for run in recording.runs if run.conclusion == "failure")
    (flow,) = (flow for flow in recording.workflows if flow.id == run.workflow_id)
    file = yaml.safe_load((ROOT / flow.path).read_text())
    (job,) = file["jobs"].values()
    suites = job["strategy"]["matrix"]["suite"]
    upload = job["steps"][-1]["with"]["name"]
    assert flow.name == file["name"]
    assert [job.name for job in run.jobs] == [filled(job["name"], suite) for suite in suites]
    assert [item.name for item in run.artifacts] == [filled(upload, suite) for suite in suites]
    named = [step["name"] for step in job["steps"]]
    assert all([step.name for step in job.steps][1:8] == named for job in run.jobs)


def filled(template: str, suite: str) -> str:
    """Return a name of the workflow file for one suite of its matrix."""
    return template.replace("${{ matrix.suite }}", suite)


def test_shipped_recording_tells_nothing_of_the_machine_it_was_made_on() -> None:
    """Host names and kernel versions were taken out of what the suite wrote."""
    for path, content in read_recording(SHIPPED).files.items():
        text = content.decode()
        assert re.findall(r'hostname="(?!fresh-machine")', text) == [], path
        assert re.findall(r"Linux-\d", text) == [], path
        assert re.findall(r"/(?:root|work|opt|tmp)/", text) == [], path
        assert re.findall(r"/home/(?!newcomer/)", text) == [], path
