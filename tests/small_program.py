"""A small program whose runbook, plan, owners and workflow agree: the tests break one at a time."""

import json
from collections.abc import Mapping

from freshrun.document.reading import parse
from freshrun.model.finding import Finding
from freshrun.model.outcome import Outcome, Output, Status
from freshrun.model.record import Record
from freshrun.model.runbook import Runbook

RUNBOOK = "runbook/triage.md"
PLAN = "runbook/plan.md"
OWNERS = "runbook/ownership.yaml"
CODEOWNERS = ".github/CODEOWNERS"
WORKFLOW = ".github/workflows/suite.yml"

CALLS = {
    "CALL": "| Call | Hours | No answer",
    "CORE": "| `+1 202 555 0142` | any hour | fallback after 15m, escalation after 1h",
    "INFRA": "| https://on.call/infra | Mon-Fri 08:00-18:00 UTC "
    "| fallback after 2h, escalation after 4h",
}
"""The last cells of the owners' rows, which are too long for a line of Python."""

FILES: Mapping[str, str] = {
    RUNBOOK: r"""---
freshrun:
  repository: https://github.com/acme/widgets.git
  bd: stand-in
---
# Triage

## Prerequisites

| Prerequisite | Kind | Confirmed by | Gives |
| --- | --- | --- | --- |
| plan | plan | [WID-7aa](plan.md) | `Failure classes`, `Scenarios`, `Invariants` |
| jobs | workflow | [suite](../.github/workflows/suite.yml) | `smoke-results`, `full-results` |
| database | tool | `psql --version` | 15 |
| bd | tool | `bd version`, `bd doctor` | - |

## First response

| Leaf | Class | First owner | Priority | What to do first |
| --- | --- | --- | --- | --- |
| 1 | `core` | acme/core | P1 | keep the shares |
| 2 | `harness` | acme/infra | P2 | read the log |

## Failure output contract

| ID | Where | Path | Selector | Format |
| --- | --- | --- | --- | --- |
| `scenarioId` | JSON | `out/diagnostics/*.json` | `$.scenarioId` | `[A-Z]+-\d+` |
| `invariantId` | JSON | `out/diagnostics/*.json` | `$.invariantId` | `INV-[A-Z]+` |

## Failure taxonomy

| Class | Scenario prefix | Invariants | Meaning | First owner |
| --- | --- | --- | --- | --- |
| `core` | `SHARE` | `INV-FAIR`, `INV-SUM` | a share is wrong | acme/core |
| `harness` | `HAR` | `INV-PLACE` | the place is not fit | acme/infra |

```bash name=list-scenarios
suite list
```

## Invariant glossary

| Invariant | Statement | Evidence to capture |
| --- | --- | --- |
| `INV-FAIR` | Shares follow weights. | `evidence.claims` |
| `INV-SUM` | Shares add up. | `evidence.claims`, `evidence.total` |
| `INV-PLACE` | The place is fit. | `evidence.error` |

## Entrypoints

| Entrypoint | Command | Outputs |
| --- | --- | --- |
| `smoke` | `suite smoke` | `out/junit.xml` |

## CI artifacts

```bash
gh run download 174 --name smoke-results --dir triage
```

| Artifact | Path | Holds |
| --- | --- | --- |
| `smoke-results` | `junit.xml` | verdicts |
| `smoke-results` | `diagnostics/*.json` | one for each failure |
| `full-results` | `junit.xml` | verdicts |
| `full-results` | `diagnostics/*.json` | one for each failure |

## Ownership and escalation

| Failure class | First owner | Apart from | Reach | Response | Fallback | Escalation {CALL} |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| `core` | acme/core | `harness` | `#core` | 15m | acme/infra | acme/leads {CORE} |
| `harness` | acme/infra | `core` | `#infra` | 1h | acme/core | acme/leads {INFRA} |

| Team | Reach | Call | Hours |
| --- | --- | --- | --- |
| acme/leads | `#leads` | `+44 20 7946 0000` | any hour |

## Known limitations

| Limitation | About | Why |
| --- | --- | --- |
| beads are filed with a stand-in | bd | the real one can't be had |
| one run at a time | - | on purpose |
""",
    PLAN: """# WID-7aa: the widgets program

## Failure classes

| Class | Scenario prefix | Meaning |
| --- | --- | --- |
| `core` | `SHARE` | a share is wrong |
| `harness` | `HAR` | the place is not fit |

## Scenarios

| Scenario | Class | Invariant | What it proves | Suite |
| --- | --- | --- | --- | --- |
| `SHARE-1` | `core` | `INV-FAIR` | weights count | smoke |
| `SHARE-2` | `core` | `INV-SUM` | nothing is lost | full |
| `HAR-1` | `harness` | `INV-PLACE` | there is a database | smoke |

## Invariants

| Invariant | Statement | Required diagnostics |
| --- | --- | --- |
| `INV-FAIR` | Shares follow weights. | `evidence.claims` |
| `INV-SUM` | Shares add up. | `evidence.total`, `evidence.claims` |
| `INV-PLACE` | The place is fit. | `evidence.error` |

## Required diagnostics

| Field | Holds |
| --- | --- |
| `scenarioId` | the scenario |
| `invariantId` | the invariant |
| `evidence` | what its invariant asks for |
""",
    OWNERS: """program: WID-7aa
classes:
  core:
    first_owner: acme/core
    reach: "#core"
    response: 15 minutes
    fallback: acme/infra
    call: "+1 202 555 0142"
    hours: any hour
    unanswered: fallback after 15 minutes, escalation after 1 hour
    escalation: acme/leads
    code:
      - src/shares.py
  harness:
    first_owner: acme/infra
    reach: "#infra"
    response: 1 hour
    fallback: acme/core
    call: https://on.call/infra
    hours: Mon-Fri 08:00-18:00 UTC
    unanswered: fallback after 2 hours, escalation after 4 hours
    escalation: acme/leads
    code:
      - tests/
apart:
  - [core, harness]
teams:
  acme/leads:
    reach: "#leads"
    call: "+44 20 7946 0000"
    hours: any hour
""",
    CODEOWNERS: """* @acme/leads
/src/shares.py @acme/Core
/tests/ @acme/infra # the suite
""",
    WORKFLOW: """on: push
jobs:
  suite:
    strategy:
      matrix:
        suite: [smoke, full]
    steps:
      - run: make ${{ matrix.suite }}
      - uses: actions/upload-artifact@v4
        with:
          name: ${{ matrix.suite }}-results
          path: out/
""",
    "src/shares.py": "",
    "tests/test_shares.py": "",
}

for _name, _cells in CALLS.items():
    FILES = {**FILES, RUNBOOK: FILES[RUNBOOK].replace(f" {{{_name}}}", f" {_cells}")}

LISTING = json.dumps(
    {
        "scenarios": [
            {"scenarioId": "SHARE-1", "invariantId": "INV-FAIR", "class": "core"},
            {"scenarioId": "SHARE-2", "invariantId": "INV-SUM", "class": "core", "suite": "full"},
            {"scenarioId": "HAR-1", "invariantId": "INV-PLACE", "class": "harness"},
        ],
        "invariants": [
            {
                "invariantId": "INV-FAIR",
                "class": "core",
                "statement": "Shares follow weights.",
                "evidence": ["claims"],
            },
            {
                "invariantId": "INV-SUM",
                "class": "core",
                "statement": "Shares add up.",
                "evidence": ["claims", "total"],
            },
            {
                "invariantId": "INV-PLACE",
                "class": "harness",
                "statement": "The place is fit.",
                "evidence": ["error"],
            },
        ],
    }
)


class Program:
    """The small program's files, with texts changed that are there."""

    def __init__(self, texts: Mapping[str, str] = FILES) -> None:
        """Take the files' texts by path."""
        self.texts = texts

    def but(self, path: str, old: str, new: str) -> "Program":
        """Return the program with one text of one file changed."""
        assert self.texts[path].count(old) >= 1, f"{old!r} is not in {path}"
        return Program({**self.texts, path: self.texts[path].replace(old, new, 1)})

    def without(self, path: str) -> "Program":
        """Return the program without one file."""
        return Program({name: text for name, text in self.texts.items() if name != path})

    @property
    def runbook(self) -> Runbook:
        """Return the runbook."""
        return parse(self.texts[RUNBOOK], path=RUNBOOK)

    @property
    def files(self) -> Mapping[str, bytes]:
        """Return the repository's files."""
        return {path: text.encode() for path, text in self.texts.items()}

    def line(self, path: str, text: str) -> int:
        """Return the line of a file that a text begins in."""
        before, found, _ = self.texts[path].partition(text)
        assert found, f"{text!r} is not in {path}"
        return before.count("\n") + 1

    def rehearsed(self, listing: str = LISTING, *, status: Status = Status.PASSED) -> Record:
        """Return the record of a rehearsal in which the suite printed the listing."""
        listed = Output(listing.encode(), size=len(listing))
        outcomes = (
            Outcome(command, status, stdout=listed if command.options.name else Output())
            for command in self.runbook.commands
        )
        return Record(RUNBOOK, sha256="", started="", ended="", outcomes=tuple(outcomes))


def places(findings: tuple[Finding, ...]) -> list[tuple[str, int]]:
    """Return where findings are."""
    return [(finding.file, finding.line) for finding in findings]
