"""The first three commands answer, and the failing output is shown where a reader looks for it."""

# ruff: noqa: E501 - a case of a table is read best on one line

import pytest
from small_program import RUNBOOK, Program

from freshrun.checklist.evidence import emptied, setup
from freshrun.document.reading import parse
from freshrun.model.outcome import Outcome, Output, Status
from freshrun.model.record import Record
from freshrun.triage.failing_output import representative
from freshrun.triage.first_commands import quick_start

QUICK = """## Quick-start triage

```bash name=triage
git clone widgets
install
triage
```

| It says | Do |
| --- | --- |
| THIS IS A DRILL | rehearse it |
| Priority P1, or P2 | look at the leaf |
| an error of `gh` | read on |
| anything else | do it by hand |

## Prerequisites
"""
SAID = """core: SHARE-1 INV-FAIR
acme/core, #core
evidence.claims: []
"""
BOOK = Program().but(RUNBOOK, "## Prerequisites\n", QUICK)


def told(said: str = SAID, *, program: Program = BOOK, failed: str = "") -> list[str]:
    """Return what is wrong where the third command printed this."""
    book = program.runbook
    output = Output(said.encode(), size=len(said))
    outcomes = tuple(
        Outcome(
            command,
            Status.FAILED if command.text == failed else Status.PASSED,
            stdout=output if command.text == "triage" else Output(),
            reason="exit status 1",
        )
        for command in book.commands
    )
    record = Record(RUNBOOK, sha256="", started="", ended="", outcomes=outcomes)
    return [str(one) for one in quick_start(book, record)]


def test_an_answer_in_three_commands_is_a_quick_start() -> None:
    """Class, first owner, a way to reach it, and evidence of the failure's invariant."""
    assert told() == []
    assert told(SAID.replace("#core", "+1 202 555 0142")) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("core: SHARE", "SHARE", "do not tell the class: core"),
        ("acme/core", "acme/other", "do not tell the first owner: acme/core"),
        (", #core", "", "do not tell the way to reach acme/core: #core or +1 202 555 0142"),
        ("evidence.claims", "claims", "show no evidence that the glossary asks for: evidence.cl"),
        (SAID, "", "do not tell the class: harness"),
    ],
)
def test_what_is_not_told_is_a_finding_at_the_last_command(old: str, new: str, said: str) -> None:
    """A run without any failure leads to the class of its leaf."""
    program = BOOK
    if not new and old == SAID:
        tree = "```text\n├── no ... leaf 2: nothing ran\n└── yes\n    ├── SHARE ... leaf 1\n"
        tree += "    ├── HAR ... leaf 2\n    └── anything else ... leaf 2\n```\n"
        program = BOOK.but(RUNBOOK, "## First response\n", f"## First response\n\n{tree}")
    found = told(SAID.replace(old, new), program=program)
    line = program.line(RUNBOOK, "\ntriage\n") + 1
    assert any(one.startswith(f"{RUNBOOK}:{line}: ") and said in one for one in found), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("| THIS IS A DRILL | rehearse it |\n", "", "the first commands tell of a drill, and no row does"),
        ("Priority P1, or P2", "Priority P2", "no row tells what to do at the priority P1, which a leaf has"),
        ("| an error of `gh` | read on |\n", "", "no row tells what to do where gh refuses"),
        ("| anything else | do it by hand |\n", "", "the last row is not about anything else"),
        ("| P1 | keep the shares |", "| P1 | call at once |", "a leaf of P1 has somebody called, and the row of P1 does not"),
        ("| It says | Do |", "| It says | Does |", 'has no column "Do"'),
    ],
)  # fmt: skip
def test_an_answer_without_a_next_step_is_a_finding(old: str, new: str, said: str) -> None:
    """At the table of the section: what can be said at night has a row."""
    refused = "## If gh refuses\n\n| gh says | Means | Do |\n| --- | --- | --- |\n"
    refused += "| `no` | no | ask |\n\n## Known limitations\n"
    program = BOOK.but(RUNBOOK, "## Known limitations\n", refused)
    drill = f"THIS IS A DRILL: x\n{SAID}"
    assert told(drill, program=program) == []
    (one,) = told(drill, program=program.but(RUNBOOK, old, new))
    line = program.line(RUNBOOK, "| It says")
    assert one.startswith(f"{RUNBOOK}:{line}: ")
    assert said in one


def test_a_setup_before_it_or_a_failure_in_it_is_told() -> None:
    """The reader meets setup only where it is needed."""
    (one,) = told(program=BOOK.but(RUNBOOK, "# Triage\n", "# Triage\n\n```bash\nfirst\n```\n"))
    assert 'the first 3 commands stand under "Quick-start triage"' in one
    assert told(failed="install")[0].endswith("`install` failed: exit status 1")
    (short,) = told(program=BOOK.but(RUNBOOK, "git clone widgets\ninstall\n", ""))
    assert "before any setup" in short


SHOWN = """## Rehearse a failure

```console name=failing-smoke exit=1
$ suite smoke
SHARE-1
```

```console
$ head out/diagnostics/one.json
{"scenarioId": "SHARE-1", "invariantId": "INV-FAIR"}
```

## Prerequisites
"""


def shown(old: str = "", new: str = "") -> list[str]:
    """Return what is not shown, with one text of the document changed."""
    program = Program().but(RUNBOOK, "## Prerequisites\n", SHOWN).but(RUNBOOK, old, new)
    row = "| `scenarioId` | JSON |"
    stdout = r"| `scenarioId` | stdout | `-` | `^(\S+)$` | `[A-Z]+-\d+` |"
    text = program.but(RUNBOOK, row, f"{stdout}\n{row}").texts[RUNBOOK]
    return [one.message for one in representative(parse(text, path=RUNBOOK))]


def test_a_failing_output_is_shown_for_each_place() -> None:
    """As the promised output of a command that reads the place."""
    assert shown() == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\nSHARE-1\n", "\n", "no failing output with the scenarioId in stdout is shown"),
        (', "invariantId": "INV-FAIR"', "", "with the invariantId in JSON is shown"),
        ("head out/diagnostics/one.json", "head out/junit.xml", "a command that reads out/diagno"),
    ],
)
def test_a_place_whose_failing_output_is_not_shown_is_told(old: str, new: str, said: str) -> None:
    """A promise that was deleted compares nothing."""
    assert any(said in one for one in shown(old, new)), shown(old, new)


def test_a_named_block_without_a_command_is_told_at_its_own_line() -> None:
    """Also where a check asks for it by its name."""
    book = parse("# T\n\n```bash\nls\n```\n\n```bash name=smoke\n```\n", path="p")
    record = Record("p", sha256="", started="", ended="")
    assert [str(one) for one in emptied(book)] == ["p:7: the block smoke holds no command"]
    assert setup(book, record) == emptied(book)
