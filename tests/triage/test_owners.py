"""Who gets which failure: runbook, ownership.yaml and CODEOWNERS held against each other."""

from pathlib import Path

import pytest
from small_program import CALLS, CODEOWNERS, OWNERS, PLAN, RUNBOOK, Program, places

from freshrun.checklist.sources import repository_files
from freshrun.document.reading import read
from freshrun.github.codeowners import read_codeowners
from freshrun.host.git import repository
from freshrun.model.finding import Finding
from freshrun.triage.owners import ownership_agrees
from freshrun.triage.ownership_file import read_ownership

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK_OF_OURS = "runbook/integration-triage-runbook.md"
HERE = "`core` | acme/core | `harness` | `#core` | 15m"
ROW = f"| {HERE} | acme/infra | acme/leads {CALLS['CORE']} |\n"


def judged(program: Program) -> tuple[Finding, ...]:
    """Return what is wrong with the owners of a program."""
    return ownership_agrees(program.runbook, files=program.files)


def only(program: Program, path: str, text: str) -> str:
    """Return the message of the one finding, which is at a text of a file."""
    found = judged(program)
    assert places(found) == [(path, program.line(path, text))], found
    return found[0].message


def test_owners_that_agree_give_no_finding() -> None:
    """Other spellings of a time, of a team and of a comment are no mismatch."""
    assert judged(Program()) == ()


def test_our_own_owners_agree() -> None:
    """Before any container is made."""
    book = read(ROOT / RUNBOOK_OF_OURS)
    files = repository_files(repository(book.path, worktree=True))
    assert ownership_agrees(book, files=files) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("`#core` | 15m", "`#cores` | 15m", 'Reach: "#cores" here, "#core" in'),
        ("| 15m |", "| 16m |", 'Response: "960 s" here, "900 s" in'),
        ("15m | acme/infra", "15m | acme/other", 'Fallback: "acme/other" here'),
        ("acme/infra | acme/leads", "acme/infra | acme/boss", 'Escalation: "acme/boss" here'),
        ("acme/core | `harness`", "acme/core | -", 'Apart from: "-" here, "harness" by apart:'),
        ("`core` | acme/core | `h", "`core` | acme/infra2 | `h", 'First owner: "acme/infra2" here'),
    ],
)
def test_table_and_file_agree_in_every_column(old: str, new: str, said: str) -> None:
    """The finding is at the runbook's row, and names the file's line."""
    program = Program().but(RUNBOOK, old, new)
    message = only(program, RUNBOOK, new)
    assert said in message
    assert f"{OWNERS}:" in message


def test_an_owner_that_is_its_own_fallback_is_found_in_the_file() -> None:
    """Also where runbook and file agree on it."""
    program = Program().but(OWNERS, "fallback: acme/infra", "fallback: acme/core")
    program = program.but(RUNBOOK, "15m | acme/infra", "15m | acme/core")
    found = judged(program)
    assert places(found) == [
        (RUNBOOK, program.line(RUNBOOK, f"| {HERE}")),
        (OWNERS, program.line(OWNERS, "    fallback: acme/core")),
    ]
    assert all('"acme/core" is its own fallback' in one.message for one in found)


def test_classes_that_are_apart_never_share_their_first_owner() -> None:
    """Even where all three places agree."""
    program = Program().but(OWNERS, "first_owner: acme/infra", "first_owner: acme/core")
    program = program.but(OWNERS, 'reach: "#infra"', 'reach: "#core"')
    program = program.but(OWNERS, "fallback: acme/core", "fallback: acme/help")
    helpers = (
        'teams:\n  acme/help:\n    reach: "#help"\n    call: "+1 202 555 0199"\n    hours: any hour'
    )
    program = program.but(OWNERS, "teams:", helpers)
    team = "| acme/leads | `#leads` |"
    program = program.but(
        RUNBOOK, team, f"| acme/help | `#help` | +1 202 555 0199 | any hour |\n{team}"
    )
    row = (
        f"| `harness` | acme/core | `core` | `#core` | 1h | acme/help | acme/leads {CALLS['CORE']}"
    )
    old = "| `harness` | acme/infra | `core` | `#infra` | 1h | acme/core | acme/leads "
    old += CALLS["INFRA"]
    program = program.but(RUNBOOK, old, row)
    called = "    call: https://on.call/infra\n    hours: Mon-Fri 08:00-18:00 UTC\n"
    called += "    unanswered: fallback after 2 hours, escalation after 4 hours\n"
    same = "    call: +1 202 555 0142\n    hours: any hour\n"
    same += "    unanswered: fallback after 15 minutes, escalation after 1 hour\n"
    program = program.but(OWNERS, called, same).but(OWNERS, "response: 1 hour", "response: 15m")
    program = program.but(RUNBOOK, "| `#core` | 1h |", "| `#core` | 15m |")
    program = program.but(RUNBOOK, "| `harness` | acme/infra", "| `harness` | acme/core")
    program = program.but(RUNBOOK, "not fit | acme/infra", "not fit | acme/core")
    program = program.but(CODEOWNERS, "/tests/ @acme/infra", "/tests/ @acme/core")
    program = program.but(OWNERS, "fallback: acme/infra", "fallback: acme/help")
    program = program.but(RUNBOOK, "15m | acme/infra", "15m | acme/help")
    message = only(program, OWNERS, "  - [core, harness]")
    assert 'core and harness have the same first owner "acme/core" (lines 4 and 15)' in message
    free = program.but(OWNERS, "  - [core, harness]", "  []").but(
        RUNBOOK, "`harness` | `#core", "- | `#core"
    )
    free = free.but(RUNBOOK, "acme/core | `core` |", "acme/core | - |")
    message = only(free, OWNERS, 'first_owner: acme/core\n    reach: "#core"\n    response: 15m')
    assert 'harness has the first owner "acme/core" of core (line 4)' in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("escalation: acme/leads", "escalation: acme/core", "(first owner in line 4)"),
        ("escalation: acme/leads", "escalation: acme/infra", "(fallback in line 7)"),
    ],
)
def test_nobody_is_told_about_himself(old: str, new: str, said: str) -> None:
    """The escalation is neither the first owner nor the fallback, in the file and in the table."""
    name = new.partition(": ")[2]
    program = (
        Program()
        .but(OWNERS, old, new)
        .but(RUNBOOK, "acme/infra | acme/leads", f"acme/infra | {name}")
    )
    found = judged(program)
    assert places(found) == [
        (RUNBOOK, program.line(RUNBOOK, f"| {HERE}")),
        (OWNERS, program.line(OWNERS, f"    {new}")),
    ]
    assert all(f'"{name}" is its own escalation' in one.message for one in found)
    assert said in found[1].message


def test_every_file_of_the_program_is_of_a_class() -> None:
    """The program is the project around the file that defines the entrypoint."""
    table = "| Entrypoint | Command | Outputs |\n| --- | --- | --- |\n| `smoke` |"
    linked = "| Entrypoint | Defined in | Command | Outputs |\n| --- | --- | --- | --- |\n"
    linked += "| `smoke` | [it](../src/shares.py) |"
    program = Program().but(RUNBOOK, table, linked)
    assert judged(program) == ()
    more = Program({**program.texts, "src/idle.py": "", "docs/x.md": ""})
    message = only(more, OWNERS, "  core:")
    assert message.startswith("src/idle.py, of the program in src, is of no class; name it")
    project = Program({**more.texts, "src/pyproject.toml": ""})
    assert "src/idle.py, src/pyproject.toml, of the" in only(project, OWNERS, "  core:")


def test_the_rule_that_keeps_classes_apart_can_not_be_lost() -> None:
    """Without it the file is not whole; without its group the runbook's column disagrees."""
    gone = Program().but(OWNERS, "apart:\n  - [core, harness]\n", "")
    assert 'the file has no "apart"' in only(gone, OWNERS, "program:")
    empty = Program().but(OWNERS, "apart:\n  - [core, harness]\n", "apart: []\n")
    assert len(judged(empty)) == 2
    assert all("Apart from:" in one.message for one in judged(empty))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "first_owner: acme/core",
            "first_owner: [acme/core, acme/infra]",
            "is a list; exactly one",
        ),
        ("first_owner: acme/core", 'first_owner: "acme/core, acme/infra"', "exactly one GitHub"),
        ("fallback: acme/infra", "falback: acme/infra", 'unknown key "falback"; did you mean'),
        ("response: 15 minutes", "response: 15", 'the time "15" has no unit'),
        ("response: 15 minutes", "response: soon", '"soon" is no time'),
        ("response: 15 minutes", "response: 0 minutes", '"0 minutes" is no time'),
        ('reach: "#core"', "reach: #core", "classes.core.reach is nothing; a text"),
        ("code:\n      - src/shares.py", "code: src/shares.py", "a list of paths is right"),
        ("[core, harness]", "[core, harnes]", 'no class "harnes" in this file; did you mean'),
        ("[core, harness]", "[core]", "two classes or more"),
        ("    escalation: acme/leads\n", "    fallback: acme/leads\n", '"fallback" is set twice'),
        ("  core:\n", "  core: [\n", "is no YAML"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(old: str, new: str, said: str) -> None:
    """The schema has no room for two owners, none, or a word that nobody reads."""
    program = Program().but(OWNERS, old, new)
    found = judged(program)
    line = program.line(OWNERS, new.strip().splitlines()[0])
    assert any(said in one.message and one.line == line for one in found), found
    assert {one.file for one in found} == {OWNERS}


def test_a_missing_key_is_told_at_the_class() -> None:
    """A class without escalation is not whole."""
    program = Program().but(OWNERS, "    escalation: acme/leads\n", "")
    assert only(program, OWNERS, "  core:") == 'classes.core has no "escalation"'


def test_a_class_with_two_rows_has_two_owners() -> None:
    """In the table of the owners, and in the taxonomy."""
    program = Program().but(RUNBOOK, ROW, ROW + ROW)
    assert 'the class "core" has two rows, and so two owners' in judged(program)[0].message
    row = "| `core` | `SHARE` | `INV-FAIR`, `INV-SUM` | a share is wrong | acme/core |\n"
    program = Program().but(RUNBOOK, row, row + row.replace("SHARE", "SUM"))
    messages = [one.message for one in judged(program)]
    assert any('the class "core" has two rows' in message for message in messages)
    assert any("the invariant INV-SUM leads to two classes" in message for message in messages)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("| 2 | `harness`", "| 2 | `harnes`", 'leaf 2 leads to the class "harnes", which has no'),
        (
            "| 2 | `harness` | acme/infra",
            "| 2 | `harness` | acme/core",
            "leaf 2 leads to the first",
        ),
        ("wrong | acme/core", "wrong | acme/infra", 'core leads to the first owner "acme/infra"'),
        ("| `harness` | `HAR` |", "| `harness` | `HAR`, `SHARE` |", "prefix SHARE leads to two"),
        ("`INV-FAIR`, `INV-SUM`", "`INV-FAIR`", "the invariant INV-SUM is of no class"),
    ],
)
def test_everything_leads_to_exactly_one_owner(old: str, new: str, said: str) -> None:
    """Each leaf, class, prefix and invariant, by the runbook's own tables."""
    found = judged(Program().but(RUNBOOK, old, new))
    assert len(found) == 1
    assert said in found[0].message


def test_a_class_that_one_side_lacks_is_found() -> None:
    """In the file, and in the table."""
    program = Program().but(RUNBOOK, ROW, "")
    assert 'the class "core" has no row' in only(program, OWNERS, "  core:")
    program = Program().but(RUNBOOK, f"| {HERE}", f"| {HERE.replace('`core`', '`cores`')}")
    assert 'the class "cores" is not in' in judged(program)[0].message


def test_everyone_can_be_reached_in_one_place() -> None:
    """A fallback needs a way to be reached, and a team has one."""
    program = Program().but(OWNERS, "  acme/leads:", "  acme/bosses:")
    program = program.but(RUNBOOK, "| acme/leads | `#leads`", "| acme/bosses | `#leads`")
    assert [one.message for one in judged(program)] == [
        'core, escalation: no way to reach "acme/leads"; name it below teams:',
        'harness, escalation: no way to reach "acme/leads"; name it below teams:',
    ]
    program = Program().but(
        OWNERS, "  acme/leads:\n", '  acme/core: {reach: "#x"}\n  acme/leads:\n'
    )
    assert '"acme/core" is reached at #core here, at #x elsewhere' in judged(program)[0].message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('    call: "+1 202 555 0142"\n', "", 'classes.core has no "call": a telephone number or'),
        ("    hours: any hour\n", "", 'classes.core has no "hours": when somebody is there'),
        (
            "    unanswered: fallback after 15 minutes, escalation after 1 hour\n",
            "",
            'classes.core has no "unanswered": what a missing answer leads to',
        ),
        ('    call: "+44 20 7946 0000"\n', "", 'teams.acme/leads has no "call"'),
        ('"+1 202 555 0142"', '"#core"', 'classes.core.call is "#core"; a telephone number'),
        ('"+1 202 555 0142"', "555 0142", 'classes.core.call is "555 0142"; a telephone number'),
        ("https://on.call/infra", "http://on.call/infra", "the https address of an on-call"),
        ("hours: any hour", "hours: whenever", 'classes.core.hours is "whenever"; "any hour"'),
        ("Mon-Fri 08:00-18:00 UTC", "Mon-Fri 8-18", 'hours is "Mon-Fri 8-18"'),
        ("fallback after 2 hours", "soon after 2 hours", "does not say what a missing answer"),
        ("after 4 hours", "after 1 hour", "the escalation comes after the fallback"),
        ("fallback after 15 min", "fallback after 5 min", "before the first owner had to answer"),
    ],
)
def test_everyone_can_be_called(old: str, new: str, said: str) -> None:
    """By a telephone or a schedule, at hours that are told, and a missing answer leads on."""
    found = judged(Program().but(OWNERS, old, new))
    assert any(said in one.message and one.file == OWNERS for one in found), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("`+1 202 555 0142`", "`+1 202 555 0143`", 'core, Call: "+1 202 555 0143" here, "+1 202'),
        ("| any hour | fall", "| Mon-Fri 08:00-18:00 UTC | fall", "core, Hours:"),
        ("fallback after 15m", "fallback after 16m", 'No answer: "fallback after 960 s'),
        ("`+44 20 7946 0000`", "`+44 20 7946 0001`", 'acme/leads, Call: "+44 20 7946 0001" here'),
        ("| acme/leads | `#leads`", "| acme/lead | `#leads`", "acme/leads has no row in"),
        ("| Call | Hours | No answer", "| Tel | Hours | No answer", 'core, Call: "" here, "+1'),
    ],
)
def test_the_table_calls_the_same_numbers(old: str, new: str, said: str) -> None:
    """What the reader dials is what the file says."""
    found = judged(Program().but(RUNBOOK, old, new))
    assert any(said in one.message for one in found), found


def test_a_class_that_can_not_wait_has_somebody_at_any_hour() -> None:
    """First owner, fallback and escalation: a P0 does not ask for the hour."""
    found = judged(Program().but(RUNBOOK, "acme/core | P1", "acme/core | P0"))
    (told,) = [one.message for one in found]
    where = f"leaf 1 of {RUNBOOK} (line 21) is P0: any hour is right"
    assert told == f'"acme/infra" is there Mon-Fri 08:00-18:00 UTC, and {where}'


def test_an_owner_of_two_classes_has_one_number() -> None:
    """Two numbers of one team would be two teams, or an old number."""
    program = Program().but(OWNERS, "first_owner: acme/infra", "first_owner: acme/core")
    found = [one.message for one in judged(program)]
    message = '"acme/core" has the call https://on.call/infra here, +1 202 555 0142 in line 8'
    assert f"harness: {message}" in found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("/tests/ @acme/infra", "/tests/ @acme/core", "belongs to @acme/core here"),
        (
            "/tests/ @acme/infra",
            "/tests/ @acme/infra @acme/core",
            "to @acme/infra, @acme/core here",
        ),
        ("/tests/ @acme/infra", "/tests/", "belongs to nobody here"),
    ],
)
def test_codeowners_that_disagrees_is_found_at_its_line(old: str, new: str, said: str) -> None:
    """And names the line of the ownership file."""
    program = Program().but(CODEOWNERS, old, new)
    message = only(program, CODEOWNERS, new)
    assert said in message
    assert message.endswith(
        f"to @acme/infra ({OWNERS}:{program.line(OWNERS, '      - tests/')}) as code of harness"
    )


def test_the_last_matching_line_of_codeowners_wins() -> None:
    """A line for one file below the folder takes it away from the folder's owner."""
    program = Program().but(CODEOWNERS, "# the suite\n", "\n*.py @acme/leads\n")
    found = judged(program)
    assert places(found) == [(CODEOWNERS, 4), (CODEOWNERS, 4)]


def test_a_path_of_code_exists_and_is_of_one_class() -> None:
    """A renamed file is told, with what it may be now."""
    program = Program().but(OWNERS, "src/shares.py", "src/share.py")
    message = only(program, OWNERS, "      - src/share.py")
    assert message == 'core, code: src/share.py is not there; did you mean "src/shares.py"?'
    program = Program().but(OWNERS, "      - tests/", "      - tests/\n      - src/shares.py")
    assert any("src/shares.py is code of core too" in one.message for one in judged(program))


def test_missing_files_are_findings() -> None:
    """Neither file is taken for granted."""
    assert places(judged(Program().without(OWNERS))) == [(OWNERS, 1)]
    assert places(judged(Program().without(CODEOWNERS))) == [(CODEOWNERS, 1)]


def test_the_file_names_the_plan_s_program() -> None:
    """A bead that is filed from it belongs to the right program."""
    program = Program().but(PLAN, "# WID-7aa:", "# WID-8bb:")
    assert '"WID-7aa" here; the title of runbook/plan.md says "WID-8bb"' in only(
        program, OWNERS, "program:"
    )


@pytest.mark.parametrize(
    ("pattern", "file", "matches"),
    [
        ("*", "a/b", True),
        ("*.js", "a/b.js", True),
        ("*.js", "b.jsx", False),
        ("/build/logs/", "build/logs/a/b", True),
        ("/build/logs/", "x/build/logs/a", False),
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/a/b.md", False),
        ("apps/", "x/apps/y", True),
        ("apps/", "apps", False),
        ("/apps/github", "apps/github/x", True),
        ("/apps/github", "apps/githubs", False),
        ("**/logs", "a/b/logs/x", True),
        ("**/logs", "logs/x", True),
        ("/docs/**", "docs/a/b", True),
        ("/docs/**", "docs", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("docs", "x/docs/y", True),
        ("src/*.py", "src/a/b.py", False),
        ("foo/bar", "x/foo/bar", False),
        ("Docs/", "docs/a", False),
        (r"/a\ b/", "a b/c", True),
        ("a.c", "abc", False),
    ],
)
def test_codeowners_patterns_match_as_github_says(
    pattern: str, file: str, *, matches: bool
) -> None:
    """As in .gitignore, but for a last `/*`, which stays in its folder."""
    codeowners = read_codeowners({"CODEOWNERS": f"{pattern} @acme/x\n".encode()}).known
    assert (codeowners.rule(file) is not None) is matches


@pytest.mark.parametrize(
    "line", ["!/src/ @acme/x", "[ab].py @acme/x", "/src/ acme/x", r"\#a @acme/x"]
)
def test_a_line_that_github_skips_is_a_finding(line: str) -> None:
    """It would own nothing, without a word."""
    read = read_codeowners({"docs/CODEOWNERS": f"# ours\n\n{line}\n".encode()})
    assert places(read.findings) == [("docs/CODEOWNERS", 3)]
    assert read.known.rules == ()


def test_the_first_codeowners_in_github_s_order_is_the_one() -> None:
    """The folder .github comes before the root, the root before docs."""
    files = {"docs/CODEOWNERS": b"", "CODEOWNERS": b"", ".github/CODEOWNERS": b""}
    assert read_codeowners(files).known.path == ".github/CODEOWNERS"
    del files[".github/CODEOWNERS"]
    assert read_codeowners(files).known.path == "CODEOWNERS"


@pytest.mark.parametrize(
    "data", [b"", b"- core\n", b"classes: 3\napart: 1\n", b"a: &a [*a]\n", b"\xff: 1\n"]
)
def test_any_bytes_give_findings_and_no_traceback(data: bytes) -> None:
    """A file of another shape is told in words."""
    read = read_ownership(data, path=OWNERS)
    assert read.findings
    assert read.value is None
