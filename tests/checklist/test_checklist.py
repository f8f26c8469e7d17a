"""Table, checks and record hold each other: nothing that a runbook says is judged goes unjudged."""

import ast
import json
import re
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

from freshrun.checklist.checklist_table import checklist_table
from freshrun.checklist.sources import repository_files
from freshrun.checklist.validation import Check, checklist_kept, nightly
from freshrun.document.reading import parse, read
from freshrun.host.git import repository
from freshrun.scaffold.writing import RUNBOOK as STARTER
from freshrun.scaffold.writing import scaffold

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "runbook" / "integration-triage-runbook.md"
PATH = "book/page.md"
TEXT = """---
freshrun:
  checklist: checks/
---
# T

## Validation checklist

| Item | Passes when | By hand | Every night |
| --- | --- | --- | --- |
| setup | it stands | look | [a](../checks/test_setup.py): `setup` |
| smoke run | it runs | type it | [b](../checks/test_smoke.py): `smoke` |
"""
SETUP, SMOKE = 11, 12

BODY = """def test_setup(runbook, record, judge):
    judge(setup(runbook, record))
"""
OTHER = """def test_smoke(runbook, record, judge):
    found = output_files(runbook)
    first, second = smoke(runbook, record), ()
    judge((*first, *second))
"""


def check(item: str, source: str, *, file: str = "", judged: int | None = 1) -> Check:
    """Return a check as it was collected from a file of `checks/`."""
    function = next(n.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef))
    path = str(Path("checks", file or f"{function}.py").absolute())
    return Check(item, path, function, source, judged=judged)


GOOD = (check("setup", BODY), check("smoke run", OTHER))


def kept(text: str = TEXT, *, checks: Sequence[Check] = GOOD) -> list[str]:
    """Return what is wrong, as it is printed."""
    return [str(one) for one in checklist_kept(parse(text, path=PATH), checks)]


def test_a_table_and_its_checks_that_agree_give_no_finding() -> None:
    """Each row has a check, in the file that it links, and each check a row."""
    assert kept() == []


def test_a_document_without_the_table_promises_nothing() -> None:
    """The checks of such a document are judged as they always were."""
    assert kept(TEXT.partition("## Validation")[0]) == []


def test_a_row_without_a_check_is_told_at_its_line() -> None:
    """The check was deleted, or its file, or its name was changed."""
    (told,) = kept(checks=GOOD[:1])
    assert told == f'{PATH}:{SMOKE}: no check in checks/ judges the item "smoke run"'
    renamed = check("smoke runs", OTHER)
    told, other = kept(checks=(GOOD[0], renamed))
    assert told.endswith('judges the item "smoke run"; did you mean "smoke runs"?')
    assert other.startswith('checks/test_smoke.py:1: the check of "smoke runs" has no row')


def test_a_check_without_a_row_is_told_at_its_own_line() -> None:
    """With the table's line, and the name that may be meant."""
    row = TEXT.splitlines(keepends=True)[SMOKE - 1]
    (told,) = kept(TEXT.replace(row, ""))
    where = 'checks/test_smoke.py:1: the check of "smoke run" has no row in "Validation checklist"'
    assert told == f"{where} of {PATH}:9"


def test_a_missing_checklist_setting_is_told_where_it_belongs() -> None:
    """Without it no check is collected, and nothing else could tell."""
    (told,) = kept(TEXT.replace("  checklist: checks/\n", "  timeout: 5m\n"), checks=())
    assert told.startswith(f'{PATH}:2: the front matter names no "checklist:"')
    assert "the 2 items" in told


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("judge(())", "judge(())"),
        ("judge(tuple())", "judge(tuple())"),
        ("judge((*(),))", "judge((*(),))"),
        ("found = ()\n    judge(found)", "judge(found)"),
        ("found: tuple = ()\n    judge((*found, *[]))", "judge((*found, *[]))"),
        ("a, b = (), setup(runbook, record)\n    judge(a)", "judge(a)"),
        ("judge(setup(runbook, record)[:0])", "judge(setup(runbook, record)[:0])"),
        ("judge(setup(runbook, record) and ())", "judge(setup(runbook, record) and ())"),
    ],
)
def test_a_check_that_judges_nothing_is_told_at_the_call(call: str, shown: str) -> None:
    """An empty tuple passes, whatever the rehearsal shows."""
    empty = check("setup", f"def test_setup(runbook, record, judge):\n    {call}\n")
    line = 3 if "\n" in call else 2
    found = kept(checks=(empty, GOOD[1]))
    assert (
        f'checks/test_setup.py:{line}: the check of "setup" judges nothing: `{shown}` has'
        in (found[-1])
    )


@pytest.mark.parametrize("body", ["pass", "return\n    judge(setup(runbook, record))"])
def test_a_check_that_never_calls_judge_is_told(body: str) -> None:
    """It passes, and nothing was held against anything."""
    idle = check("setup", f"def test_setup(runbook, record, judge):\n    {body}\n", judged=0)
    found = kept(checks=(idle, GOOD[1]))
    assert any('"setup" judges nothing: it called judge 0 times' in one for one in found), found


def test_one_of_several_judgements_that_was_not_reached_is_told() -> None:
    """A return in the middle leaves half of a check out."""
    body = "    judge(setup(runbook, record))\n    return\n    judge(setup(runbook, record))\n"
    half = check("setup", f"def test_setup(runbook, record, judge):\n{body}")
    (told,) = kept(checks=(half, GOOD[1]))
    assert told.endswith('the check of "setup": it called judge 1 times of 2')


def test_what_a_row_says_is_judged_is_judged() -> None:
    """A call whose findings go nowhere is none."""
    source = (
        "def test_setup(runbook, record, judge):\n    setup(runbook)\n    judge(setups(runbook))\n"
    )
    (told,) = kept(checks=(check("setup", source), GOOD[1]))
    assert told.startswith(f'{PATH}:{SETUP}: checks/test_setup.py, the check of "setup", does not')
    assert told.endswith('what `setup` finds; did you mean "setups"?')


def test_a_check_in_another_file_than_the_linked_one_is_told() -> None:
    """The reader follows the link of the row."""
    (told,) = kept(checks=(check("setup", BODY, file="test_other.py"), GOOD[1]))
    said = 'the check of "setup" is in checks/test_other.py, not in ../checks/test_setup.py'
    assert told == f"{PATH}:{SETUP}: {said}"


def test_a_row_may_name_the_file_without_a_link() -> None:
    """By its path below the repository's root: git need not have it yet."""
    text = TEXT.replace("[a](../checks/test_setup.py)", "`checks/test_setup.py`")
    assert kept(text) == []
    (told,) = kept(text.replace("`checks/test_setup.py`", "`checks/test_setups.py`"))
    assert told.endswith("is in checks/test_setup.py, not in checks/test_setups.py")


def test_a_skipped_check_judges_nothing() -> None:
    """The reason of the skip is told."""
    skipped = Check("setup", GOOD[0].path, "test_setup", BODY, skipped="not today")
    (told,) = kept(checks=(skipped, GOOD[1]))
    assert told.endswith('"setup" was skipped, so nothing judges it: not today')


def test_a_check_that_failed_or_was_left_out_is_not_told_again() -> None:
    """Its own verdict says it; with `-k` the others were not asked for."""
    assert kept(checks=(check("setup", BODY, judged=None), GOOD[1])) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("| look |", "| - |", 'the column "By hand" is empty'),
        ("| it stands |", "|  |", 'the column "Passes when" is empty'),
        ("[a](../checks/test_setup.py): `setup`", "`setup`", "a link to the check is right"),
        ("| smoke run |", "| setup |", "has a row already, in line 11"),
    ],
)
def test_a_row_says_all_that_a_person_needs(old: str, new: str, said: str) -> None:
    """What passes, how it is looked at by hand, and what looks at it every night."""
    assert any(said in one for one in kept(TEXT.replace(old, new)))


def test_the_nightly_workflow_runs_the_checks() -> None:
    """It has a schedule, and a step that rehearses; what the rows link is there."""
    book = read(OURS)
    files = dict(repository_files(repository(book.path, worktree=True)))
    assert nightly(book, files=files) == ()
    path = ".github/workflows/nightly.yml"
    for old, new, said in (
        (b"  schedule:\n", b"  push:\n", 'no "schedule:"'),
        (b"validate-runbook", b"lint-runbook", "no step runs validate-runbook"),
    ):
        (told,) = nightly(book, files={**files, path: files[path].replace(old, new)})
        assert (told.file, said in told.message) == (path, True)
    for new, said in (
        (b"validate-runbook -k smoke", "with -k the step judges only a part of the checklist"),
        (b"validate-runbook --no-checklist", "with --no-checklist the step judges only a part"),
        (b"validate-runbook || true;", "a failure of the step counts nothing: ||"),
        (b"validate-runbook | tee log", "a failure of the step counts nothing: |"),
    ):
        changed = files[path].replace(b"validate-runbook", new)
        narrowed = nightly(book, files={**files, path: changed})
        assert len(narrowed) == 2
        assert said in narrowed[0].message
        one_left = files[path].replace(b"validate-runbook", new, 1)
        assert nightly(book, files={**files, path: one_left}) == ()
    del files["checks/test_setup.py"]
    (told,) = nightly(book, files=files)
    assert "setup: checks/test_setup.py is not there" in told.message


def test_our_own_table_names_every_check() -> None:
    """Before any container is made: each marker of `checks/` is a row, and each row a marker."""
    sources = [path.read_text("utf-8") for path in (ROOT / "checks").glob("test_*.py")]
    trees = [ast.walk(ast.parse(source)) for source in sources]
    calls = [node for tree in trees for node in tree if isinstance(node, ast.Call)]
    markers = [ast.unparse(c.args[0]) for c in calls if ast.unparse(c.func).endswith("k.checklist")]
    items = [row.item for row in checklist_table(read(OURS)).rows]
    assert sorted(map(ast.literal_eval, markers)) == sorted(items)


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with the starter in it."""
    folder = tmp_path_factory.mktemp("checklist") / "widget"
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    scaffold(folder)
    return folder


@pytest.mark.engine
@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (STARTER, "  checklist: checks/\n", "", f'{STARTER}:2: the front matter names no "check'),
        (STARTER, "| smoke run | the", "| smoke | the", 'judges the item "smoke"'),
        (
            "checks/test_setup.py",
            'checklist("setup")',
            'checklist("set up")',
            '"set up" has no row',
        ),
        (
            "checks/test_setup.py",
            'judge(setup(runbook, record, before="smoke"))',
            "judge(())",
            "judge(())",
        ),
        (
            "checks/test_setup.py",
            "    judge(",
            "    return\n    judge(",
            "called judge 0 times of 1",
        ),
    ],
)
def test_a_rehearsal_is_red_where_table_and_checks_part(
    starter: Path, path: str, old: str, new: str, said: str
) -> None:
    """Though every command passes, and every check that is left."""
    file = starter / path
    before = file.read_text("utf-8")
    assert old in before
    file.write_text(before.replace(old, new), "utf-8")
    try:
        ended = validated(starter)
    finally:
        file.write_text(before, "utf-8")
    assert ended.returncode == 1, ended.stdout
    record = json.loads((starter / ".freshrun" / "record.json").read_text("utf-8"))
    assert {command["status"] for command in record["commands"]} == {"passed"}
    (reason,) = (i["reason"] for i in record["checklist"] if i["name"] == "validation checklist")
    assert said in reason


@pytest.mark.engine
def test_the_table_has_one_verdict(starter: Path) -> None:
    """A check of the item itself that passed is not told beside what is wrong with the table."""
    own = starter / "checks" / "test_table.py"
    mark = '@pytest.mark.checklist("validation checklist")'
    own.write_text(f"import pytest\n\n\n{mark}\ndef test_table(judge):\n    judge([])\n", "utf-8")
    try:
        ended = validated(starter)
    finally:
        own.unlink()
    assert ended.returncode == 1, ended.stdout
    record = json.loads((starter / ".freshrun" / "record.json").read_text("utf-8"))
    items = [one["status"] for one in record["checklist"] if one["name"] == "validation checklist"]
    assert items == ["failed"]


@pytest.mark.engine
def test_an_item_that_was_not_reached_is_none_that_failed(starter: Path) -> None:
    """Whether the check or a fixture of it finds its way barred.

    The one obstacle is named in each; the item about it fails.
    """
    late = starter / "checks" / "test_late.py"
    late.write_text(LATE, "utf-8")
    file = starter / STARTER
    before = file.read_text("utf-8")
    file.write_text(before.replace("mkdir -p out\n", "mkdir -p out\nfalse\n"), "utf-8")
    try:
        ended = validated(starter)
    finally:
        file.write_text(before, "utf-8")
        late.unlink()
    assert ended.returncode == 1, ended.stdout
    for name in ("smoke run", "late"):
        assert re.search(rf"^  not reached  {name}: ", ended.stdout, re.MULTILINE), name
    assert re.search(
        r"^  \d+ commands: \d+ passed, 1 failed, 4 not reached$", ended.stdout, re.MULTILINE
    )
    assert "not reached  late: runbook/runbook.md:" in ended.stdout


LATE = """import pytest
from freshrun.checks import need


@pytest.fixture
def left(runbook, record):
    return need(runbook, record, block="smoke")


@pytest.mark.checklist("late")
def test_late(left, judge):
    judge(left)
"""


@pytest.mark.engine
def test_a_selection_is_not_held_against_what_it_leaves_out(starter: Path) -> None:
    """`-k` asks for one item; the others are not missing."""
    ended = validated(starter, "-k", "every_setup_command")
    assert ended.returncode == 0, ended.stdout


@pytest.mark.engine
def test_an_item_of_gh_says_which_run_it_was_judged_by(starter: Path) -> None:
    """By the address that the document printed; no recorded run stood in for GitHub here."""
    run = "https://github.com/team/project/actions/runs/7"
    changes = (
        (STARTER, "mkdir -p out\n", f"mkdir -p out\necho {run}\n"),
        ("checks/test_setup.py", 'checklist("setup")', 'checklist("setup", stand_in="gh")'),
    )
    before = {path: (starter / path).read_text("utf-8") for path, _, _ in changes}
    for path, old, new in changes:
        (starter / path).write_text(before[path].replace(old, new), "utf-8")
    try:
        ended = validated(starter)
    finally:
        for path, text in before.items():
            (starter / path).write_text(text, "utf-8")
    assert ended.returncode == 0, ended.stdout
    assert f"passed       setup: gh: GitHub itself, {run}" in ended.stdout


def validated(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Rehearse the starter's runbook."""
    command = [f"{sysconfig.get_path('scripts')}/freshrun", "validate-runbook", "--worktree"]
    command += ["--runbook", STARTER, "--keep-engine", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
