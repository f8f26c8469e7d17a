"""Every table of a runbook that a checklist rests on, each read once."""

from dataclasses import dataclass
from functools import lru_cache

from freshrun.checklist.artifact_table import ArtifactPath, artifact_table
from freshrun.checklist.checklist_table import Promise, checklist_table
from freshrun.checklist.entrypoints import (
    Entrypoint,
    Takes,
    Terms,
    entry_terms,
    entry_variables,
    entrypoints,
)
from freshrun.checklist.environment_table import (
    Declared,
    Noted,
    declared_variables,
    noted_variables,
)
from freshrun.checklist.failure_contract import Location, failure_contract
from freshrun.checklist.prerequisites_table import (
    Limitation,
    Prerequisite,
    limitations,
    prerequisites,
)
from freshrun.checklist.refusals import Refusal, refusals
from freshrun.checklist.taxonomy import (
    Definition,
    FailureClass,
    definitions,
    glossary,
    taxonomy,
)
from freshrun.model import Reading, Runbook

_KEPT = 8
"""So many documents' contracts are kept: a run reads its runbook, and perhaps a plan."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What a runbook's tables promise; each has the findings of what could not be read of it.

    `entrypoints` are the rows of any such table, `variables` what they say of variables, and
    `terms` the rows of one that has every column. So it is with `glossary`, which has to name the
    invariants alone, and `definitions`; and with `noted`, the table's own words, and `declared`.
    """

    entrypoints: Reading[Entrypoint]
    variables: Reading[Takes]
    terms: Reading[Terms]
    locations: Reading[Location]
    artifacts: Reading[ArtifactPath]
    classes: Reading[FailureClass]
    glossary: Reading[Definition]
    definitions: Reading[Definition]
    prerequisites: Reading[Prerequisite]
    limitations: Reading[Limitation]
    declared: Reading[Declared]
    noted: Reading[Noted]
    refusals: Reading[Refusal]
    items: Reading[Promise]


def contract_of(runbook: Runbook) -> Contract:
    """Return the contract of a runbook; the tables of one and the same value are read once."""
    return _read(SameRunbook(runbook))


class SameRunbook:
    """A runbook as the key of a cache: it is itself alone, however much another one is like it.

    A runbook never changes, and the cache holds on to it, so that its identity is its own.
    """

    def __init__(self, runbook: Runbook) -> None:
        self.runbook = runbook

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameRunbook) and self.runbook is other.runbook

    def __hash__(self) -> int:
        return id(self.runbook)


@lru_cache(maxsize=_KEPT)
def _read(same: SameRunbook) -> Contract:
    runbook = same.runbook
    return Contract(
        entrypoints=entrypoints(runbook),
        variables=entry_variables(runbook),
        terms=entry_terms(runbook),
        locations=failure_contract(runbook),
        artifacts=artifact_table(runbook),
        classes=taxonomy(runbook),
        glossary=glossary(runbook),
        definitions=definitions(runbook),
        prerequisites=prerequisites(runbook),
        limitations=limitations(runbook),
        declared=declared_variables(runbook),
        noted=noted_variables(runbook),
        refusals=refusals(runbook),
        items=checklist_table(runbook),
    )
