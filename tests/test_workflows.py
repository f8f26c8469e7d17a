"""The workflows: safe as zizmor sees them, and in step with the documents and the suite."""

import ast
import subprocess
import sysconfig
import tomllib
from pathlib import Path

import jsonpath
import pytest
import yaml

from freshrun.document.reading import parse
from freshrun.model.runbook import Runbook

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = ROOT / ".github" / "workflows"
SUITE = WORKFLOWS / "drv-integration.yml"
FILES = sorted(WORKFLOWS.glob("*.yml"))

UPLOADS = '$.jobs.*.steps[?match(@.uses, "actions/upload-artifact@.*")]'


def selected(path: Path, query: str) -> list[object]:
    """Return what a JSONPath selects in a workflow; every scalar is text, `on` included."""
    workflow = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes text only
    return jsonpath.findall(query, workflow)


@pytest.fixture(scope="module")
def runbook() -> Runbook:
    """Return our own runbook."""
    path = ROOT / "runbook" / "integration-triage-runbook.md"
    return parse(path.read_bytes(), path=str(path))


def test_zizmor_finds_nothing() -> None:
    """Not even what only an auditor would ask about."""
    zizmor = Path(sysconfig.get_path("scripts"), "zizmor")
    options = ("--offline", "--strict-collection", "--persona=auditor", "--no-progress")
    done = subprocess.run(
        [zizmor, *options, WORKFLOWS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(path.name in done.stderr for path in FILES)


MORE = {
    "nightly": [
        {"contents": "read", "actions": "read"},
        {"contents": "read", "actions": "write"},
        {"contents": "read", "actions": "read"},
    ]
}
"""Jobs that ask GitHub for runs: for their durations, to start a drill, and for its artifacts."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_workflow_may_read_and_nothing_else(path: Path) -> None:
    """The token has no permission but what its job is for, and no job runs for hours."""
    jobs = selected(path, "$.jobs.*")
    assert selected(path, "$.permissions") == [{}]
    allowed = MORE.get(path.stem, [{"contents": "read"}] * len(jobs))
    assert selected(path, "$.jobs.*.permissions") == allowed
    minutes = [int(str(limit)) for limit in selected(path, "$.jobs.*['timeout-minutes']")]
    assert len(minutes) == len(jobs)
    assert max(minutes) <= 45


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_path_that_starts_a_workflow_is_there(path: Path) -> None:
    """A filter that names nothing would keep a gate from ever running."""
    for pattern in selected(path, "$.on.*.paths[*]"):
        assert (ROOT / str(pattern).removesuffix("/**")).exists(), pattern


def test_the_gate_runs_on_a_change_of_what_the_runbook_depends_on() -> None:
    """Document, checklist, program, harness and the machine's image are among its paths."""
    paths = selected(WORKFLOWS / "runbook-gate.yml", "$.on.pull_request.paths[*]")
    changed = ("runbook/**", "checks/**", "examples/drv/**", "src/freshrun/**", "Dockerfile.fresh")
    assert set(changed) <= set(map(str, paths))


def test_a_real_run_is_rehearsed_every_night() -> None:
    """With the workflow's own token, which may read runs, after a drill where none has failed."""
    nightly = WORKFLOWS / "nightly.yml"
    (live,) = selected(nightly, "$.jobs.live.steps[?search(@.run, 'validate-runbook')]")
    assert isinstance(live, dict)
    assert "--github live" in live["run"]
    assert live["env"] == {"GH_TOKEN": "${{ github.token }}"}
    assert selected(nightly, "$.jobs.live.needs") == ["drill"]
    assert selected(nightly, "$.jobs.drill.steps[*].run") == [".ci/failed-run"]
    assert (ROOT / ".ci" / "failed-run").stat().st_mode & 0o111


def test_the_wheel_is_tested_on_the_oldest_and_the_newest_python() -> None:
    """Not only the checkout, where a file that the package forgets is there all the same."""
    ci = WORKFLOWS / "ci.yml"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=")
    assert selected(ci, "$.jobs.wheel.strategy.matrix.python[*]") == [oldest, "3.x"]
    set_up = "$.jobs.wheel.steps[*].with['python-version']"
    assert selected(ci, set_up) == ["${{ matrix.python }}"]
    assert selected(ci, "$.jobs.wheel.steps[*].run") == [".ci/wheel"]
    wheel = ROOT / ".ci" / "wheel"
    assert wheel.stat().st_mode & 0o111
    text = wheel.read_text("utf-8")
    assert "python -m build" in text
    assert "--editable" not in text


def test_the_gate_holds_the_branches_against_a_floor() -> None:
    """The tests that need no engine are measured, and the others run as well."""
    gate = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert {"invoke test --fast --coverage", "invoke test --engine"} <= set(gate)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["coverage"]
    assert settings["run"]["branch"] is True
    assert settings["report"]["fail_under"] >= 44
    assert "omit" not in settings["run"] | settings["report"]


def test_a_red_run_uploads_its_artifacts_too() -> None:
    """The artifacts of a failure are the ones that somebody needs."""
    assert selected(SUITE, f"{UPLOADS}.if") == ["always()"]


def test_the_faults_of_a_drill_are_those_of_the_suite() -> None:
    """Whoever starts the workflow by hand can switch on each fault, and only those."""
    source = (ROOT / "examples" / "drv" / "src" / "drv" / "faults.py").read_text("utf-8")
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    members = next(node.body for node in classes if node.name == "Fault")
    faults = [ast.literal_eval(node.value) for node in members if isinstance(node, ast.Assign)]
    options = selected(SUITE, "$.on.workflow_dispatch.inputs.fault.options[*]")
    assert options == ["none", *faults]
