"""The decision tree: read from the document, held against its other tables, and walked."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from freshrun.checklist.entrypoints import entry_terms
from freshrun.checklist.named_failures import Failure, failures
from freshrun.document.reading import parse, read
from freshrun.model.finding import Finding, Reading
from freshrun.model.outcome import Outcome, Output, Status
from freshrun.model.runbook import Command, Runbook
from freshrun.triage.branching import misleading
from freshrun.triage.decision_tree import advice, decision_tree
from freshrun.triage.drill_table import Drill, drill_table
from freshrun.triage.drills import DrillRun
from freshrun.triage.response import first_response
from freshrun.triage.routes import walk
from freshrun.triage.workaround_table import workaround_table

ROOT = Path(__file__).resolve().parents[2]
PATH = "runbook/triage.md"

TEXT = r"""# Triage

## First response

```text
Did the run name a failure?
├── no .................... leaf 1: the suite did not run
└── yes: its first scenario begins with
    ├── HAR   unfit ....... leaf 2: stop here
    ├── ISO   leaked ...... leaf 3
    ├── ALLOC wrong share .. leaf 4
    └── anything else ..... leaf 5
Another class too? Take the first failure of each class to its leaf.
```

| Leaf | Class | First owner | Priority | What to do first |
| --- | --- | --- | --- | --- |
| 1 | `harness` | infra | P1 | read the log |
| 2 | `harness` | infra | P1 | read `evidence` |
| 3 | `isolation` | tenancy | P0 | keep `evidence.rows` |
| 4 | `core` | core | P2 | keep `evidence.claims` |
| 5 | `harness` | infra | P1 | name the ID |

## Failure taxonomy

| Class | Scenario prefix | Invariants | First owner |
| --- | --- | --- | --- |
| `harness` | `HAR` | `INV-PLACE` | infra |
| `isolation` | `ISO` | `INV-WALL` | tenancy |
| `core` | `ALLOC` | `INV-SHARE` | core |

## Invariant glossary

| Invariant | Statement | Evidence to capture |
| --- | --- | --- |
| `INV-WALL` | No tenant sees another. | `evidence.rows`, `evidence.tenant` |
| `INV-SHARE` | Shares add up. | `evidence.claims` |

## Failure output contract

| ID | Where | Path | Selector | Format |
| --- | --- | --- | --- | --- |
| `scenarioId` | stdout | `-` | `^FAILED (\S+)` | `[A-Z]+-\d+` |
| `invariantId` | stdout | `-` | `^FAILED \S+ (\S+)` | `INV-[A-Z]+` |
| `scenarioId` | JSON | `out/*.json` | `$.scenario` | `[A-Z]+-\d+` |
| `invariantId` | JSON | `out/*.json` | `$.invariant` | `INV-[A-Z]+` |

## Ownership and escalation

| Failure class | First owner | Apart from | Reach | Response | Fallback | Escalation |
| --- | --- | --- | --- | --- | --- | --- |
| `harness` | infra | - | `#infra` | 1h | core | lead |
| `isolation` | tenancy | - | `#tenancy` | 15m | core | lead |
| `core` | core | - | `#core` | 1h | infra | lead |
"""

WALL = (
    b'{"scenario": "ISO-1", "invariant": "INV-WALL", "class": "isolation", "evidence": {"rows": 2}}'
)
DRILL = Drill(9, "isolation", "WALL=off make smoke", ("ISO-1",))
COMMAND = Command(DRILL.command, PATH, 9, 9, "Rehearse a failure")
RUN = DrillRun(
    DRILL,
    1,
    Outcome(COMMAND, Status.PASSED, stdout=Output(b"FAILED ISO-1 INV-WALL\n", size=22)),
    {"out/1.json": WALL},
)


def edited(old: str, new: str) -> Runbook:
    """Return the runbook with one text in it, which is there, changed."""
    assert TEXT.count(old) >= 1, old
    return parse(TEXT.replace(old, new, 1), path=PATH)


def runbook() -> Runbook:
    """Return the runbook as it should be."""
    return parse(TEXT, path=PATH)


def line_of(fragment: str, text: str = TEXT) -> int:
    """Return the line of the document that holds the fragment, the first one."""
    return text[: text.index(fragment)].count("\n") + 1


def responded(
    book: Runbook, run: DrillRun = RUN, silent: Mapping[str, bytes] | None = None
) -> tuple[Finding, ...]:
    """Judge the first response on one drill."""
    return first_response(book, Reading(1, (run,)), silent=silent or {})


def messages(findings: tuple[Finding, ...]) -> str:
    """Return the findings as they are shown."""
    return "\n".join(map(str, findings))


def test_a_tree_that_agrees_with_its_document_has_no_finding() -> None:
    """Branches, leaves, classes and owners fit, and a real failure reaches its owner."""
    assert responded(runbook()) == ()


def test_the_tree_is_read_with_the_lines_of_its_branches() -> None:
    """Each branch has its label, its leaf and its line in the document."""
    tree = decision_tree(runbook()).known
    branches = (tree.silent, *tree.prefixes, tree.other)
    assert [branch.label for branch in branches] == ["no", "HAR", "ISO", "ALLOC", "anything else"]
    assert [branch.leaf for branch in branches] == ["1", "2", "3", "4", "5"]
    assert tree.prefixes[1].line == line_of("ISO   leaked")


@pytest.mark.parametrize(
    ("scenarios", "leaves"),
    [
        ((), ["1"]),
        (("HAR-1",), ["2"]),
        (("ISO-1", "ISO-2"), ["3"]),
        (("ALLOC-7", "ISO-1"), ["4", "3"]),
        (("XYZ-1",), ["5"]),
        (("ISOX-1",), ["5"]),
        (("HAR-1", "XYZ-1"), ["2"]),
    ],
)
def test_failures_are_led_to_one_leaf_of_each_class(
    scenarios: tuple[str, ...], leaves: list[str]
) -> None:
    """The first failure comes first; a prefix is a whole word, and an unknown one has its leaf."""
    routes = walk(runbook(), [Failure(scenario) for scenario in scenarios])
    assert routes.findings == ()
    assert [route.advice.leaf for route in routes.rows] == leaves


def test_a_route_names_owner_priority_and_evidence() -> None:
    """Whoever follows it knows whom to call, how soon, and what to keep."""
    (route,) = walk(runbook(), [Failure("ISO-1", "INV-WALL")]).rows
    assert (route.advice.failure_class, route.advice.owner) == ("isolation", "tenancy")
    assert (route.advice.priority, route.advice.first) == ("P0", "keep `evidence.rows`")
    assert route.evidence == ("evidence.rows", "evidence.tenant")
    assert route.advice.line == line_of("| 3 |")


def test_failures_are_read_in_order_from_the_surest_place() -> None:
    """The JSON files come first, by name; what was printed counts where there are none."""
    files = {"out/2.json": WALL, "out/1.json": b'{"scenario": "ALLOC-2", "invariant": "INV-SHARE"}'}
    stdout = b"FAILED ISO-9 INV-WALL\nFAILED HAR-1 INV-PLACE\n"
    book = runbook()
    assert failures(book, {**files, "stdout": stdout}) == (
        Failure("ALLOC-2", "INV-SHARE"),
        Failure("ISO-1", "INV-WALL"),
    )
    assert failures(book, {"stdout": stdout})[0] == Failure("ISO-9", "INV-WALL")
    assert failures(book, {"out/1.json": b'{"scenario": "ISO-1"}'}) == (Failure("ISO-1"),)
    assert failures(book, {"stderr": b"FAILED ISO-1 INV-WALL\n"}) == ()


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("```text", "```bash", "## First", '"First response" has no decision tree: a block of'),
        ("HAR   unfit ....... leaf 2", "HAR   unfit", "HAR   unfit", "leads nowhere; end it with"),
        ("no ....", "no: ....", "└── yes", ""),
        (
            "├── no .................... leaf 1: the suite did not run\n",
            "",
            "└── yes",
            "0 times an",
        ),
        ("    └── anything else ..... leaf 5\n", "", "├── no", "in words, for an unknown prefix"),
        ("├── ISO ", "├── HAR ", "├── HAR   leaked", 'the tree has the prefix "HAR" twice'),
        ("leaf 3\n", "leaf 9\n", "├── ISO", 'the branch "ISO" ends in leaf 9, which has no row'),
        ("├── ISO ", "├── ISOL ", "├── ISOL", '"ISOL" is no prefix of "Failure taxonomy"; did'),
        ("    ├── ISO   leaked ...... leaf 3\n", "", "├── no", "the tree has no branch for ISO"),
        ("leaked ...... leaf 3", "leaked ...... leaf 4", "| 4 |", 'leaf 4 says "core"; the prefix'),
        ("| 3 | `isolation`", "| 3 | `core`", "| 3 |", 'leaf 3 says "core"; the prefix ISO is of'),
        ("| 3 | `isolation`", "| 3 | `isolatio`", "| 3 |", 'nobody owns the class "isolatio"; did'),
        ("| tenancy | P0", "| core | P0", "| 3 |", '"core"; "tenancy", first owner of "isolation"'),
        ("| P0 |", "| P7 |", "| 3 |", 'unknown priority "P7"'),
        ("| 5 | `harness` | infra | P1", "| 5 | `harness` | infra | P2", "| 5 |", "leaf 5 is P2"),
        ("| 5 | ", "| 6 | ", "| 6 |", "no branch of the tree ends in leaf 6"),
        ("| Priority |", "| Prio |", "| Leaf |", 'has no column "Priority"'),
        (
            "keep `evidence.rows`",
            "keep `evidence.row`",
            "| 3 |",
            "out/1.json holds no evidence.row",
        ),
        ("`HAR` |", "`HAZ` |", "├── HAR", 'the branch "HAR" is no prefix'),
    ],
)
def test_a_tree_that_parts_from_its_document_is_found(
    old: str, new: str, at: str, said: str
) -> None:
    """One change of the tree, a leaf or a class is named with its line."""
    findings = responded(edited(old, new))
    wanted = line_of(at, TEXT.replace(old, new, 1))
    named = [finding.line for finding in findings if said and said in finding.message]
    assert named[:1] == ([wanted] if said else []), messages(findings)
    assert bool(findings) is bool(said)


TREE = TEXT[TEXT.index("├── no") : TEXT.index("Another class")]
SWAPPED = TREE.replace("leaf 1", "leaf x").replace("leaf 5", "leaf 1").replace("leaf x", "leaf 5")


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("├── no ...", "├── yes ...", "├── yes", 'names no failure is "yes"; no is right'),
        ("└── yes: its", "└── no: its", "└── no", 'to the failures is "no: its first scenario be'),
        ("its first scenario", "its last scenario", "└── yes", "does not say which failure is tak"),
        (
            "Did the run name a failure?",
            "Did the run name no failure?",
            "Did the run",
            "ask for wh",
        ),
        ("Did the run name a failure?\n", "", "├── no", "no question stands above the tree"),
        (
            "Another class too? Take the first failure of each class to its leaf.",
            "Good luck.",
            "├── no",
            "what a failure of another class needs",
        ),
        (
            (
                "    ├── ISO   leaked ...... leaf 3\n    ├── ALLOC wrong share .. leaf 4\n"
                "    └── anything else ..... leaf 5\n"
            ),
            (
                "    ├── anything else ..... leaf 5\n    ├── ISO   leaked ...... leaf 3\n"
                "    └── ALLOC wrong share .. leaf 4\n"
            ),
            "    ├── anything else",
            '"anything else" takes every failure before ISO, ALLOC can',
        ),
        (TREE, SWAPPED, "    ├── HAR", "leaf 2 stands below leaf 5"),
        (
            "| 1 | `harness` | infra | P1 | read the log |\n",
            "| 1 | `harness` | infra | P1 | read `evidence` |\n",
            "| 1 |",
            'leaf 1 asks for "evidence", but its branch is that of a run which left none',
        ),
        ("read `evidence`", "name the unknown ID", "| 2 |", "leaf 5 is the one for those"),
    ],
)
def test_what_leads_a_reader_astray_is_found(old: str, new: str, at: str, said: str) -> None:
    """Answers, order, numbers and advice that no walk by a program would stumble over."""
    findings = responded(edited(old, new))
    wanted = line_of(at, TEXT.replace(old, new, 1))
    assert [f.line for f in findings if said in f.message] == [wanted], messages(findings)


def test_made_up_failures_walk_the_tree() -> None:
    """One that the tables lead elsewhere is named, alone and beside another."""
    book = edited("`ALLOC` | `INV-SHARE`", "`ALLOC`, `ISO-B` | `INV-SHARE`")
    tree = decision_tree(book).known
    said = messages(misleading(book, tree))
    assert "a run that names ISO-B-001 goes to isolation; core is right" in said
    assert "a run that names HAR-001 and ISO-B-002 goes to harness, isolation; harness" in said


def test_a_drill_that_is_led_elsewhere_is_found() -> None:
    """The class of the drill's row, and the one in its diagnostics, are those of the leaf."""
    row = replace(RUN, drill=replace(DRILL, failure_class="core"))
    said = f"`{DRILL.command}` leads to leaf 3 (line {line_of('| 3 |')}), isolation"
    assert f"{PATH}:9: {said}; its row says core" in messages(responded(runbook(), row))
    other = replace(RUN, files={"out/1.json": WALL.replace(b"isolation", b"core")})
    assert f"{said}; out/1.json says core" in messages(responded(runbook(), other))


def test_a_drill_with_failures_of_two_classes_is_found() -> None:
    """A drill shows one class; a second one leads a reader to a second owner."""
    share = b'{"scenario": "ALLOC-2", "invariant": "INV-SHARE", "evidence": {"claims": 1}}'
    both = replace(RUN, files={"out/1.json": WALL, "out/2.json": share})
    assert "core too; its row says isolation" in messages(responded(runbook(), both))


def test_a_run_that_did_not_start_but_names_a_failure_is_found() -> None:
    """What a refused call prints must lead to the outer branch."""
    silent = {"stdout": b"FAILED ISO-1 INV-WALL\n"}
    said = 'a run that names ISO-1 goes to "ISO" in the tree; "no"'
    assert said in messages(responded(runbook(), silent=silent))


def test_the_shipped_tree_agrees_with_its_runbook() -> None:
    """Every prefix, class and owner of our own runbook has its leaf, without a rehearsal."""
    shipped = read(ROOT / "runbook" / "integration-triage-runbook.md")
    assert first_response(shipped, Reading(1), silent={}) == ()
    assert drill_table(shipped).findings == ()
    assert workaround_table(shipped).findings == ()
    assert entry_terms(shipped).findings == ()


def test_walking_a_tree_that_can_not_be_read_says_why() -> None:
    """The findings of the tree are those of the walk, and a branch without a leaf is one."""
    assert advice(runbook()).findings == ()
    assert walk(edited("```text", "```bash"), ()).findings
    (finding,) = walk(edited("leaf 3\n", "leaf 9\n"), [Failure("ISO-1")]).findings
    assert finding.message == 'the branch "ISO" ends in leaf 9; there are 1, 2, 3, 4, 5'
