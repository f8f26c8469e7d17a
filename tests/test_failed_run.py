"""`.ci/failed-run`: the newest failed run, or a drill where there is none, as gh sees it."""

import subprocess
from pathlib import Path

from recorded_github import ROOT, SHIPPED, Served, ran_on_host, served

PROGRAM = ROOT / ".ci" / "failed-run"
RUN = "https://github.com/freshrun/freshrun/actions/runs/17400000123"


def ran(at: Served, *, days: int) -> subprocess.CompletedProcess[str]:
    """Run the program against a served recording; what is older than these days is gone."""
    own = {"GITHUB_REPOSITORY": "freshrun/freshrun", "KEPT_DAYS": str(days)}
    return ran_on_host(PROGRAM, at, own=own)


def test_a_failed_run_whose_artifacts_are_kept_is_the_one(tmp_path: Path) -> None:
    """No drill is started: nothing but the list of runs is asked for."""
    with served(SHIPPED, tmp_path) as at:
        ended = ran(at, days=36500)
        assert (ended.returncode, ended.stdout.splitlines()) == (
            0,
            [f"the newest failed run of drv-integration.yml: {RUN}"],
        )
        assert {each.method for each in at.journal} == {"GET"}


def test_without_one_a_drill_is_started(tmp_path: Path) -> None:
    """The recording takes no order: that gh gave it, and told, is what can be shown of it here."""
    with served(SHIPPED, tmp_path) as at:
        ended = ran(at, days=-1)
        asked = [each for each in at.journal if each.method == "POST"]
        assert [each.url.rpartition("/")[2] for each in asked] == ["dispatches"]
        assert ended.returncode == 1
        assert "newest failed run" not in ended.stdout
