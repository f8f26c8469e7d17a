"""What a run is, where the document and the caller both have a say."""

from pathlib import Path

import pytest

from freshrun.document.reading import parse
from freshrun.machine.engine import Engine
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine
from freshrun.model.errors import FreshrunError
from freshrun.rehearsal.stage import Choices, faulty_github, recorded_run

ROOT = Path(__file__).resolve().parents[2]
RECORDED = "runbook/recordings/failing-smoke"


def document(github: str) -> str:
    """Return a document that asks for a run."""
    return f"---\nfreshrun:\n  github: {github}\n---\n```bash\ntrue\n```\n"


@pytest.mark.parametrize(
    ("github", "chosen", "folder"),
    [
        (RECORDED, None, ROOT / RECORDED),
        (RECORDED, "other", Path("other")),
        (RECORDED, "live", None),
        ("live", None, None),
        ("live", "other", Path("other")),
    ],
)
def test_the_caller_decides_which_run_gh_is_shown(
    github: str, chosen: str | None, folder: Path | None
) -> None:
    """A path of the document starts at its repository, the caller's where he is."""
    runbook = parse(document(github), path=str(ROOT / "README.md"))
    assert recorded_run(runbook, Choices(github=chosen)) == folder


@pytest.mark.engine
class TestFaults:
    """GitHub, made to fail for a check."""

    @pytest.mark.parametrize("via", ["socket", "proxy"])
    @pytest.mark.parametrize("github", ["live", "nowhere", RECORDED])
    def test_are_those_of_the_recording_that_the_caller_chose(
        self, engine: Engine, fresh_image: Image, github: str, via: str
    ) -> None:
        """Whatever the document says, and on the way that the caller chose."""
        runbook = parse(document(github), path=str(ROOT / "README.md"))
        choices = Choices(
            github=str(ROOT / RECORDED), github_via="proxy" if via == "proxy" else "socket"
        )
        with Machine(fresh_image, engine=engine) as machine:
            seen = faulty_github(runbook, machine, fault="artifacts-expired", choices=choices)
            assert ("HTTPS_PROXY" in seen) is (via == "proxy")

    def test_of_github_itself_are_those_of_the_documents_recording(self, machine: Machine) -> None:
        """A live run can't be made to fail; without any recording that is one clear line."""
        recorded = parse(document(RECORDED), path=str(ROOT / "README.md"))
        assert faulty_github(
            recorded, machine, fault="artifacts-expired", choices=Choices(github="live")
        )
        live = parse(document("live"), path=str(ROOT / "README.md"))
        with pytest.raises(FreshrunError, match="only a recorded run can fail on purpose"):
            faulty_github(live, machine, fault="artifacts-expired", choices=Choices())
