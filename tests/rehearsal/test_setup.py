"""What a run is, where the document and the caller both have a say: decided once, and no later."""

import ast
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from freshrun.document.reading import parse
from freshrun.machine.engine import Engine
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine
from freshrun.model.errors import DocumentError, FreshrunError
from freshrun.model.runbook import Runbook
from freshrun.rehearsal import options, setup, stage
from freshrun.rehearsal.image_names import OURS
from freshrun.rehearsal.options import TABLE, Choices
from freshrun.rehearsal.setup import Sections, decided
from freshrun.rehearsal.stage import faulty_github

ROOT = Path(__file__).resolve().parents[2]
RECORDED = "runbook/recordings/failing-smoke"


def runbook(front: str = "", *, path: str = str(ROOT / "README.md")) -> Runbook:
    """Return a document with these settings, a line each."""
    lines = "".join(f"  {line}\n" for line in front.splitlines())
    return parse(f"---\nfreshrun:\n{lines}---\n```bash\ntrue\n```\n", path=path)


def document(github: str) -> Runbook:
    """Return a document that asks for a run."""
    return runbook(f"github: {github}")


@pytest.mark.parametrize(
    ("github", "given", "folder"),
    [
        (RECORDED, "", ROOT / RECORDED),
        (RECORDED, "other", Path("other")),
        (RECORDED, "live", None),
        ("live", "", None),
        ("live", "other", Path("other")),
    ],
)
def test_the_caller_decides_which_run_gh_is_shown(
    github: str, given: str, folder: Path | None
) -> None:
    """A path of the document starts at its repository, the caller's where he is."""
    assert decided(document(github), Choices(github=given)).recorded == folder


@pytest.mark.parametrize(
    ("github", "given", "folder"),
    [
        (RECORDED, "", ROOT / RECORDED),
        (RECORDED, "other", Path("other")),
        (RECORDED, "live", ROOT / RECORDED),
        ("live", "", None),
        ("live", "other", Path("other")),
        ("nowhere", "other", Path("other")),
    ],
)
def test_faults_are_those_of_the_first_recording_that_is_named(
    github: str, given: str, folder: Path | None
) -> None:
    """GitHub itself can't be made to fail: where the caller asks for it, the document's is left."""
    assert decided(document(github), Choices(github=given)).failing == folder


FRONT = "image: debian:bookworm\nuser: ann\ngithub: one\nbd: stand-in"


@pytest.mark.parametrize("name", ["image", "user", "github", "bd"])
def test_the_caller_goes_before_the_document(name: str) -> None:
    """And the document before what is usual; each of them by itself."""
    said = dict(line.split(": ") for line in FRONT.splitlines())
    given = {"image": "busybox", "user": "bob", "github": "two", "bd": "live"}[name]
    alone, both = decided(runbook(FRONT)), decided(runbook(FRONT), options.chosen(**{name: given}))
    for one, word in said.items():
        assert getattr(alone, one) == word
        assert getattr(both, one) == (given if one == name else word)


def test_where_nobody_says_anything_the_usual_holds() -> None:
    """Our own machine, every server allowed, the checklist judged, and no stand-in at all."""
    usual = decided(runbook())
    assert (usual.image, usual.user, usual.github, usual.bd) == (OURS, "", "", "")
    assert (usual.github_via, usual.servers, usual.checklist) == ("socket", "pass", True)
    assert (usual.recorded, usual.failing, usual.checks) == (None, None, None)
    assert (usual.sections, usual.wants_real_bd) == (Sections.IN_ORDER, False)
    assert usual.policy.servers


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_what_the_caller_says_is_in_the_setup(row: options.Option) -> None:
    """Every option of the table, and nothing else changes by it but what follows from it."""
    given = row.words[-1] if row.words else ("not-found" if row.value else not row.usual)
    made = decided(runbook(FRONT), options.chosen(**{row.field: given}))
    assert getattr(made, row.field) == given
    usual = decided(runbook(FRONT))
    others = [one.field for one in TABLE if one != row]
    assert [getattr(made, one) for one in others] == [getattr(usual, one) for one in others]


@pytest.mark.parametrize(
    ("front", "keep_going", "sections"),
    [
        ("", False, Sections.IN_ORDER),
        ("sections: independent", False, Sections.INDEPENDENT),
        ("sections: in order", True, Sections.EACH),
        ("sections: independent", True, Sections.EACH),
    ],
)
def test_what_a_failure_leaves_is_decided_once(
    front: str,
    keep_going: bool,  # noqa: FBT001 - a row of the table above
    sections: Sections,
) -> None:
    """To keep going is more than independent sections: the first one's failure stops nothing."""
    assert decided(runbook(front), Choices(keep_going=keep_going)).sections is sections


def test_the_images_that_a_run_is_not_on_are_known() -> None:
    """From pytest and from Python a document is rehearsed once: on the first image of its list."""
    book = runbook("images: [debian:12, debian:13, ubuntu:24.04]")
    assert decided(book).other_images == ("debian:13", "ubuntu:24.04")
    assert decided(book, Choices(image="debian:13")).other_images == ()
    assert decided(runbook("image: debian:13")).other_images == ()


def test_a_dockerfile_of_the_document_is_one_of_its_repository(tmp_path: Path) -> None:
    """The caller's name is left as it is; a name that is no file there is an image's."""
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    path = str(tmp_path / "a.md")
    image = "image: Dockerfile"
    assert decided(runbook(image, path=path)).image == str(tmp_path / "Dockerfile")
    assert decided(runbook(image, path=path), Choices(image="Dockerfile")).image == "Dockerfile"
    assert decided(runbook("image: Dockerfiles", path=path)).image == "Dockerfiles"


@pytest.mark.parametrize("given", ["..", "/etc", "../checks", "link"])
def test_checks_outside_of_the_repository_are_refused(tmp_path: Path, given: str) -> None:
    """Whether they are judged or not: they would run on this host."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "link").symlink_to(tmp_path)
    book = runbook(f"checklist: {given}", path=str(tmp_path / "own" / "a.md"))
    with pytest.raises(DocumentError, match="leads out of the repository"):
        decided(book, Choices(checklist=False))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (Choices(bd="alive"), "--bd alive: stand-in or live is right"),
        (Choices(servers="maybe"), "--servers maybe: pass or fail is right"),
        (Choices(github_via="carrier"), "--github-via carrier: socket or proxy is right"),
        (Choices(github_fault="nonsense"), 'no fault "nonsense" of GitHub; known are'),
    ],
)
def test_a_wrong_word_is_refused_before_anything_is_opened(given: Choices, message: str) -> None:
    """In one line that has the right ones."""
    with pytest.raises(FreshrunError) as refused:
        decided(runbook(), given)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_no_value_of_a_secret_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setup may be shown, sent and kept; values stay in the environment."""
    monkeypatch.setenv("TOKEN", "hunter2hunter2")
    made = decided(runbook("secrets: [TOKEN]"))
    assert made.secrets == ("TOKEN",)
    assert "hunter2" not in repr(made)
    with pytest.raises(FrozenInstanceError):
        made.image = "other"  # type: ignore[misc]  # that is the point


@pytest.mark.parametrize("name", ["stage", "run", "rehearsal", "draft"])
def test_nobody_below_asks_the_document_or_the_caller_again(name: str) -> None:
    """What opens and runs reads the setup, and never a document's settings beside it."""
    source = Path(stage.__file__).with_name(f"{name}.py").read_text("utf-8")
    read = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    assert "settings" not in read
    assert "Choices" not in source
    assert "settings" in Path(setup.__file__).read_text("utf-8")


@pytest.mark.engine
class TestFaults:
    """GitHub, made to fail for a check."""

    @pytest.mark.parametrize("via", ["socket", "proxy"])
    @pytest.mark.parametrize("github", ["live", "nowhere", RECORDED])
    def test_are_those_of_the_recording_that_the_caller_chose(
        self, engine: Engine, fresh_image: Image, github: str, via: str
    ) -> None:
        """Whatever the document says, and on the way that the caller chose."""
        choices = Choices(github=str(ROOT / RECORDED), github_via=via)
        made = decided(document(github), choices)
        with Machine(fresh_image, engine=engine) as machine:
            seen = faulty_github(made, machine, fault="artifacts-expired")
            assert ("HTTPS_PROXY" in seen) is (via == "proxy")

    def test_of_github_itself_are_those_of_the_documents_recording(self, machine: Machine) -> None:
        """A live run can't be made to fail; without any recording that is one clear line."""
        recorded = decided(document(RECORDED), Choices(github="live"))
        assert faulty_github(recorded, machine, fault="artifacts-expired")
        live = decided(document("live"))
        with pytest.raises(FreshrunError, match="only a recorded run can fail on purpose"):
            faulty_github(live, machine, fault="artifacts-expired")
