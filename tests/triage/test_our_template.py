"""Our own defect template with one thing in it broken: each is found, and at its line."""

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import pytest
from own_shell import install, live_shell

from freshrun.checklist.trial import Sandbox, retyped
from freshrun.document.reading import parse
from freshrun.model.finding import Finding, Reading
from freshrun.model.outcome import Outcome, Status
from freshrun.model.record import Record
from freshrun.model.runbook import Command, Runbook
from freshrun.triage.desk import filings
from freshrun.triage.drill_table import Drill
from freshrun.triage.drills import DrillRun
from freshrun.triage.filing import filed

ROOT = Path(__file__).resolve().parents[2]
PATH = "runbook/integration-triage-runbook.md"
TEXT = (ROOT / PATH).read_text("utf-8")
BD = files("freshrun.beads").joinpath("stand_in.py").read_text("utf-8")
RUN = "17400000123"
RECORDED = ROOT / "runbook/recordings/failing-smoke/runs" / RUN / "artifacts/drv-smoke-results"
FAILURE: Mapping[str, object] = json.loads(
    (RECORDED / "diagnostics" / "failure-001.json").read_text("utf-8")
)
OTHER: Mapping[str, object] = {
    **FAILURE,
    "scenarioId": "ISO-001",
    "invariantId": "INV-ISOLATION",
    "class": "tenant-isolation",
    "summary": "amber's session sees what isn't \"its own\"",
    "tenantIds": ["amber", "birch"],
    "expected": "rows of amber\nand no others",
    "actual": ["amber", "birch"],
    "evidence": {"statement": "select * from $events", "rowSecurity": False},
    "fault": "rls-off",
    "reproduce": "DRV_FAULT=rls-off drv-suite smoke --only a_tenant_sees_its_own_rows",
}
SUITE = '''#!/usr/bin/env python3
"""Enough of drv-suite for the template: it reads diagnostics, and fails as it was told to."""
import json, os, pathlib, sys
FAILURES = %s
if sys.argv[1] == "failures":
    folder, _, field = sys.argv[2:5]
    document = json.loads(sorted(pathlib.Path(folder, "diagnostics").glob("*.json"))[0].read_text())
    if field not in document:
        sys.exit(2)
    value = document[field]
    print(value if isinstance(value, str) else json.dumps(value))
else:
    document = FAILURES.get(os.environ.get("DRV_FAULT"))
    if "--only" not in sys.argv or document is None:
        sys.exit(0)
    out = pathlib.Path("out/diagnostics")
    out.mkdir(parents=True, exist_ok=True)
    (out / "failure-001.json").write_text(json.dumps(document))
    sys.exit(1)
'''


def drill_run(document: Mapping[str, object]) -> DrillRun:
    """Return the run of a drill that found one failure."""
    name, scenario = str(document["class"]), str(document["scenarioId"])
    outcome = Outcome(Command("drv-suite", PATH, 1, 1, "Rehearse a failure"), Status.PASSED)
    left = {"examples/drv/out/diagnostics/failure-001.json": json.dumps(document).encode()}
    return DrillRun(Drill(1, name, "drv-suite", (scenario,)), 1, outcome, left)


def readied(sandbox: Sandbox) -> str:
    """Put the programs and a checkout into the home directory; the folder of the suite."""
    failures = {str(one["fault"]): one for one in (FAILURE, OTHER)}
    install(sandbox, "drv-suite", program=SUITE % repr(failures))
    install(sandbox, "bd", program=BD)
    owners = (ROOT / "runbook/ownership.yaml").read_bytes()
    source = f"{sandbox.machine.home}/freshrun"
    sandbox.machine.write_tree(
        {"runbook/ownership.yaml": owners, "examples/drv/README.md": b"drv\n"}, folder=source
    )
    return source


def typed(text: str, folder: Path, *, about: Sequence[Mapping[str, object]]) -> tuple[Finding, ...]:
    """Type the template of a document for each of the failures, and judge what it left."""
    book = parse(text, path=PATH)
    with live_shell(folder) as sandbox:
        source = readied(sandbox)
        like = book.commands[0]
        author = "git -c user.name=a -c user.email=a@b"
        for line in (
            f"cd {source} && git init -q && git add . && {author} commit -qm first",
            f"RUN_ID={RUN}",
            next(c.text for c in book.commands if c.text.startswith("RUN_URL=")),
        ):
            assert sandbox.shell.type(retyped(like, text=line)).status is Status.PASSED, line
        runs = Reading(1, tuple(map(drill_run, about)))
        return filed(book, filings(book, recorded(book, source), runs=runs, sandbox=sandbox))


def recorded(book: Runbook, source: str) -> Record:
    """Return a record in which everything passed where a reader would have typed it."""
    outcomes = tuple(
        Outcome(
            command,
            Status.PASSED,
            cwd=source if command.options.name == "read-defect" else f"{source}/examples/drv",
        )
        for command in book.commands
    )
    return Record(runbook=PATH, sha256="", started="", ended="", outcomes=outcomes)


def test_our_template_files_what_its_table_says(tmp_path: Path) -> None:
    """Quotes, dollars and several lines in the diagnostics come through."""
    assert typed(TEXT, tmp_path, about=(FAILURE, OTHER)) == ()


ROW = r"^\| `issue_type` \| `bug` \|$"

BREAKAGES = {
    "a misspelt label": ("integration-test,triage,class", "integraton-test,triage,class"),
    "a label too few": ("integration-test,triage,class", "integration-test,class"),
    "a class label that is the owner": ("class:$CLASS,", "class:$OWNER,"),
    "a label's name": ("class:$CLASS,scenario:", "klass:$CLASS,scenario:"),
    "a task": ("--type bug", "--type task"),
    "expected is actual": ("\n$EXPECTED\n", "\n$ACTUAL\n"),
    "actual is expected": ("\n$ACTUAL\n", "\n$EXPECTED\n"),
    "the commit is the run": ("- commit: $COMMIT", "- commit: $RUN_ID"),
    "the commit's value is the run": ("--field commit)", "--field runId)"),
    "another reproduction": ("run: $REPRODUCE", "run: drv-suite smoke"),
    "a reproduction elsewhere": ("3. In examples/drv, run", "3. In examples, run"),
    "the reproduction's value": ("--field reproduce)", "--field summary)"),
    "no external reference": (' --external-ref "run-$RUN_ID/$SCENARIO_ID/$INVARIANT_ID"', ""),
    "an external reference of the run": ('/$SCENARIO_ID/$INVARIANT_ID"', '/$SCENARIO_ID"'),
    "a summary from another field": (
        "SUMMARY=$(drv-suite failures triage/smoke --field summary)",
        "SUMMARY=$(drv-suite failures triage/smoke --field proves)",
    ),
    "a summary that is fixed": ("\n$SUMMARY\n", "\nthe suite is red\n"),
    "tenants that are the scenario": ("- tenantIds: $TENANT_IDS", "- tenantIds: $SCENARIO_ID"),
    "an owner that is the class": ('--assignee "$OWNER"', '--assignee "$CLASS"'),
    "an owner in the body": ("- owner: $OWNER", "- owner: freshrun/storage"),
    "an owner's fallback": ('"first_owner:"', '"fallback:"'),
    "a priority that is fixed": ('--priority "$PRIORITY"', "--priority P1"),
    "a priority by another class": (
        "case $CLASS in tenant-isolation |",
        "case $CLASS in harness |",
    ),
    "a run that is another": ("- runId: $RUN_ID", "- runId: $COMMIT"),
    "an address without the run": ('/actions/runs/$RUN_ID"', '/actions"'),
    "a fault that is left out": ("- fault switched on: $FAULT\n", ""),
    "a fault that is the class": ("--field fault)\nCOMMIT", "--field class)\nCOMMIT"),
    "evidence of the summary": ("Evidence: $EVIDENCE", "Evidence: $SUMMARY"),
    "an artifact of another job": (
        "artifact: drv-smoke-results of",
        "artifact: drv-full-results of",
    ),
    "a file that is not there": (
        "diagnostics: diagnostics/failure-001",
        "diagnostics: failure-001",
    ),
    "an acceptance without a command": ('"$REPRODUCE ends with 0', '"it ends with 0'),
    "a criterion that is weaker": ("exit status 0 in 20 of 20 runs.\nEND", "exit status 0.\nEND"),
    "a title without the invariant": ("] $INVARIANT_ID violated:", "] violated:"),
    "a title with another summary": ('violated: $SUMMARY"', 'violated: $ACTUAL"'),
    "a field that no row names": ("- commit: $COMMIT\n", "- commit: $COMMIT\n- colour: red\n"),
    "a flag that no row names": ("--validate --json", "--validate --notes x --json"),
    "a search of what is open": ("bd list --label", "bd list --status open --label"),
    "a search without the invariant": (' --label "invariant:$INVARIANT_ID"', ""),
    "a search without the scenario": (' --label "scenario:$SCENARIO_ID"', ""),
    "another prefix": ("--prefix DRV", "--prefix DVR"),
    "another commit to check out": ("2. Check out $COMMIT.", "2. Check out main."),
    "an init that commits": ("--stealth --quiet", "--quiet"),
}
"""What is broken, by a name: a text of the template, and another in its place."""

LINES = {
    "a priority by another class": "case $CLASS in harness",
    "an address without the run": "RUN_URL=",
    "a search of what is open": "bd list --status open",
    "an init that commits": "test -d .beads",
    "a field that no row names": "- colour: red",
    "an owner's fallback": "OWNER=$(awk",
    "no external reference": 'bd create "[',
    "a fault that is left out": 'bd create "[',
    "a fault that is the class": "FAULT=$(",
}
"""Where the finding is, if not at the line that was changed: a text of that line."""


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_broken_template_is_found_at_its_line(tmp_path: Path, name: str) -> None:
    """Each value is the diagnostics' value, and each line that is not is named."""
    old, new = BREAKAGES[name]
    start = TEXT.index("## Defect bead template")
    place = TEXT.find(old, start) if old in TEXT[start:] else TEXT.index(old)
    broken = TEXT[:place] + new + TEXT[place + len(old) :]
    found = typed(broken, tmp_path, about=(OTHER,))
    assert found, name
    wanted = line_at(broken, LINES[name]) if name in LINES else line_of_change(broken, place, new)
    told = "\n".join(map(str, found))
    assert wanted in {finding.line for finding in found}, f"{wanted}: {told}"


def line_of_change(text: str, place: int, new: str) -> int:
    """Return the line that the change is in: its first one that is not blank."""
    skipped = len(new) - len(new.lstrip("\n"))
    return text[: place + skipped].count("\n") + 1


def line_at(text: str, fragment: str) -> int:
    """Return the last line that holds a text."""
    return text[: text.rindex(fragment)].count("\n") + 1


def test_a_row_that_the_template_does_not_keep_is_found(tmp_path: Path) -> None:
    """The table may be what is wrong: its line is in the message."""
    broken = re.sub(ROW, "| `issue_type` | `task` |", TEXT, flags=re.MULTILINE)
    (finding, *_) = typed(broken, tmp_path, about=(OTHER,))
    assert 'issue_type holds "bug"; "task", of line' in finding.message


def test_bd_finds_nothing_to_add_to_what_git_ignores() -> None:
    """Versions around 1.0 write their patterns into a tracked .gitignore, with --stealth too."""
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {".dolt/", "*.db", ".beads-credential-key"} <= set(ignored)
