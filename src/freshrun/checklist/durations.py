"""What the commands of a runbook took, run by run: the file `durations.json` that stands by it."""

import json
import os
import platform
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from freshrun.model import FreshrunError, Record, Status

NAME = "durations.json"
"""The file, in the folder of the runbook."""

KEPT = 20
"""How many runs are kept of each command on each kind of machine: the newest."""

ENOUGH = 3
"""Of fewer runs on a kind of machine nobody can say what is usual there."""

_Taken = Mapping[str, tuple[float, ...]]
"""Seconds by kind of machine, the newest last."""


@dataclass(frozen=True, slots=True)
class Durations:
    """Seconds, the newest last, by document, by the name of its block, and by kind of machine."""

    documents: Mapping[str, Mapping[str, _Taken]]

    def usual(self, document: str, *, block: str) -> float | None:
        """Return what a command takes as a rule: the median run of the median kind of machine.

        One machine that is slow or busy counts for little; too few runs count for nothing.
        """
        taken = self.documents.get(document, {}).get(block, {})
        medians = [statistics.median(runs) for runs in taken.values() if len(runs) >= ENOUGH]
        return statistics.median_low(medians) if medians else None

    def with_run(self, record: Record, *, document: str, machine: str) -> "Durations":
        """Return these durations and those of one more run: of each named block with a band."""
        timed = _timed(record)
        if not timed:
            return self
        blocks = dict(self.documents.get(document, {}))
        for name, seconds in timed.items():
            runs = (*blocks.get(name, {}).get(machine, ()), round(seconds, 2))
            blocks[name] = {**blocks.get(name, {}), machine: runs[-KEPT:]}
        return Durations({**self.documents, document: blocks})

    def text(self) -> str:
        """Return what the file holds: a line for each kind of machine, so that a diff is short."""
        lines = [
            f"  {json.dumps(document)}: {{\n{_blocks(blocks)}\n  }}"
            for document, blocks in sorted(self.documents.items())
        ]
        return "{\n" + ",\n".join(lines) + "\n}\n"


def this_machine() -> str:
    """Return the kind of machine that this is."""
    return f"{platform.machine()}, {os.cpu_count() or 1} processors"


def read_durations(data: bytes, *, path: str) -> Durations:
    """Read such a file; `FreshrunError` says what is wrong with it."""
    try:
        tree = json.loads(data)
        documents = {
            str(document): {
                str(block): {str(kind): _seconds(runs) for kind, runs in taken.items()}
                for block, taken in blocks.items()
            }
            for document, blocks in tree.items()
        }
    except (ValueError, AttributeError, TypeError) as error:
        right = 'right is {"runbook.md": {"block": {"x86_64, 4 processors": [1.5]}}}, in seconds'
        raise FreshrunError(f"{path}: holds no durations ({error}); {right}") from None
    return Durations(documents)


def _seconds(runs: list[float]) -> tuple[float, ...]:
    numbers = tuple(float(one) for one in runs)
    if not all(0 <= one < float("inf") for one in numbers):
        raise ValueError("a time is no number of seconds")
    return numbers


def _timed(record: Record) -> dict[str, float]:
    """Return the seconds of each named command that has a band and passed."""
    return {
        one.command.options.name: one.seconds
        for one in record.outcomes
        if one.command.options.name and one.command.options.band and one.status is Status.PASSED
    }


def _blocks(blocks: Mapping[str, _Taken]) -> str:
    lines = [
        f"    {json.dumps(block)}: {{\n{_kinds(taken)}\n    }}"
        for block, taken in sorted(blocks.items())
    ]
    return ",\n".join(lines)


def _kinds(taken: _Taken) -> str:
    kinds = sorted(taken.items())
    return ",\n".join(f"      {json.dumps(kind)}: {json.dumps(list(runs))}" for kind, runs in kinds)
