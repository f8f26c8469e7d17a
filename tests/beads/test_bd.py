"""One contract for `bd`: the stand-in keeps it always, a real beads where one is on PATH."""

from __future__ import annotations

import ast
import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import freshrun.beads

if TYPE_CHECKING:
    from collections.abc import Sequence

STAND_IN = Path(freshrun.beads.__file__).with_name("stand_in.py")
ID = re.compile(r"[A-Za-z][\w-]*-[0-9a-z]{3,8}(\.\d+){0,3}")
BUG_BODY = """\
## Summary

* scenarioId: ISO-001, invariantId: INV-ISOLATION, tenantIds: t1, t2
* runId: 4711, runUrl: https://example.org/runs/4711, commit: `0123abc`, owner: @storage

## Steps to Reproduce

    DRV_FAULT=rls-off "./run" --only ISO-001 'a b' $HOME

## Expected
## Actual
## Artifacts

* artifacts/ISO-001/diagnostics.json

## Acceptance Criteria

- [ ] ISO-001 passes 20 of 20 runs
"""


class Bead(TypedDict, total=False):
    """What is read of the JSON of an issue."""

    id: str
    title: str
    description: str
    acceptance_criteria: str
    design: str
    notes: str
    status: str
    priority: int
    issue_type: str
    assignee: str
    estimated_minutes: int
    created_at: str
    updated_at: str
    closed_at: str
    close_reason: str
    external_ref: str
    due_at: str
    labels: list[str]
    dependencies: list[Bead]
    dependency_type: str


@dataclass(frozen=True)
class Bd:
    """A bd program, run in one directory with an environment of its own."""

    program: Sequence[str]
    folder: Path

    def __call__(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command line."""
        return subprocess.run(
            [*self.program, *arguments],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "BEADS_NO_DAEMON": "1"},
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def beads(self, *arguments: str, stdin: str = "") -> list[Bead]:
        """Run a command that succeeds and answers with an array."""
        done = self(*arguments, "--json", stdin=stdin)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert isinstance(answer, list)
        return cast("list[Bead]", answer)

    def create(self, *arguments: str, stdin: str = "") -> Bead:
        """Create an issue, which answers with one object."""
        done = self("create", *arguments, "--json", stdin=stdin)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert isinstance(answer, dict)
        return cast("Bead", answer)

    def show(self, bead: Bead) -> Bead:
        """Read an issue back."""
        (shown,) = self.beads("show", bead["id"])
        return shown

    def refuses(self, *arguments: str) -> str:
        """Run a command that must fail as bd does; what stderr says."""
        done = self(*arguments)
        assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
        assert done.stdout == ""
        return done.stderr


def stand_in_at(folder: Path) -> Bd:
    """Make the stand-in, as it is started in a machine, at work in a directory."""
    return Bd((sys.executable, "-I", str(STAND_IN)), folder)


def real_at(folder: Path) -> Bd:
    """Make a real beads at work in a directory; skips where none is on PATH."""
    program = shutil.which("bd")
    bd = Bd((program,), folder) if program else None
    if bd is None or "stand-in" in bd("version").stdout:
        pytest.skip("no real bd on PATH")
    return bd


@dataclass(frozen=True)
class Clone:
    """A clone with work that is staged, and a bd in it."""

    bd: Bd

    def git(self, *words: str) -> str:
        """Run git in the clone; what it printed."""
        return subprocess.run(
            ["git", *words], cwd=self.bd.folder, capture_output=True, text=True, check=False
        ).stdout

    def state(self) -> dict[str, str]:
        """Tell what git tracks, what it would say of the work tree, and its hooks."""
        return {
            "log": self.git("log", "--format=%H %s"),
            "status": self.git("status", "--porcelain"),
            "tracked": self.git("ls-files"),
            "hooks": self.git("config", "core.hooksPath").strip(),
            "installed": " ".join(
                sorted(p.name for p in (self.bd.folder / ".git/hooks").iterdir())
            ),
        }

    def at_a_terminal(self, line: str, *, says: str, answer: str = "\x04") -> str:
        """Type a line of bd at a terminal, answer once it `says` something; all that it showed."""
        screen, terminal = pty.openpty()
        command = f"{shlex.join(self.bd.program)} {line}"
        with subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=self.bd.folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.bd.folder), "BEADS_NO_DAEMON": "1"},
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            assert process.stdout is not None
            shown = b""
            while says.encode() not in shown and (byte := process.stdout.read(1)):
                shown += byte
            os.write(screen, answer.encode())
            shown += process.stdout.read()
        os.close(screen)
        os.close(terminal)
        return shown.decode()


def cloned(bd: Bd, *, identity: bool = True) -> Clone:
    """Make the directory of a bd a clone with a remote, a commit and staged work."""
    source = bd.folder.parent / f"{bd.folder.name}-source"
    author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for words in (
        ("init", "--quiet", str(source)),
        ("-C", str(source), *author, "commit", "--quiet", "--allow-empty", "-m", "first"),
        ("clone", "--quiet", str(source), str(bd.folder)),
    ):
        subprocess.run(["git", *words], check=True)
    clone = Clone(bd)
    if identity:
        clone.git("config", "user.name", "reader")
        clone.git("config", "user.email", "reader@example.com")
    (bd.folder / "staged").write_text("work")
    clone.git("add", "staged")
    return clone


@pytest.fixture(params=[stand_in_at, real_at], ids=["stand-in", "real"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Bd:
    """Both programs in turn, before `bd init`."""
    maker = stand_in_at if request.param is stand_in_at else real_at
    return maker(tmp_path)


@pytest.fixture
def bd(fresh: Bd) -> Bd:
    """Both programs in turn, with prefix DRV."""
    assert fresh("init", "--prefix", "DRV", "--quiet").returncode == 0
    return fresh


@pytest.fixture
def stand_in(tmp_path: Path) -> Bd:
    """Make the stand-in alone, for where it is stricter than a real one or promises more."""
    bd = stand_in_at(tmp_path)
    assert bd("init", "--prefix", "DRV", "--quiet").returncode == 0
    return bd


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Bd:
    """Make a stand-in with two issues, for tests that prove that nothing changes."""
    bd = stand_in_at(tmp_path_factory.mktemp("settled"))
    bd("init", "--prefix", "DRV", "--quiet")
    for name in ("DRV-one", "DRV-two"):
        bd.create(name, "--id", name)
    return bd


# Both programs.


INIT = ("init", "--prefix", "DRV", "--stealth", "--quiet")


def test_init_is_quiet_makes_beads_and_refuses_a_second_time(fresh: Bd) -> None:
    """In a clone `bd init --stealth --quiet` prints nothing; a second init exits 1."""
    clone = cloned(fresh)
    assert clone.bd(*INIT).stdout == ""
    assert (fresh.folder / ".beads").is_dir()
    assert clone.bd(*INIT).returncode == 1


def test_init_with_stealth_changes_nothing_that_git_tracks(fresh: Bd) -> None:
    """Neither the history, nor the index, nor the hooks of a clone with staged work."""
    clone = cloned(fresh)
    before = clone.state()
    assert clone.bd(*INIT).returncode == 0
    assert clone.bd("create", "one").returncode == 0
    assert clone.state() == before


def test_init_asks_at_a_terminal_unless_its_input_is_empty(fresh: Bd) -> None:
    """Neither --stealth nor --quiet keeps the question back; an empty standard input does."""
    asked = cloned(fresh).at_a_terminal(shlex.join(INIT), says="someone else's repo? [y/N]")
    assert "Contributing to someone else's repo? [y/N]" in asked
    silent = cloned(Bd(fresh.program, fresh.folder / "other"))
    assert "[y/N]" not in silent.at_a_terminal(f"{shlex.join(INIT)} < /dev/null", says="")
    assert (silent.bd.folder / ".beads").is_dir()


def test_before_init_every_command_says_so(fresh: Bd) -> None:
    """Without a database: exit 1, plain text on stderr even with --json."""
    for arguments in (["create", "x"], ["list"], ["show", "DRV-abc"], ["close", "DRV-abc"]):
        assert "Error: no beads database found" in fresh.refuses(*arguments, "--json")


def test_the_database_is_found_from_below(bd: Bd) -> None:
    """`.beads/` is looked for upward from the working directory."""
    below = bd.folder / "a" / "b"
    below.mkdir(parents=True)
    created = Bd(bd.program, below).create("from below")
    assert bd.show(created)["title"] == "from below"


def test_create_answers_with_one_object(bd: Bd) -> None:
    """`create --json` gives one object with the documented fields, empty ones left out."""
    bead = bd.create("Shares add up to 101", "-t", "bug", "-p", "P0", "-a", "storage")
    assert ID.fullmatch(bead["id"])
    assert bead["id"].startswith("DRV-")
    assert (bead["title"], bead["status"]) == ("Shares add up to 101", "open")
    assert (bead["priority"], bead["issue_type"], bead["assignee"]) == (0, "bug", "storage")
    assert bead["created_at"]
    assert bead["updated_at"]
    assert not {"description", "external_ref", "acceptance_criteria", "closed_at"} & bead.keys()


def test_create_defaults(bd: Bd) -> None:
    """Without flags an issue is an open task of priority 2."""
    bead = bd.create("plain")
    assert (bead["issue_type"], bead["priority"], bead["status"]) == ("task", 2, "open")


def test_create_says_the_id_in_text(bd: Bd) -> None:
    """Without --json, create prints `Created issue: ID`; with --silent the id alone."""
    assert re.search(r"Created issue: DRV-[0-9a-z]{3,8}\b", bd("create", "in words").stdout)
    assert ID.fullmatch(bd("create", "in silence", "--silent").stdout.strip())


def test_new_is_create(bd: Bd) -> None:
    """`bd new` does what `bd create` does."""
    assert ID.fullmatch(bd("new", "also so", "--silent").stdout.strip())


def test_flags_are_taken_in_every_spelling(bd: Bd) -> None:
    """`--f v`, `--f=v`, the short flags, and --json anywhere mean the same."""
    spellings = (
        ["create", "t", "--type", "bug", "--priority", "1", "--assignee", "a", "--json"],
        ["create", "--json", "t", "--type=bug", "--priority=P1", "--assignee=a"],
        ["--json", "create", "-t", "bug", "-p", "1", "-a", "a", "t"],
        ["create", "--title", "t", "-tbug", "-p=P1", "-aa", "--json=true"],
    )
    for spelling in spellings:
        bead = cast("Bead", json.loads(bd(*spelling).stdout))
        fields = (bead["title"], bead["issue_type"], bead["priority"], bead["assignee"])
        assert fields == ("t", "bug", 1, "a"), spelling


def test_types(bd: Bd) -> None:
    """The five types that every version has are taken; other words are refused by name."""
    for issue_type in ("bug", "feature", "task", "epic", "chore"):
        assert bd.create("typed", "--type", issue_type)["issue_type"] == issue_type
    for issue_type in ("defect", "incident", "Bug"):
        said = bd.refuses("create", "typed", "--type", issue_type)
        assert f"invalid issue type: {issue_type}" in said


def test_priorities(bd: Bd) -> None:
    """A priority is 0-4 or P0-P4, and an integer in JSON, 0 too."""
    for text in ("0", "1", "4", "P0", "P3", "P4"):
        assert bd.create("ranked", "--priority", text)["priority"] == int(text[-1])


def test_other_priorities_are_refused(bd: Bd) -> None:
    """Words and numbers outside 0-4 are refused with the real text, also after `-p`."""
    for flag, text in (("-p", "high"), ("--priority", "5"), ("-p", "-1"), ("--priority", "sev1")):
        why = "(expected 0-4 or P0-P4, not words like high/medium/low)"
        assert f'invalid priority "{text}" {why}' in bd.refuses("create", "x", flag, text)


def test_a_title_is_required(bd: Bd) -> None:
    """No title at all is refused."""
    assert "title required" in bd.refuses("create", "--type", "bug")


def test_a_long_title_is_refused(bd: Bd) -> None:
    """500 characters are taken, 501 are not."""
    assert bd.create("x" * 500)["title"] == "x" * 500
    why = "title must be 500 characters or less (got 501)"
    assert why in bd.refuses("create", "x" * 501)


def test_labels_repeat_split_and_hold_colons(bd: Bd) -> None:
    """`-l a,b --labels scenario:ISO-001` gives three labels, read back through show."""
    bead = bd.create("labelled", "-l", "a,b", "--labels", "scenario:ISO-001")
    assert sorted(bd.show(bead)["labels"]) == ["a", "b", "scenario:ISO-001"]


def test_the_body_comes_from_a_file_stdin_or_a_flag(bd: Bd) -> None:
    """--body-file FILE, --body-file - and -d give the same description."""
    (bd.folder / "body.md").write_text(BUG_BODY, encoding="utf-8")
    beads = (
        bd.create("file", "--body-file", "body.md"),
        bd.create("stdin", "--body-file", "-", stdin=BUG_BODY),
        bd.create("flag", "-d", BUG_BODY),
    )
    assert [bd.show(bead)["description"] for bead in beads] == [BUG_BODY] * 3


def test_two_bodies_are_refused(bd: Bd) -> None:
    """A description and a body file together are refused, and so is a file that is missing."""
    (bd.folder / "body.md").write_text("text", encoding="utf-8")
    bd.refuses("create", "two", "--body-file", "body.md", "--description", "other")
    assert "no such file or directory" in bd.refuses("create", "none", "--body-file", "no.md")
    assert bd.beads("list") == []


def test_the_other_fields_read_back(bd: Bd) -> None:
    """Design, acceptance, notes, estimate, assignee, external ref: kept and shown."""
    bead = bd.show(
        bd.create(
            *("full", "--design", "d", "--acceptance", "passes 20 of 20", "--notes", "n"),
            *("-e", "30", "-a", "@storage", "--external-ref", "run-1/ISO-001"),
        )
    )
    assert (bead["design"], bead["notes"], bead["estimated_minutes"]) == ("d", "n", 30)
    assert bead["acceptance_criteria"] == "passes 20 of 20"
    assert (bead["assignee"], bead["external_ref"]) == ("@storage", "run-1/ISO-001")


def test_flags_that_never_existed_are_refused(bd: Bd) -> None:
    """An unknown flag: exit 1, plain text on stderr even with --json, nothing filed."""
    for flag in ("--owner", "--severity", "--tag", "--comment", "--blocked-by"):
        assert f"Error: unknown flag: {flag}" in bd.refuses("create", "x", flag, "y", "--json")
    assert bd.beads("list") == []


def test_deps_link_a_new_issue(bd: Bd) -> None:
    """--deps takes `type:id` and `id`, which blocks; show names each type."""
    found, blocker = bd.create("found"), bd.create("blocker")
    deps = f"discovered-from:{found['id']},{blocker['id']}"
    shown = bd.show(bd.create("linked", "--deps", deps))
    kinds = {one["id"]: one["dependency_type"] for one in shown["dependencies"]}
    assert kinds == {found["id"]: "discovered-from", blocker["id"]: "blocks"}


def test_validate_wants_sections(bd: Bd) -> None:
    """--validate refuses a description without the sections that its type needs."""
    cases = (
        ("bug", "## Steps to Reproduce\n", "Acceptance Criteria"),
        ("bug", "## Acceptance Criteria\n", "Steps to Reproduce"),
        ("task", "", "Acceptance Criteria"),
        ("epic", "", "Success Criteria"),
    )
    for issue_type, body, missing in cases:
        said = bd.refuses("create", "x", "-t", issue_type, "-d", body, "--validate")
        _, _, sections = said.partition(f"Error: missing required sections for {issue_type}:\n")
        assert missing in sections


def test_validate_passes_with_sections_in_the_description(bd: Bd) -> None:
    """The headings count in any case."""
    bd.create("good", "-t", "bug", "-d", BUG_BODY.upper(), "--validate")


def test_children_are_numbered_to_a_depth_of_three(bd: Bd) -> None:
    """A child's id is its parent's with .N."""
    ids = [bd.create("epic", "-t", "epic")["id"]]
    for _ in range(3):
        child = bd.create("child", "--parent", ids[-1])["id"]
        assert child == f"{ids[-1]}.1"
        ids.append(child)
    assert bd.create("second", "--parent", ids[0])["id"] == f"{ids[0]}.2"


def test_a_child_shows_its_parent(bd: Bd) -> None:
    """The link to the parent is of type parent-child."""
    epic = bd.create("epic", "-t", "epic")
    (link,) = bd.show(bd.create("child", "--parent", epic["id"]))["dependencies"]
    assert (link["id"], link["dependency_type"]) == (epic["id"], "parent-child")


def test_an_unknown_parent_is_refused(bd: Bd) -> None:
    """`--parent` of no issue: exit 1, and it is named."""
    said = bd.refuses("create", "orphan", "--parent", "DRV-zzz")
    assert "parent issue DRV-zzz not found" in said


def test_an_explicit_id_is_kept_if_it_is_of_this_database(bd: Bd) -> None:
    """--id needs the prefix of the database; with --parent it is refused."""
    assert bd.create("mine", "--id", "DRV-abc1")["id"] == "DRV-abc1"
    assert "prefix mismatch" in bd.refuses("create", "theirs", "--id", "OPS-abc1")
    bd.refuses("create", "both", "--id", "DRV-abc2", "--parent", "DRV-abc1")


def test_dry_run_files_nothing(bd: Bd) -> None:
    """--dry-run tells what would be created and leaves the database alone."""
    assert "Would create issue" in bd("create", "only thought of", "--dry-run").stdout
    assert bd.beads("list") == []


def test_due_and_defer_are_dates(bd: Bd) -> None:
    """--due takes a date and a distance, and refuses other words with examples."""
    assert bd.show(bd.create("dated", "--due", "2031-01-15"))["due_at"].startswith("2031-01-15")
    assert bd.show(bd.create("soon", "--due", "+6h", "--defer", "tomorrow"))["due_at"]
    assert 'invalid --due format "whenever"' in bd.refuses("create", "x", "--due", "whenever")


def test_a_markdown_file_makes_several_issues(bd: Bd) -> None:
    """-f FILE creates one issue for each second-level heading; a title beside it is refused."""
    (bd.folder / "beads.md").write_text(
        "## First\n\n### Type\nbug\n\n### Priority\n1\n\n### Labels\na, b\n\n## Second\n",
        encoding="utf-8",
    )
    first, second = (bd.show(bead) for bead in bd.beads("create", "-f", "beads.md"))
    assert (first["title"], first["issue_type"], first["priority"]) == ("First", "bug", 1)
    assert sorted(first["labels"]) == ["a", "b"]
    assert (second["title"], second["issue_type"]) == ("Second", "task")
    bd.refuses("create", "title too", "-f", "beads.md")


def test_list_filters(bd: Bd) -> None:
    """Each filter of list narrows; a repeated --label wants all of them."""
    bd.create("one", "-t", "bug", "-p", "1", "-a", "ada", "-l", "x,y")
    bd.create("two", "-t", "task", "-p", "0", "-a", "bob", "-l", "x")

    def titles(*filters: str) -> set[str]:
        return {bead["title"] for bead in bd.beads("list", *filters)}

    assert titles() == titles("--label", "x") == titles("--status", "open") == {"one", "two"}
    assert titles("--label", "x", "--label", "y") == titles("--label", "x,y") == {"one"}
    assert titles("--type", "bug") == titles("--assignee", "ada") == titles("-p", "P1") == {"one"}
    assert titles("--label", "none") == titles("--status", "blocked") == set()
    assert len(titles("--limit", "1")) == 1


def test_list_hides_what_is_closed(bd: Bd) -> None:
    """A closed issue is listed only when its status is asked for."""
    done, left = bd.create("done"), bd.create("left")
    (closed,) = bd.beads("close", done["id"], "--reason", "fixed")
    assert (closed["status"], closed["close_reason"]) == ("closed", "fixed")
    assert [bead["id"] for bead in bd.beads("list")] == [left["id"]]
    assert [bead["id"] for bead in bd.beads("list", "--status", "closed")] == [done["id"]]
    assert bd.show(done)["closed_at"]


def test_update_changes_fields_and_labels(bd: Bd) -> None:
    """Update answers with an array; what it does not name stays."""
    bead = bd.create("before", "-l", "a,b", "-p", "3", "-d", "text")
    (after,) = bd.beads(
        *("update", bead["id"], "--status", "in_progress", "--title", "after", "-p", "0"),
        *("--add-label", "c", "--remove-label", "a"),
    )
    assert (after["status"], after["title"], after["priority"]) == ("in_progress", "after", 0)
    shown = bd.show(bead)
    assert (sorted(shown["labels"]), shown["description"]) == (["b", "c"], "text")


def test_show_takes_several_ids(bd: Bd) -> None:
    """Show answers with an array, one element for each id, in order."""
    beads = [bd.create(title)["id"] for title in ("a", "b")]
    assert [bead["id"] for bead in bd.beads("show", *beads)] == beads


def test_dep_add_links_two_issues(bd: Bd) -> None:
    """`dep add A B --type discovered-from` is seen in A."""
    one, two = bd.create("one"), bd.create("two")
    assert bd("dep", "add", one["id"], two["id"], "--type", "discovered-from").returncode == 0
    (link,) = bd.show(one)["dependencies"]
    assert (link["id"], link["dependency_type"]) == (two["id"], "discovered-from")


def test_dep_add_refuses_unknown_self_and_cycle(bd: Bd) -> None:
    """Each of the wrong dependencies exits 1 and leaves the issues as they were."""
    one, two, three = (bd.create(title)["id"] for title in ("one", "two", "three"))
    bd("dep", "add", one, two)
    bd("dep", "add", two, three)
    wrong = ((one, "DRV-zzz"), ("DRV-zzz", one), (one, one), (three, one))
    for pair in wrong:
        bd.refuses("dep", "add", *pair)
    shown = bd.beads("show", one, two, three)
    assert [len(bead.get("dependencies", [])) for bead in shown] == [1, 1, 0]


def test_an_unknown_command_is_refused(bd: Bd) -> None:
    """`bd file` is no command."""
    assert 'unknown command "file" for "bd"' in bd.refuses("file", "x")


def test_the_defect_template_files_reads_back_and_finds_its_duplicate(bd: Bd) -> None:
    """The template of a defect: no duplicate, filed, every field back, then the duplicate."""
    search = ["list", "--status", "open", "--label", "scenario:ISO-001"]
    search += ["--label", "invariant:INV-ISOLATION"]
    (bd.folder / "body.md").write_text(BUG_BODY, encoding="utf-8")
    assert bd.beads(*search) == []
    title = "[ISO-001] INV-ISOLATION violated: tenant t2 reads t1"
    labels = ["integration-test", "triage", "scenario:ISO-001", "invariant:INV-ISOLATION"]
    bead = bd.create(
        *(title, "--type", "bug", "--priority", "P1", "--labels", ",".join(labels)),
        *("--body-file", "body.md", "--acceptance", "ISO-001 passes 20 of 20 runs"),
        *("--assignee", "@storage", "--validate"),
        *("--external-ref", "run-4711/ISO-001/INV-ISOLATION"),
    )
    shown = bd.show(bead)
    assert (shown["title"], shown["description"]) == (title, BUG_BODY)
    assert (shown["issue_type"], shown["priority"], shown["status"]) == ("bug", 1, "open")
    assert sorted(shown["labels"]) == sorted(labels)
    assert (shown["assignee"], shown["acceptance_criteria"]) == (
        "@storage",
        "ISO-001 passes 20 of 20 runs",
    )
    assert shown["external_ref"] == "run-4711/ISO-001/INV-ISOLATION"
    assert [found["id"] for found in bd.beads(*search)] == [bead["id"]]


# The stand-in alone: where it is stricter on purpose, or more of it is promised.


def test_the_stand_in_says_what_it_is(stand_in: Bd) -> None:
    """No one can take it for the real one: version, --version and help say so."""
    said = "bd version 0.49.5-stand-in (freshrun stand-in, not the real beads)\n"
    assert [stand_in(word).stdout for word in ("version", "--version", "-V")] == [said] * 3
    assert (
        "stand-in"
        in cast("dict[str, str]", json.loads(stand_in("version", "--json").stdout))["build"]
    )
    assert "Stricter than some real versions" in stand_in("--help").stdout
    helps = [["--help"], ["help"], ["create", "-h"], ["dep", "add", "--help"], []]
    assert len({stand_in(*words).stdout for words in helps}) == 1


def test_what_one_real_version_takes_and_the_other_refuses_is_refused(stand_in: Bd) -> None:
    """A fourth level, a dependency twice, another database's id, a section in --acceptance."""
    ids = [stand_in.create("epic", "-t", "epic")["id"]]
    for _ in range(3):
        ids.append(stand_in.create("child", "--parent", ids[-1])["id"])
    assert ids[-1] in stand_in.refuses("create", "too deep", "--parent", ids[-1])
    one, two = (stand_in.create(title)["id"] for title in ("one", "two"))
    stand_in("dep", "add", one, two)
    assert "UNIQUE" in stand_in.refuses("dep", "add", one, two)
    forced = ("create", "forced", "--id", "OPS-abc1", "--force")
    assert "prefix mismatch" in stand_in.refuses(*forced)
    steps = ("-d", "## Steps to Reproduce", "--acceptance", "a", "--validate")
    stand_in.refuses("create", "bad", "-t", "bug", *steps)


def test_create_names_the_title_behind_the_id(stand_in: Bd) -> None:
    """As 1.0.5 does, so that nobody takes the rest of the line for the id."""
    assert re.search(
        r"Created issue: DRV-\w{3} — in words\n", stand_in("create", "in words").stdout
    )


@pytest.mark.parametrize("identity", [True, False])
def test_init_without_stealth_changes_the_work_tree(tmp_path: Path, *, identity: bool) -> None:
    """It commits what was staged, where git knows who commits; --quiet quietens nothing."""
    clone = cloned(stand_in_at(tmp_path), identity=identity)
    before = clone.state()
    done = clone.bd("init", "--prefix", "DRV", "--quiet")
    assert "initialized" in done.stdout
    after = clone.state()
    assert after["hooks"] == ".beads/hooks"
    assert "AGENTS.md" in after["status" if not identity else "tracked"]
    assert (after["log"] == before["log"]) is not identity
    assert ("A  staged" in after["status"]) is not identity


def test_stealth_is_kept_from_git_once(tmp_path: Path) -> None:
    """The exclusion is in this clone alone, behind what stood there."""
    clone = cloned(stand_in_at(tmp_path))
    exclude = clone.bd.folder / ".git" / "info" / "exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.write_text("*.log")
    clone.bd(*INIT)
    shutil.rmtree(clone.bd.folder / ".beads")
    clone.bd(*INIT)
    assert exclude.read_text().splitlines() == ["*.log", "# bd init --stealth", ".beads/"]


def test_a_clone_that_nobody_answered_for_is_warned_of(tmp_path: Path) -> None:
    """On stderr, so that stdout is still JSON; not once the role is set."""
    clone = cloned(stand_in_at(tmp_path))
    clone.bd(*INIT)
    warned = clone.bd("create", "one", "--json")
    assert (json.loads(warned.stdout)["title"], "beads.role not" in warned.stderr) == ("one", True)
    clone.git("config", "beads.role", "maintainer")
    assert clone.bd("create", "two", "--json").stderr == ""


def test_a_contributor_is_not_led_on(tmp_path: Path) -> None:
    """The stand-in has no wizard, and says so."""
    clone = cloned(stand_in_at(tmp_path))
    said = clone.at_a_terminal(shlex.join(INIT), says="[y/N]", answer="y\n")
    assert "the stand-in has no wizard" in said
    assert not (clone.bd.folder / ".beads").exists()


def test_external_ref_is_unique(stand_in: Bd) -> None:
    """One external reference names one issue, as in 0.49.5; newer real ones may allow two."""
    first = stand_in.create("one", "--external-ref", "run-1")
    said = stand_in.refuses("create", "two", "--external-ref", "run-1")
    assert "UNIQUE constraint failed: issues.external_ref" in said
    stand_in.beads("update", first["id"], "--external-ref", "run-1", "--notes", "still mine")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "DRV-zzz"], 'Error fetching DRV-zzz: no issue found matching "DRV-zzz"'),
        (["update", "DRV-zzz", "-p", "1"], "Error resolving DRV-zzz: no issue found"),
        (["close", "DRV-zzz"], "Error: resolving ID DRV-zzz: no issue found"),
        (["update", "DRV-one", "--status", "wip"], "invalid status: wip"),
        (["update", "DRV-one", "--type", "defect"], "invalid issue type: defect"),
        (["update", "DRV-one", "--title", " "], "title required"),
        (["list", "--status", "wip"], "invalid status: wip"),
        (["list", "--type", "defect"], "invalid issue type: defect"),
        (["list", "--limit", "many"], 'invalid argument "many" for "-n, --limit" flag'),
        (["create", "  "], "title required"),
        (["create", "one", "two"], "accepts at most 1 arg(s), received 2"),
        (["create", "one", "--title", "two"], "cannot specify different titles"),
        (["create", "x", "-p", "2x"], 'invalid priority "2x"'),
        (["create", "x", "-t", "decision"], "invalid issue type: decision"),
        (["create", "x", "-l", "a, b"], 'invalid label " b"'),
        (["create", "x", "-l", "a,,b"], 'invalid label ""'),
        (["create", "x", "-l", "a\nb"], "invalid label"),
        (["create", "x", "-l", 'a"b'], '"-l, --labels" flag'),
        (["create", "x", "--deps", "DRV-zzz"], "dependency target DRV-zzz not found"),
        (["create", "x", "--deps", "because:DRV-one"], "invalid dependency type 'because'"),
        (["create", "x", "--deps", "DRV-one,DRV-one"], "UNIQUE constraint failed"),
        (["create", "x", "--id", "DRV-one"], "issue DRV-one already exists"),
        (["create", "x", "--id", "nohyphen"], "invalid ID format 'nohyphen'"),
        (["create", "x", "-e", "1.5"], 'invalid argument "1.5" for "-e, --estimate" flag'),
        (["create", "x", "-e", "-5"], "estimate must be a non-negative number"),
        (["create", "x", "--force=maybe"], 'invalid argument "maybe" for "--force" flag'),
        (["create", "x", "--repo", "elsewhere"], "no beads database found"),
        (["create", "x", "-t", "defect", "--dry-run"], "invalid issue type: defect"),
        (["create", "--type"], "flag needs an argument: --type"),
        (["create", "x", "-z"], "unknown shorthand flag: 'z' in -z"),
        (["create", "x", "--lab", "y"], "unknown flag: --lab"),
        (["dep", "add", "DRV-one"], "requires at least 2 arg(s), only received 1"),
        (["dep", "add", "DRV-one", "DRV-two", "-t", "because"], "invalid dependency type"),
        (["dep", "add", "DRV-one", "DRV-one"], "issue cannot depend on itself"),
        (["list", "-n", "9" * 5000], '"-n, --limit" flag: invalid syntax'),
        (["dep"], 'unknown command "dep"'),
        (["ready"], 'unknown command "ready"'),
        (["--severity", "high"], 'unknown command "high"'),
    ],
)
def test_the_stand_in_refuses(settled: Bd, arguments: list[str], said: str) -> None:
    """Bad input exits 1 with plain text, even with --json, and changes nothing."""
    state = settled.folder / ".beads" / "stand-in.json"
    before = state.read_bytes()
    assert said in settled.refuses("--json", *arguments)
    assert state.read_bytes() == before


def test_a_child_can_not_wait_for_its_parent(stand_in: Bd) -> None:
    """Parent and child are linked already: a deadlock is refused."""
    epic = stand_in.create("epic")["id"]
    child = stand_in.create("child", "--parent", epic)["id"]
    grandchild = stand_in.create("grandchild", "--parent", child)["id"]
    assert "already a child of" in stand_in.refuses("dep", "add", child, epic)
    assert "already a child of" in stand_in.refuses("dep", "add", grandchild, epic)


def test_close_waits_for_open_blockers(stand_in: Bd) -> None:
    """A blocked issue is closed with --force, or once its blocker is."""
    blocker = stand_in.create("blocker")["id"]
    one, two = (stand_in.create(title, "--deps", blocker)["id"] for title in ("one", "two"))
    assert f"blocked by open issues [{blocker}]" in stand_in.refuses("close", one)
    assert stand_in.beads("close", one, "--force")[0]["status"] == "closed"
    stand_in.beads("close", blocker)
    assert stand_in.beads("close", two)[0]["status"] == "closed"


def test_a_reopened_issue_was_never_closed(stand_in: Bd) -> None:
    """Reopening takes the closing date and reason away."""
    bead = stand_in.create("again")
    stand_in.beads("close", bead["id"])
    stand_in.beads("update", bead["id"], "--status", "open")
    assert not {"closed_at", "close_reason"} & stand_in.show(bead).keys()


def test_list_shows_fifty_unless_told(stand_in: Bd) -> None:
    """At most 50 are listed; --limit 0 lists all, --all the closed ones too."""
    titles = "".join(f"## bead {number}\n" for number in range(52))
    (stand_in.folder / "many.md").write_text(titles, encoding="utf-8")
    stand_in.beads("create", "--file", "many.md")
    stand_in.beads("close", stand_in.beads("list")[0]["id"])
    counts = [len(stand_in.beads("list", *more)) for more in ([], ["-n", "0"])]
    assert (*counts, len(stand_in.beads("list", "--all", "--limit", "0"))) == (50, 51, 52)


def test_list_puts_the_urgent_and_the_newest_first(stand_in: Bd) -> None:
    """The order is by priority, then the other way round than they were filed."""
    for title, priority in (("a", "2"), ("b", "0"), ("c", "2")):
        stand_in.create(title, "-p", priority)
    assert [bead["title"] for bead in stand_in.beads("list")] == ["b", "c", "a"]


def test_text_output_names_what_was_done(stand_in: Bd) -> None:
    """Without --json each command says in words what it did."""
    bead = stand_in.create("Some words", "-l", "x", "-d", "the body")["id"]
    other = stand_in.create("Other")["id"]
    assert f"Updated issue: {bead}" in stand_in("update", bead, "-p", "1").stdout
    assert "No updates specified" in stand_in("update", bead).stdout
    said = stand_in("dep", "add", bead, other, "-t", "related").stdout
    assert f"Added dependency: {bead} depends on {other} (related)" in said
    shown = stand_in("show", bead).stdout
    assert all(text in shown for text in ("Some words", "the body", "x", f"related:{other}"))
    assert f"{bead} [P1] [task] open - Some words" in stand_in("list").stdout
    assert f"Closed {bead}: Closed" in stand_in("close", bead).stdout
    assert "No issues found." in stand_in("list", "--label", "x").stdout


def test_a_file_with_an_unknown_section_files_nothing(stand_in: Bd) -> None:
    """All issues of a file are filed or none; a heading that is no field is named."""
    (stand_in.folder / "beads.md").write_text("## Good\n## Bad\n### Severity\n1\n", "utf-8")
    assert 'unknown section "severity"' in stand_in.refuses("create", "-f", "beads.md")
    (stand_in.folder / "beads.md").write_text("## Good\n## Bad\n### Type\ndefect\n", "utf-8")
    assert "invalid issue type: defect" in stand_in.refuses("create", "-f", "beads.md")
    (stand_in.folder / "beads.md").write_text("# No issue\n", "utf-8")
    assert "no issues found" in stand_in.refuses("create", "-f", "beads.md")
    assert stand_in.beads("list") == []


def test_repo_names_another_database(stand_in: Bd) -> None:
    """--repo DIR files the issue in that directory's database."""
    other = Bd(stand_in.program, stand_in.folder / "other")
    other.folder.mkdir()
    other("init", "--prefix", "OPS", "--quiet")
    assert stand_in.create("there", "--repo", "other")["id"].startswith("OPS-")
    assert (len(stand_in.beads("list")), len(other.beads("list"))) == (0, 1)


@pytest.mark.parametrize(
    ("prefix", "kept"), [(["-p", "my-app-"], "my-app-"), (["-p", "a_1"], "a_1-"), ([], "place-")]
)
def test_the_prefix_is_given_or_the_directory(tmp_path: Path, prefix: list[str], kept: str) -> None:
    """A prefix loses its trailing hyphen; without one the directory's name is taken."""
    bd = stand_in_at(tmp_path / "place")
    bd.folder.mkdir()
    assert "initialized" in bd("init", *prefix).stdout
    bead = bd.create("x")["id"]
    assert re.fullmatch(f"{kept}[0-9a-z]{{3,8}}", bead)


def test_a_bad_prefix_is_refused(tmp_path: Path) -> None:
    """A prefix that would make bad ids leaves no .beads/ behind."""
    assert 'invalid prefix "1 2"' in stand_in_at(tmp_path).refuses("init", "-p", "1 2")
    assert list(tmp_path.iterdir()) == []


def test_parallel_creates_lose_nothing(stand_in: Bd) -> None:
    """Eight processes at a time file 24 children, and each gets a number of its own."""
    epic = stand_in.create("epic", "-t", "epic")["id"]
    with ThreadPoolExecutor(8) as pool:
        beads = pool.map(lambda n: stand_in.create(f"bead {n}", "--parent", epic), range(24))
        numbers = sorted(int(bead["id"].rpartition(".")[2]) for bead in beads)
    assert numbers == list(range(1, 25))
    assert len(stand_in.beads("list", "--limit", "0")) == 25


def test_the_state_is_replaced_whole(stand_in: Bd) -> None:
    """What a reader has open stays as it was: a write makes a new file, and leaves no other."""
    state = stand_in.folder / ".beads" / "stand-in.json"
    held = stand_in.folder / "held.json"
    held.hardlink_to(state)
    before = held.read_bytes()
    stand_in.create("new")
    assert held.read_bytes() == before != state.read_bytes()
    assert sorted(path.name for path in state.parent.iterdir()) == [state.name, "stand-in.lock"]


def test_a_foreign_state_file_is_named(stand_in: Bd) -> None:
    """A state that is broken or of something else is one line, never a traceback."""
    for text in ("", "{", "[]", '{"prefix": "x", "issues": [{"colour": 1}]}'):
        (stand_in.folder / ".beads" / "stand-in.json").write_text(text, encoding="utf-8")
        said = stand_in.refuses("list")
        assert said.endswith("stand-in.json was not written by this program\n")


def test_bytes_that_are_not_text_are_refused(stand_in: Bd) -> None:
    """A body file or an argument that is not UTF-8 is refused, not mangled."""
    (stand_in.folder / "latin1.md").write_bytes(b"caf\xe9")
    assert "latin1.md is not UTF-8" in stand_in.refuses("create", "x", "--body-file", "latin1.md")
    done = subprocess.run(
        [*stand_in.program, "create", b"caf\xe9"],
        cwd=stand_in.folder,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"Error: an argument is not UTF-8\n")


def test_the_locale_does_not_matter(stand_in: Bd) -> None:
    """Text goes in and out as UTF-8 also where the locale says otherwise."""
    done = subprocess.run(
        [*stand_in.program, "create", "Größe → 1", "--json"],
        cwd=stand_in.folder,
        env={"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        capture_output=True,
        check=True,
    )
    assert cast("Bead", json.loads(done.stdout))["title"] == "Größe → 1"


def test_a_closed_pipe_is_no_traceback(stand_in: Bd) -> None:
    """`bd list | head -0` ends without a word on stderr."""
    stand_in.create("x" * 500, "-d", "y" * 100_000)
    line = f"{' '.join(stand_in.program)} show $({' '.join(stand_in.program)} list --json | "
    line += "grep -o 'DRV-[0-9a-z]*' | head -1) | head -c 0"
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=stand_in.folder, capture_output=True, check=False
    )
    assert done.stderr == b""


def test_what_the_system_refuses_is_one_line(stand_in: Bd) -> None:
    """A file that can't be opened is exit 1 and one line, no traceback."""
    lock = stand_in.folder / ".beads" / "stand-in.lock"
    lock.unlink()
    lock.mkdir()
    assert re.fullmatch(r"Error: .*Is a directory.*\n", stand_in.refuses("create", "x"))


def test_the_file_runs_alone_on_an_old_python() -> None:
    """It is copied into machines: standard library only, syntax of Python 3.9, executable."""
    tree = ast.parse(STAND_IN.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    roots = {str(name).partition(".")[0] for name in imported}
    assert roots <= sys.stdlib_module_names
    assert STAND_IN.read_text(encoding="utf-8").startswith("#!/usr/bin/env python3\n")


# What a person writes comes back.

LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
BODY = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
TITLES = LINE.filter(lambda text: text.strip() != "")
LABELS = LINE.filter(
    lambda text: text == text.strip() and not set(text) & {",", '"'} and text.splitlines() == [text]
)


@settings(max_examples=15, deadline=None)
@given(title=TITLES, label=LABELS, body=BODY, notes=BODY.filter(lambda text: "\0" not in text))
def test_any_text_reads_back_unchanged(title: str, label: str, body: str, notes: str) -> None:
    """Title, label, body file and flag come back as they were, dashes and quotes included."""
    with tempfile.TemporaryDirectory() as folder:
        bd = stand_in_at(Path(folder))
        bd("init", "--prefix", "DRV", "--quiet")
        (bd.folder / "body.md").write_bytes(body.encode())
        bead = bd.create(
            *(f"--title={title}", f"--labels={label}", f"--notes={notes}"),
            *("--body-file", "body.md"),
        )
        shown = bd.show(bead)
        assert (shown["title"], shown["labels"]) == (title, [label])
        assert (shown.get("description", ""), shown.get("notes", "")) == (body, notes)
        assert [found["id"] for found in bd.beads("list", f"--label={label}")] == [bead["id"]]
