"""Every table that a triage runbook adds, and its decision tree, each read once."""

from dataclasses import dataclass
from functools import lru_cache

from freshrun.checklist import Contract, SameRunbook, contract_of
from freshrun.model import Parsed, Reading, Runbook
from freshrun.triage.bead_fields import BeadField, bead_fields
from freshrun.triage.decision_tree import Advice, Tree, advice, decision_tree
from freshrun.triage.drill_table import Drill, drill_table
from freshrun.triage.ownership_table import Ownership, Team, ownership, teams
from freshrun.triage.symptoms import Symptom, symptoms
from freshrun.triage.workaround_table import Workaround, workaround_table

_KEPT = 8
"""So many documents' contracts are kept, as in `checklist`."""


@dataclass(frozen=True, slots=True)
class TriageContract:
    """What a triage runbook promises: the `base` of any runbook, and its own tables.

    Each has the findings of what could not be read of it.
    """

    base: Contract
    tree: Parsed[Tree]
    leaves: Reading[Advice]
    owners: Reading[Ownership]
    teams: Reading[Team]
    drills: Reading[Drill]
    workarounds: Reading[Workaround]
    symptoms: Reading[Symptom]
    bead_fields: Reading[BeadField]


def triage_contract_of(runbook: Runbook) -> TriageContract:
    """Return the contract of a triage runbook; one and the same value is read once."""
    return _read(SameRunbook(runbook))


@lru_cache(maxsize=_KEPT)
def _read(same: SameRunbook) -> TriageContract:
    runbook = same.runbook
    return TriageContract(
        base=contract_of(runbook),
        tree=decision_tree(runbook),
        leaves=advice(runbook),
        owners=ownership(runbook),
        teams=teams(runbook),
        drills=drill_table(runbook),
        workarounds=workaround_table(runbook),
        symptoms=symptoms(runbook),
        bead_fields=bead_fields(runbook),
    )
