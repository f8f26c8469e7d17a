"""The command line, as it is typed; without a database, so that the harness's failure is real."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ADDRESS = "postgresql://drv:secret@127.0.0.1:1/drv"
ID = re.compile(r"\b(?:(?:ISO|ALLOC|IDEM|CONC|DUR|HAR)-\d{3}|INV(?:-[A-Z]+)+)\b")


def _suite(
    *words: str, cwd: Path, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    code = "import sys; from drv_suite.program import main; sys.exit(main())"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("DRV_")}
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=cwd,
        env=inherited | (environ or {}),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("environ", [{"DRV_FAULT": "no-database"}, {}])
def test_missing_database_is_one_failure_of_the_harness(
    environ: dict[str, str], tmp_path: Path
) -> None:
    """Without a database smoke ends with 1, names one failure and runs nothing else."""
    done = _suite("smoke", cwd=tmp_path, environ={"DRV_DATABASE_URL": ADDRESS, **environ})
    assert done.returncode == 1
    failure, not_run = re.findall(r"^DRV-.*", done.stdout, re.MULTILINE)
    assert failure == (
        "DRV-FAILURE scenarioId=HAR-001 invariantId=INV-HARNESS-DATABASE class=harness"
        " diagnostics=out/diagnostics/failure-001.json"
    )
    assert not_run == "DRV-NOT-RUN 15 scenarios: see the failure"


def test_ids_stand_in_the_three_documented_places_alone(tmp_path: Path) -> None:
    """stdout, JUnit properties and diagnostics name the IDs; log and environment do not."""
    done = _suite("smoke", cwd=tmp_path, environ={"DRV_DATABASE_URL": ADDRESS})
    out = tmp_path / "out"
    both = ["HAR-001", "INV-HARNESS-DATABASE"]
    properties = ET.parse(out / "junit.xml").iterfind(".//testcase/properties/property")  # noqa: S314 (our own file)
    assert [each.get("value") for each in properties] == both
    for file in ("junit.xml", "diagnostics/failure-001.json"):
        assert ID.findall((out / file).read_text()) == both
    assert ID.findall(done.stdout) == both
    for text in (done.stderr, *((out / f).read_text() for f in ("suite.log", "environment.json"))):
        assert not ID.findall(text)


def test_password_is_written_nowhere(tmp_path: Path) -> None:
    """The password of the address is in no output."""
    done = _suite("smoke", cwd=tmp_path, environ={"DRV_DATABASE_URL": ADDRESS})
    files = [path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(files) == 4
    assert not any("secret" in text for text in (done.stdout, done.stderr, *files))


def test_files_of_the_last_run_are_gone_and_others_stay(tmp_path: Path) -> None:
    """A run replaces its own files in the output directory and touches no other."""
    stale, other = tmp_path / "out/diagnostics/failure-009.json", tmp_path / "out/notes.txt"
    stale.parent.mkdir(parents=True)
    stale.touch()
    other.touch()
    _suite("smoke", cwd=tmp_path, environ={"DRV_DATABASE_URL": ADDRESS})
    assert (stale.exists(), other.exists()) == (False, True)


@pytest.mark.parametrize(
    ("words", "environ", "message"),
    [
        (["smoke"], {}, "DRV_DATABASE_URL is not set"),
        (["smoke"], {"DRV_DATABASE_URL": "nonsense"}, "is no PostgreSQL address"),
        (["smoke"], {"DRV_DATABASE_URL": ADDRESS, "DRV_FAULT": "gremlins"}, "unknown fault"),
        (["smoke"], {"DRV_DATABASE_URL": ADDRESS, "DRV_RUN_ID": "a b"}, "is no run id"),
        (["smoke", "--only", "x"], {"DRV_DATABASE_URL": ADDRESS}, "no scenario 'x' in smoke"),
        (["failures", "nowhere"], {}, "no junit.xml in it"),
        (["smok"], {}, "invalid choice: 'smok'"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(
    words: list[str], environ: dict[str, str], message: str, tmp_path: Path
) -> None:
    """One line says what is wrong; nothing is written."""
    done = _suite(*words, cwd=tmp_path, environ=environ)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr.splitlines()[-1]
    assert not list(tmp_path.iterdir())


def test_failures_are_read_back_field_by_field(tmp_path: Path) -> None:
    """`failures` prints one field of one failure, ready for a shell variable."""
    _suite("smoke", cwd=tmp_path, environ={"DRV_DATABASE_URL": ADDRESS, "DRV_RUN_ID": "42"})
    fields = ("scenarioId", "runId", "tenantIds")
    printed = [_suite("failures", "--field", each, cwd=tmp_path).stdout for each in fields]
    assert printed == ["HAR-001\n", "42\n", "[]\n"]
    assert _suite("failures", "--field", "owner", cwd=tmp_path).returncode == 2
    assert _suite("failures", "--number", "2", "--field", "runId", cwd=tmp_path).returncode == 2


def test_list_prints_every_id(tmp_path: Path) -> None:
    """`list` prints the scenarios, `list --json` the invariants too."""
    document = json.loads(_suite("list", "--json", cwd=tmp_path).stdout)
    lines = _suite("list", cwd=tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in lines] == [s["scenarioId"] for s in document["scenarios"]]
    named = {each["invariantId"] for each in document["scenarios"]}
    assert named == {each["invariantId"] for each in document["invariants"]}


def test_who_reads_a_failed_run_waits_for_no_pytest(tmp_path: Path) -> None:
    """A triage types a dozen such commands: what only a run needs is loaded by a run."""
    _suite("smoke", cwd=tmp_path, environ={"DRV_DATABASE_URL": ADDRESS})
    code = "import sys; from drv_suite.program import main; main(sys.argv[1:])"
    code += "; print({'pytest', 'psycopg'} & set(sys.modules), file=sys.stderr)"
    for words in (["failures", "--field", "class"], ["list"]):
        argv = [sys.executable, "-c", code, *words]
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stderr == "set()\n"


@pytest.mark.parametrize("name", ["PYTEST_ADDOPTS", "PYTEST_PLUGINS"])
def test_no_variable_of_pytest_makes_a_run_green(tmp_path: Path, name: str) -> None:
    """Options that a person once exported would leave out every scenario, and pass."""
    options = {"PYTEST_ADDOPTS": "--collect-only", "PYTEST_PLUGINS": "nowhere"}
    environ = {"DRV_DATABASE_URL": ADDRESS, name: options[name]}
    done = _suite("smoke", cwd=tmp_path, environ=environ)
    assert done.returncode == 1
    assert "scenarioId=HAR-001" in done.stdout
