"""What is written about each failure: one JSON file, one line on stdout, two JUnit properties."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from drv_suite.catalogue import NO_VERDICT, Scenario
from drv_suite.violation import Found, Json, ViolationError

if TYPE_CHECKING:  # who reads diagnostics needs no database
    from drv_suite.run import Run


@dataclass(frozen=True, slots=True)
class Failure:
    """A scenario that failed, and why. `started` is when the scenario began."""

    scenario: Scenario
    name: str
    summary: str
    expected: Json
    actual: Json
    found: Found
    started: datetime

    def line(self, path: Path) -> str:
        """Return the one line that stdout holds of this failure."""
        invariant = self.scenario.invariant
        return (
            f"DRV-FAILURE scenarioId={self.scenario.id} invariantId={invariant.id}"
            f" class={invariant.failure_class} diagnostics={path.as_posix()}"
        )

    def document(self, run: "Run") -> Mapping[str, Json]:
        """Return what the diagnostics file holds."""
        invariant = self.scenario.invariant
        return {
            "scenarioId": self.scenario.id,
            "invariantId": invariant.id,
            "class": invariant.failure_class.value,
            "summary": self.summary,
            "proves": self.scenario.proves,
            "invariant": invariant.statement,
            "tenantIds": list(self.found.tenants),
            "expected": self.expected,
            "actual": self.actual,
            "evidence": dict(self.found.evidence),
            "runId": run.run_id,
            "commit": run.commit,
            "suite": run.suite.value,
            "fault": run.fault,
            "reproduce": run.command(self.name),
            "startedAt": self.started.isoformat(timespec="milliseconds"),
            "failedAt": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }


def failure(
    scenario: Scenario, error: BaseException, *, started: datetime, traceback: str
) -> Failure:
    """Return what a scenario's error means.

    Any error but a violation, and a violation without the evidence that its invariant asks for,
    says nothing about the program: the harness then failed.
    """
    if isinstance(error, ViolationError) and _complete(scenario, error):
        return Failure(
            scenario=scenario,
            name=scenario.name,
            summary=error.summary,
            expected=error.expected,
            actual=error.actual,
            found=error.found,
            started=started,
        )
    return Failure(
        scenario=NO_VERDICT,
        name=scenario.name,
        summary=f"{scenario.name} ended without a verdict",
        expected="a verdict",
        actual=type(error).__name__,
        found=Found(_no_verdict_evidence(scenario, error, traceback)),
        started=started,
    )


def _complete(scenario: Scenario, violation: ViolationError) -> bool:
    return set(violation.found.evidence) == set(scenario.invariant.evidence)


def _no_verdict_evidence(
    scenario: Scenario, error: BaseException, traceback: str
) -> Mapping[str, Json]:
    return {
        "scenario": scenario.name,
        "error": f"{type(error).__name__}: {error}",
        "traceback": traceback.splitlines(),
    }


def write(failure: Failure, run: "Run", *, number: int) -> Path:
    """Write the diagnostics file of the run's nth failure and return its path."""
    path = run.out / "diagnostics" / f"failure-{number:03}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(failure.document(run), indent=2) + "\n")
    return path


def read(out: Path) -> list[Mapping[str, Json]]:
    """Return the diagnostics of a run's output directory, in the order in which they came up.

    Raises `FileNotFoundError` where `out` is no such directory, `ValueError` for a broken file.
    """
    if not (out / "junit.xml").is_file():
        raise FileNotFoundError(f"{out}: no junit.xml in it; want a run's output directory")
    paths = sorted((out / "diagnostics").glob("*.json"))
    return [json.loads(path.read_text()) for path in paths]
