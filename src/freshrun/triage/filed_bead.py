"""A bead that the template filed, and what is known of the failure that it is about."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from freshrun.checklist import (
    INVARIANT,
    SCENARIO,
    Where,
    address,
    contract_of,
    downloads,
)
from freshrun.model import Runbook
from freshrun.triage.bead_fields import (
    Bead,
)
from freshrun.triage.contract import triage_contract_of


def shown_bead(stdout: bytes) -> Bead | None:
    """Return the one bead that `bd show ID --json` printed; `None` where it is not exactly one."""
    try:
        shown: object = json.loads(stdout)
    except ValueError:
        return None
    first = shown[0] if isinstance(shown, list) and len(shown) == 1 else shown
    if not isinstance(first, dict):
        return None
    texts = {str(key): value for key, value in first.items() if isinstance(value, str)}
    labels, priority = first.get("labels"), first.get("priority")
    return Bead(
        title=texts.get("title", ""),
        body=texts.get("description", ""),
        assignee=texts.get("assignee", ""),
        labels=tuple(map(str, labels)) if isinstance(labels, list) else (),
        texts=texts,
        priority=priority if isinstance(priority, int) else 0,
    )


@dataclass(frozen=True, slots=True)
class FiledBead:
    """A bead that was filed, and the downloaded files that may be about its failure."""

    runbook: Runbook
    bead: Bead
    files: Mapping[str, bytes]

    def ids(self, name: str) -> set[str]:
        """Return the IDs of this name in the bead's title."""
        rows = (row for row in contract_of(self.runbook).locations.rows if row.id == name)
        return {match[0] for row in rows for match in row.scan.finditer(self.bead.title)}

    def classes(self, scenario: str) -> set[str]:
        """Return the failure classes that the scenario's prefix stands for."""
        return {one.name for one in contract_of(self.runbook).classes.rows if one.covers(scenario)}

    def values(self) -> dict[str, object]:
        """Return what a bead may hold of its failure: its diagnostics, and what follows from them.

        The failure is the one of the title, else the first one.
        """
        for name in self.about() or tuple(sorted(n for n in self.files if n.endswith(".json"))):
            ids = self.identified(self.files[name])
            if SCENARIO in ids:
                values = {**diagnostics_of(self.files[name]), **ids}
                return {**values, **dict(self.derived(name, values))}
        return {}

    def identified(self, content: bytes) -> dict[str, str]:
        """Return the IDs that a JSON file holds where the failure output contract says."""
        rows = [row for row in contract_of(self.runbook).locations.rows if row.where is Where.JSON]
        return {row.id: one.value for row in rows for one in row.selector(content).sightings}

    def derived(self, name: str, values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        """Yield the values that no diagnostics hold: owner, priority, address and artifact."""
        classes = self.classes(str(values[SCENARIO]))
        owners = [
            row.owner
            for row in triage_contract_of(self.runbook).owners.rows
            if row.failure_class in classes
        ]
        leaves = [
            one.priority
            for one in triage_contract_of(self.runbook).leaves.rows
            if one.failure_class in classes
        ]
        yield from (("owner", owner) for owner in owners[:1])
        yield from (("priority", priority) for priority in leaves[:1])
        if "runId" in values:
            yield "runUrl", f"{address(self.runbook)}/actions/runs/{values['runId']}"
        for download in downloads(self.runbook).rows:
            if name.startswith(f"{download.folder}/"):
                yield "artifact", download.artifact
                yield "diagnostics", name.removeprefix(f"{download.folder}/")

    def about(self) -> tuple[str, ...]:
        """Return the downloaded JSON files that hold all the IDs of the bead's title."""
        title = self.ids(SCENARIO) | self.ids(INVARIANT)
        rows = [r for r in contract_of(self.runbook).locations.rows if r.where is Where.JSON]
        return tuple(
            name
            for name, content in self.files.items()
            if name.endswith(".json")
            and title <= {s.value for row in rows for s in row.selector(content).sightings}
        )


def diagnostics_of(content: bytes) -> dict[str, object]:
    """Return the object that a diagnostics file holds; empty where it holds none."""
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return {str(k): v for k, v in document.items()} if isinstance(document, dict) else {}
