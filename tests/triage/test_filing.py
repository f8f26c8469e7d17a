"""The defect template, typed for failures of two classes into a live shell with a real git."""

from importlib.resources import files
from pathlib import Path

import pytest
from own_shell import install, live_shell

from freshrun.checklist.trial import Sandbox, in_subshell, retyped, value_of
from freshrun.document.reading import parse
from freshrun.model.finding import Finding, Reading
from freshrun.model.outcome import Outcome, Status
from freshrun.model.record import Record
from freshrun.model.runbook import Command, Runbook
from freshrun.triage.desk import filings
from freshrun.triage.drill_table import Drill
from freshrun.triage.drills import DrillRun
from freshrun.triage.filing import filed

PATH = "runbook/triage.md"

TEXT = r"""---
freshrun:
  repository: https://github.com/acme/widgets.git
---
# Triage

```bash name=setup
git init --quiet widgets
cd widgets
echo tenancy > owner
git add owner
git -c user.name=a -c user.email=a@b commit --quiet -m first
```

```bash name=download-artifacts
mkdir -p triage/diag
gh run download 17 --name results --dir triage
echo '{"s": "ALLOC-1", "i": "INV-SHARE", "run": "17"}' > triage/diag/1.json
```

## Defect bead template

```bash name=defect-values
S=$(grep -o '[A-Z]*-[0-9]' triage/diag/1.json)
I=$(grep -o 'INV-[A-Z]*' triage/diag/1.json)
case $S in ISO*) OWNER=$(cat owner) PRIORITY=P0 ;; *) OWNER=core PRIORITY=P1 ;; esac
```

```bash name=find-duplicate
test -d .beads || bd init --prefix W --quiet --stealth < /dev/null
bd list --label "scenario:$S" --label "invariant:$I" --json > same.json
python3 -c 'import json, sys; sys.exit(bool(json.load(open("same.json"))))'
```

```bash name=file-defect
cat > body.md <<END
run 17, https://github.com/acme/widgets/actions/runs/17
results: diag/1.json
END
bd create "$S breaks $I" --priority "$PRIORITY" --type bug --assignee "$OWNER" \
  --labels "scenario:$S,invariant:$I" --body-file body.md --json > bead.json
BEAD=$(python3 -c 'import json; print(json.load(open("bead.json"))["id"])')
```

```bash name=read-defect
bd show "$BEAD" --json
```

### Bead fields

| Bead field | Value |
| --- | --- |
| `title` | `{scenarioId} breaks {invariantId}` |
| `issue_type` | `bug` |
| `priority` | `{priority}` |
| `assignee` | `{owner}` |
| `labels` | `scenario:{scenarioId}`, `invariant:{invariantId}` |

## First response

| Leaf | Class | First owner | Priority | What to do first |
| --- | --- | --- | --- | --- |
| 3 | `isolation` | tenancy | P0 | call |
| 4 | `core` | core | P1 | look |

## Failure taxonomy

| Class | Scenario prefix | Invariants | First owner |
| --- | --- | --- | --- |
| `isolation` | `ISO` | `INV-WALL` | tenancy |
| `core` | `ALLOC` | `INV-SHARE` | core |

## Failure output contract

| ID | Where | Path | Selector | Format |
| --- | --- | --- | --- | --- |
| `scenarioId` | JSON | `out/diag/*.json` | `$.s` | `[A-Z]+-\d+` |
| `invariantId` | JSON | `out/diag/*.json` | `$.i` | `INV-[A-Z]+` |

## Entrypoints

| Entrypoint | Command | Outputs |
| --- | --- | --- |
| smoke | `suite smoke` | `out/junit.xml` |

## Ownership and escalation

| Failure class | First owner | Apart from | Reach | Response | Fallback | Escalation |
| --- | --- | --- | --- | --- | --- | --- |
| `isolation` | tenancy | - | `#tenancy` | 15m | core | lead |
| `core` | core | - | `#core` | 1h | tenancy | lead |
"""
BD = files("freshrun.beads").joinpath("stand_in.py").read_text("utf-8")


def drill_run(name: str, scenario: str, invariant: str) -> DrillRun:
    """Return the run of a drill that found one failure."""
    content = f'{{"s": "{scenario}", "i": "{invariant}", "run": "17"}}'.encode()
    command = Command("suite", PATH, 1, 1, "Rehearse a failure")
    outcome = Outcome(command, Status.PASSED)
    return DrillRun(Drill(1, name, "suite", (scenario,)), 1, outcome, {"out/diag/1.json": content})


RUNS = Reading(
    1, (drill_run("isolation", "ISO-1", "INV-WALL"), drill_run("core", "ALLOC-1", "INV-SHARE"))
)


def edited(old: str = "", new: str = "") -> Runbook:
    """Return the runbook, with one text in it changed."""
    assert old in TEXT, old
    return parse(TEXT.replace(old, new, 1), path=PATH)


def line_of(fragment: str, text: str = TEXT) -> int:
    """Return the line of the document that holds the fragment, the first one."""
    return text[: text.index(fragment)].count("\n") + 1


def messages(findings: tuple[Finding, ...]) -> str:
    """Return the findings as they are shown."""
    return "\n".join(map(str, findings))


def opened(sandbox: Sandbox) -> Sandbox:
    """Return the shell with a bd and a gh in it."""
    install(sandbox, "bd", program=BD)
    install(sandbox, "gh", program="#!/bin/bash\n")
    return sandbox


def begun(book: Runbook, sandbox: Sandbox) -> Record:
    """Type what stands before the template, and return a record in which all of it passed."""
    before = [c for c in book.commands if c.options.name in {"setup", "download-artifacts"}]
    cwd = [sandbox.shell.type(command).cwd for command in before][-1]
    outcomes = tuple(Outcome(command, Status.PASSED, cwd=cwd) for command in book.commands)
    return Record(runbook=PATH, sha256="", started="", ended="", outcomes=outcomes)


def test_each_class_gets_a_bead_and_a_second_search_finds_it(tmp_path: Path) -> None:
    """The template runs as it stands, in a clone without beads; the shell is back after it."""
    book = edited()
    with live_shell(tmp_path) as shell:
        sandbox = opened(shell)
        record = begun(book, sandbox)
        earlier = "bd init --prefix W --quiet && bd create earlier --labels scenario:ISO-1"
        sandbox.shell.type(retyped(book.commands[0], text=earlier))
        typed = filings(book, record, runs=RUNS, sandbox=sandbox)
        cwd = value_of("PWD", like=book.commands[-1], shell=sandbox.shell)
        kept = sandbox.machine.read(f"{cwd}/triage/diag/1.json")
    assert filed(book, typed) == ()
    first, second = (
        {how: outcomes[-1].exit_code for how, outcomes in one.again.items()} for one in typed.rows
    )
    worked_on = {"in_progress": 1, "blocked": 1}
    other = {"without scenario:ISO-1": 0, "without invariant:INV-WALL": 0}
    assert (first, second) == ({"filed": 1, **worked_on, **other}, {"filed": 1})
    assert cwd == f"{sandbox.machine.home}/widgets"
    assert b"ALLOC-1" in (kept or b"")


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        (
            '--priority "$PRIORITY"',
            "--priority P1",
            "bd create",
            f"the priority is P1; P0, of leaf 3 (line {line_of('| 3 |')}), is right (drill of iso",
        ),
        (
            '--priority "$PRIORITY"',
            '--severity "$PRIORITY"',
            "bd create",
            'exit status 1, expected 0; it said "Error: unknown flag: --severity" (drill of core)',
        ),
        (
            '--label "scenario:$S" --label',
            "--label scenario --label",
            "python3 -c 'import json, sys",
            "the search after filing: exit status 0, expected 1 (drill of isolation)",
        ),
        ("name=find-duplicate", "name=search", "---", "is marked name=find-duplicate"),
    ],
)
def test_a_template_that_does_not_work_for_every_class_is_found(
    tmp_path: Path, old: str, new: str, at: str, said: str
) -> None:
    """One change is named at its command, with the class whose failure shows it."""
    book = edited(old, new)
    with live_shell(tmp_path) as shell:
        sandbox = opened(shell)
        record = begun(book, sandbox)
        findings = filed(book, filings(book, record, runs=RUNS, sandbox=sandbox))
    wanted = line_of(at, TEXT.replace(old, new, 1))
    assert wanted in [f.line for f in findings if said in f.message], messages(findings)


def test_a_checkout_that_can_not_be_cloned_is_the_finding(tmp_path: Path) -> None:
    """The template is typed nowhere else."""
    book = edited("git init --quiet widgets", "mkdir widgets")
    with live_shell(tmp_path) as shell:
        sandbox = opened(shell)
        typed = filings(book, begun(book, sandbox), runs=RUNS, sandbox=sandbox)
    (finding,) = filed(book, typed)
    assert finding.line == line_of("S=$(grep")
    assert "the checkout can't be cloned, to file beads in: exit status 128" in finding.message


def test_a_trial_at_another_line_is_one_of_that_line() -> None:
    """What a table's row says is typed at the row, as long as it is, and promises nothing else."""
    (*_, shown) = edited().commands
    moved = retyped(shown, text="one\ntwo", line=7)
    assert (moved.line, moved.end_line, moved.options.exit) == (7, 8, 0)
    assert retyped(shown, text="one").line == shown.line
    assert in_subshell(moved, folder="/").line == 7
