"""`.ci/earlier-durations`: each night adds to the nights before, as gh finds them."""

import subprocess
from pathlib import Path

from recorded_github import ROOT, SHIPPED, Served, ran_on_host, served

from freshrun.github.server.faults import FAULTS

PROGRAM = ROOT / ".ci" / "earlier-durations"
KEPT = "runs/17400000123/artifacts/drv-smoke-results/environment.json"


def ran(at: Served, place: Path, *, artifact: str) -> subprocess.CompletedProcess[str]:
    """Run the program against a served recording, whose suite stands for the nightly check."""
    own = {
        "GITHUB_REPOSITORY": "freshrun/freshrun",
        "WORKFLOW": "drv-integration.yml",
        "ARTIFACT": artifact,
        "FILE": "environment.json",
        "PLACE": str(place),
    }
    return ran_on_host(PROGRAM, at, own=own)


def test_what_the_newest_run_kept_is_taken_up(tmp_path: Path) -> None:
    """Runs that kept none are passed over."""
    place = tmp_path / "durations.json"
    place.write_text("committed")
    with served(SHIPPED, tmp_path) as at:
        ended = ran(at, place, artifact="drv-smoke-results")
    assert (ended.returncode, ended.stdout) == (0, "the durations that run 17400000123 kept\n")
    assert place.read_bytes() == (SHIPPED / KEPT).read_bytes()


def test_where_no_run_has_kept_any_the_committed_ones_stay(tmp_path: Path) -> None:
    """As on the first night, or after the artifacts have expired."""
    place = tmp_path / "durations.json"
    place.write_text("committed")
    with served(SHIPPED, tmp_path) as at:
        ended = ran(at, place, artifact="durations")
    assert ended.returncode == 0
    assert ended.stdout == "no run of the last ten has kept any: the committed durations stay\n"
    assert place.read_text("utf-8") == "committed"


def test_what_gh_can_not_tell_fails(tmp_path: Path) -> None:
    """A token without the right is no first night."""
    place = tmp_path / "durations.json"
    with served(SHIPPED, tmp_path, fault=FAULTS["bad-credentials"]) as at:
        ended = ran(at, place, artifact="durations")
    assert ended.returncode != 0
    assert not place.exists()
