"""What is asked of a cluster before one is spoken to, and what a call leaves for the next one."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest

from freshrun.fleet import shelf
from freshrun.fleet.asked import asked_cluster
from freshrun.fleet.errand import Answer, Errand, Greeting, Sealed
from freshrun.fleet.journal import DAY, journal
from freshrun.fleet.posts import Posts
from freshrun.host import bundle
from freshrun.model import Command, Ending, FreshrunError, Options, Outcome, Record, Status
from freshrun.rehearsal import Choices

NO_FILES = {"ca_file": "", "cert": "", "key": ""}
PASSED = Outcome(Command("true", "a.md", 1, 1, "", Options()), Status.PASSED, Ending.EXITED)
CANARY = "canary-7f3a91"


def address(text: str, *, plain_tcp: bool = False) -> str:
    """Return the address that a text asks for."""
    found = asked_cluster(text, plain_tcp=plain_tcp, files=NO_FILES)
    assert found
    return found.address


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("localhost:8786", "tcp://localhost:8786"),
        ("[::1]:8786", "tcp://[::1]:8786"),
        ("tls://localhost:8786", "tls://localhost:8786"),
        ("cluster.example:8786", "tls://cluster.example:8786"),
        ("tls://10.0.0.7:8786", "tls://10.0.0.7:8786"),
    ],
)
def test_another_host_is_spoken_to_by_tls(text: str, right: str) -> None:
    """This host by what it listens to."""
    assert address(text) == right


@pytest.mark.parametrize(
    "text",
    [
        "tcp://10.0.0.7:8786",
        "tcp://cluster.example:1",
        "tcp://localhost.evil.example:1",
        "tcp://127.0.0.1.evil.example:1",
        "tcp://[fe80::1]:1",
        "tcp://0.0.0.0:8786",
    ],
)
def test_plain_tcp_to_another_host_has_to_be_allowed(text: str) -> None:
    """Secrets and the repository would lie open on the way."""
    with pytest.raises(FreshrunError, match=r"could be read on their way there; tls://.* is right"):
        address(text)
    assert address(text, plain_tcp=True) == text


@pytest.mark.parametrize(
    "text", ["cluster", "http://a:1", "inproc://a/b/c", "tls://a", "tls://a:b", "a:1/x", "me@a:1"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """In one line that says what would be right."""
    with pytest.raises(FreshrunError, match="tls://HOST:8786 is right"):
        address(text)


def test_a_scheduler_may_leave_its_address_in_a_file(tmp_path: Path) -> None:
    """As Dask does with `--scheduler-file`; another host's is held to the same rule."""
    (tmp_path / "here.json").write_text('{"address": "tcp://127.0.0.1:4242"}', "utf-8")
    assert address(str(tmp_path / "here.json")) == "tcp://127.0.0.1:4242"
    (tmp_path / "there.json").write_text('{"address": "tcp://10.0.0.7:4242"}', "utf-8")
    with pytest.raises(FreshrunError, match="could be read"):
        address(str(tmp_path / "there.json"))
    for bad in ("none.json", "torn.json", "list.json"):
        (tmp_path / "torn.json").write_text("{", "utf-8")
        (tmp_path / "list.json").write_text("[]", "utf-8")
        with pytest.raises(FreshrunError, match="--cluster"):
            address(str(tmp_path / bad))


def test_options_of_a_cluster_without_one_are_misuse() -> None:
    """They would do nothing."""
    with pytest.raises(FreshrunError, match="go with --cluster"):
        asked_cluster("", plain_tcp=True, files=NO_FILES)
    with pytest.raises(FreshrunError, match="go with --cluster"):
        asked_cluster("", plain_tcp=False, files={**NO_FILES, "key": "key.pem"})
    with pytest.raises(FreshrunError, match="there is no file none"):
        asked_cluster("tls://a:1", plain_tcp=False, files={**NO_FILES, "cert": "none.pem"})


def called(words: Sequence[str], folder: Path, *, before: str = "") -> tuple[int, str]:
    """Run the program; return its exit code and what it said."""
    script = f"import sys\n{before}\nfrom freshrun.tasks import program\n"
    script += f"program.run(['freshrun', *{[*words]!r}])"
    argv = [sys.executable, "-c", script]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_what_has_to_be_installed_is_named(tmp_path: Path) -> None:
    """In one line, before anything is announced; all else works without it."""
    (tmp_path / "a.md").write_text("```bash\ntrue\n```\n", "utf-8")
    missing = "sys.modules['distributed'] = sys.modules['dask'] = None"
    words = ("a.md", "--cluster", "127.0.0.1:1")
    code, said = called(words, tmp_path, before=missing)
    assert code == 2
    right = "pip install 'freshrun[cluster]'"
    assert said == f"distributed is not installed, which --cluster needs: {right}\n"
    assert not (tmp_path / ".freshrun").exists()
    code, said = called(("lint", "a.md"), tmp_path, before=missing)
    assert code == 0, said


def test_no_other_door_loads_what_a_cluster_needs() -> None:
    """It is 25 MB, and takes longer than a short rehearsal."""
    script = "import sys, freshrun.tasks, freshrun.fleet as fleet\nfleet.rehearse_each\n"
    script += "print(sorted({'dask', 'distributed', 'tornado', 'ipaddress'} & {*sys.modules}))"
    argv = [sys.executable, "-c", script]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert "distributed" not in done.stdout
    assert "dask" not in done.stdout
    assert "tornado" not in done.stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--workers=2",), "--workers is for this machine"),
        (("--update",), "--update writes beside the document"),
        (("--keep-durations",), "--keep-durations writes beside the document"),
        ((), "is in no git repository"),
    ],
)
def test_what_a_cluster_can_not_do_is_misuse(
    tmp_path: Path, words: Sequence[str], why: str
) -> None:
    """Said before a scheduler is asked."""
    (tmp_path / "a.md").write_text("```bash\ntrue\n```\n", "utf-8")
    code, said = called(("a.md", "--cluster", "127.0.0.1:1", *words), tmp_path)
    assert code == 2
    assert why in said
    assert "Traceback" not in said


def record(document: str, *, fault: str = "") -> Record:
    """Return the record of a run that passed."""
    return Record(document, "", "2026-01-01T00:00:00Z", "", outcomes=(PASSED,), fault=fault)


def test_the_next_call_finds_what_a_broken_off_one_has_finished(tmp_path: Path) -> None:
    """Of the same keys alone, and no record that is broken."""
    with journal({"a", "b", "c"}, place=tmp_path) as first:
        first.keep("a", record("a.md"))
        first.keep("b", record("b.md", fault="its engine was lost"))
        first.keep("c", record("c.md"))
    with journal({"a", "b", "x"}, place=tmp_path) as second:
        assert [key for key in "abcx" if second.found(key)] == ["a"]
        second.forget()
    with journal({"a", "b", "c"}, place=tmp_path) as third:
        assert [key for key in "abc" if third.found(key)] == ["c"]
        assert third.found("c") == record("c.md")
        third.forget()
    assert [*tmp_path.iterdir()] == []


def test_calls_at_once_have_nothing_of_one_another(tmp_path: Path) -> None:
    """What one of them has finished is not the other's result."""
    with journal({"a"}, place=tmp_path) as one:
        one.keep("a", record("a.md"))
        with journal({"a"}, place=tmp_path) as other:
            assert other.found("a") is None
            other.keep("a", record("other"))
        assert one.found("a") == record("a.md")
    with journal({"a"}, place=tmp_path) as next_one, journal({"a"}, place=tmp_path) as last:
        found = [each.found("a") for each in (next_one, last)]
        assert found[0]
        assert found[1] is None


def test_yesterdays_results_are_no_results(tmp_path: Path) -> None:
    """Nor is what was written half."""
    with journal({"a", "b"}, place=tmp_path) as first:
        first.keep("a", record("a.md"))
        first.keep("b", record("b.md"))
        (first.folder / "b.json").write_text("{", "utf-8")
        before = time.time() - DAY - 60
        os.utime(first.folder / "a.json", (before, before))
    with journal({"a", "b"}, place=tmp_path) as second:
        assert second.found("a") is None
        assert second.found("b") is None


def test_a_host_keeps_a_repository_once_and_few_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each checkout is one of its own; what is in use stays."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    root = tmp_path / "own"
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    who = ("-c", "user.name=a", "-c", "user.email=a@localhost")
    ids = []
    for number in range(shelf.MOST + 2):
        (root / "a.md").write_text(str(number), "utf-8")
        for words in (("add", "."), ("commit", "-q", "-m", str(number))):
            subprocess.run(["git", *who, *words], cwd=root, check=True)
        sent = bundle(root / "a.md")
        shelf.put(sent)
        shelf.put(sent)
        ids.append(sent.id)
        if number == 0:
            first = shelf.checked_out(sent.id)
            used = first.__enter__()
    assert [shelf.holds(each) for each in ids] == [True, False, *[True] * shelf.MOST]
    with shelf.checked_out(ids[-1]) as one, shelf.checked_out(ids[-1]) as other:
        (one / "a.md").write_text("mine", "utf-8")
        assert (other / "a.md").read_text("utf-8") == str(shelf.MOST + 1)
        assert one.name == "own"
        shelf.sweep()
        assert one.exists()
    assert (used / "a.md").read_text("utf-8") == "0"
    first.__exit__(None, None, None)
    assert not one.exists()
    with pytest.raises(FreshrunError, match="put away"), shelf.checked_out(ids[1]):
        pass
    with pytest.raises(FreshrunError, match="no id"):
        shelf.holds("../../etc")


def test_nothing_that_travels_shows_a_secret() -> None:
    """Dask writes the arguments of a task into logs and pages."""
    secret = Sealed({"TOKEN": CANARY})
    word = Record(f"{CANARY}.md", "", "", "", run="r1")
    errand = Errand("w", "id", ".", f"{CANARY}.md", Choices(), word, secret)
    for one in (secret, errand, Answer(CANARY), [errand], {"a": secret}):
        assert CANARY not in f"{one} {one!r}"


def greeting(worker: str, *, at_once: int = 1, fault: str = "") -> Greeting:
    """Return what a worker of this version says."""
    return Greeting(worker, version("freshrun"), at_once, has=True, fault=fault)


def test_a_worker_is_given_what_it_has_room_for() -> None:
    """One without machines is none of ours; one that is gone is forgotten."""
    posts = Posts()
    machines: dict[str, object] = {"resources": {"machine": 2.0}, "name": "one"}
    there: dict[str, dict[str, object]] = {"a": machines, "b": {"resources": {}}, "c": machines}
    assert [post.address for post in posts.new(there)] == ["a", "c"]
    assert [*posts.with_room()] == []
    posts.greeted("a", greeting("wa", at_once=2))
    posts.greeted("c", greeting("wc"))
    given = []
    for post in posts.with_room():
        posts.take(post.address)
        given.append(post.address)
    assert given == ["a", "a", "c"]
    posts.give_back("c")
    assert next(posts.with_room()).address == "c"
    assert posts.missing({"a": machines}) == ["c"]
    assert [*posts.with_room()] == []
    assert posts.useless == ""


def test_workers_that_can_rehearse_nothing_are_told_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Another version's, and one without an engine; the reason is said once."""
    posts = Posts()
    told: dict[str, object] = {"resources": {"machine": 1}, "name": "n"}
    assert len([*posts.new({"a": told, "b": told, "c": told})]) == 3
    posts.greeted("a", Greeting("wa", "0.0.1", 1, has=True))
    posts.greeted("b", greeting("wb", fault="no container engine was found"))
    assert posts.useless == ""
    posts.greeted("c", greeting("wc", fault="no container engine was found"))
    assert posts.useless.startswith("it has freshrun 0.0.1, and this is ")
    assert posts.useless.endswith("; no container engine was found")
    assert [*posts.with_room()] == []
    assert capsys.readouterr().err.count("no container engine was found") == 1
