"""The command line: `drv-suite smoke|full|list|failures`."""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from drv_suite import diagnostics
from drv_suite.catalogue import INVARIANTS, SCENARIOS, Invariant, Scenario, Suite
from drv_suite.usage import UsageError
from drv_suite.violation import Json


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line; 0 all green, 1 a failure, 2 called in a way that it can't follow."""
    arguments = _parser().parse_args(words)
    try:
        if arguments.command == "list":
            return _list(as_json=arguments.json)
        if arguments.command == "failures":
            return _failures(arguments.dir, field=arguments.field, number=arguments.number)
        return _run(Suite(arguments.command), out=arguments.out, only=arguments.only)
    except UsageError as error:
        sys.stderr.write(f"drv-suite: {error}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="drv-suite", description="The integration suite of drv.")
    commands = parser.add_subparsers(dest="command", required=True)
    for suite, text in ((Suite.SMOKE, "one look at each class"), (Suite.FULL, "every scenario")):
        runner = commands.add_parser(suite, help=f"run {text}")
        runner.add_argument("--only", metavar="NAME", help="run this scenario, after the harness's")
        runner.add_argument("--out", type=Path, default=Path("out"), help="output directory")
    lister = commands.add_parser("list", help="print what the suite can report")
    lister.add_argument("--json", action="store_true", help="as JSON")
    reader = commands.add_parser("failures", help="print the failures of a run")
    reader.add_argument("dir", type=Path, nargs="?", default=Path("out"), help="output directory")
    reader.add_argument("--field", help="print this field of one failure alone")
    reader.add_argument("--number", type=int, default=1, help="which failure, from 1")
    return parser


def _run(suite: Suite, *, out: Path, only: str | None) -> int:
    # Who reads a failed run types many commands: none of them waits for pytest and the database.
    from drv_suite.run import plan  # noqa: PLC0415
    from drv_suite.running import run_suite  # noqa: PLC0415

    return run_suite(plan(suite, environ=os.environ, out=out, only=only))


def _list(*, as_json: bool) -> int:
    scenarios = [_scenario_row(each) for each in SCENARIOS]
    if as_json:
        document = {"scenarios": scenarios, "invariants": [_invariant_row(i) for i in INVARIANTS]}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
        return 0
    for row in scenarios:
        sys.stdout.write("{scenarioId:<10}{invariantId:<24}{suite:<7}{name}\n".format(**row))
    return 0


def _scenario_row(scenario: Scenario) -> Mapping[str, str]:
    return {
        "scenarioId": scenario.id,
        "invariantId": scenario.invariant.id,
        "class": scenario.invariant.failure_class.value,
        "suite": scenario.suite.value,
        "name": scenario.name,
        "proves": scenario.proves,
    }


def _invariant_row(invariant: Invariant) -> Mapping[str, Json]:
    return {
        "invariantId": invariant.id,
        "class": invariant.failure_class.value,
        "statement": invariant.statement,
        "evidence": invariant.evidence,
    }


def _failures(out: Path, *, field: str | None, number: int) -> int:
    try:
        failures = diagnostics.read(out)
    except (FileNotFoundError, ValueError) as error:
        raise UsageError(str(error)) from None
    if field is not None:
        return _print_field(failures, field=field, number=number)
    for failure in failures:
        sys.stdout.write(_summary(failure))
    sys.stderr.write(f"drv-suite: failures in {out}: {len(failures)}\n")
    return 0


def _print_field(failures: Sequence[Mapping[str, Json]], *, field: str, number: int) -> int:
    if not 1 <= number <= len(failures):
        raise UsageError(f"--number: there is no failure {number}; there are {len(failures)}")
    failure = failures[number - 1]
    if field not in failure:
        raise UsageError(f"--field: no field {field!r}; want one of {', '.join(failure)}")
    value = failure[field]
    sys.stdout.write((value if isinstance(value, str) else json.dumps(value)) + "\n")
    return 0


def _summary(failure: Mapping[str, Json]) -> str:
    return (
        f"{failure['scenarioId']}  {failure['invariantId']}  {failure['class']}\n"
        f"  summary    {failure['summary']}\n"
        f"  expected   {json.dumps(failure['expected'])}\n"
        f"  actual     {json.dumps(failure['actual'])}\n"
        f"  tenantIds  {json.dumps(failure['tenantIds'])}\n"
        f"  reproduce  {failure['reproduce']}\n"
    )
