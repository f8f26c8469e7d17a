"""What the runbook documents (its tables) held against what a record shows.

Every check is a function of values that returns its findings; none means passed. What it needs
from the machine is taken out first, by the functions that are given a `FileTree`.
"""

from freshrun.contract.answers import Answer, present_answers, typed_answers
from freshrun.contract.artifacts import (
    Download,
    artifact_outputs,
    artifact_paths,
    as_outputs,
    downloaded,
    downloaded_files,
    downloads,
    rehearsed_runs,
)
from freshrun.contract.bead_fields import Bead, BeadField, bead_fields
from freshrun.contract.beads import filed_as_printed, follow_up, printed_command
from freshrun.contract.branching import misleading
from freshrun.contract.checklist import Check, Promise, checklist_kept, checklist_table, nightly
from freshrun.contract.ci import own_artifacts, token_permissions, workflow_runs
from freshrun.contract.codeowners import Codeowners, Rule, read_codeowners
from freshrun.contract.content import drill_diagnostics
from freshrun.contract.defects import defect, shown_bead
from freshrun.contract.definition import program_folders
from freshrun.contract.desk import filings
from freshrun.contract.diagnostics import required_diagnostics
from freshrun.contract.drills import (
    Drill,
    DrillRun,
    drill_locations,
    drill_table,
    drilled,
    first_runs,
    ids_of,
)
from freshrun.contract.entry import entrypoint, smoke
from freshrun.contract.evidence import (
    emptied,
    named,
    named_commands,
    need,
    need_setup,
    setup,
    unmet,
    unpassed,
)
from freshrun.contract.filing import Filing, Filings, filed
from freshrun.contract.formats import exact_formats
from freshrun.contract.gate import Gate, present_gate
from freshrun.contract.locations import Found, by_location, found, id_locations, located
from freshrun.contract.namings import Failure, Naming, Namings, failures, namings
from freshrun.contract.outputs import output_files, output_folder, streams
from freshrun.contract.owners import ownership_agrees, ownership_file
from freshrun.contract.ownership_file import Apart, ClassOwners, OwnershipFile, read_ownership
from freshrun.contract.paths import Disk, FileTree, checkout, matching
from freshrun.contract.places import Stray
from freshrun.contract.plan import Plan, program_plan
from freshrun.contract.planned import faulted, planned_verdicts, seen_red
from freshrun.contract.prerequisites import Confirmation, confirmations, prerequisites_hold
from freshrun.contract.quick_start import quick_start
from freshrun.contract.readers import (
    Selected,
    Selector,
    SelectorError,
    Sighting,
    by_expression,
    by_jsonpath,
    by_xpath,
)
from freshrun.contract.reconcile import reconciled
from freshrun.contract.representative import representative
from freshrun.contract.response import first_response
from freshrun.contract.sources import repository_files
from freshrun.contract.suite_listing import Listing, suite_listing
from freshrun.contract.tables import (
    IDS,
    ArtifactPath,
    Definition,
    Entrypoint,
    FailureClass,
    Kind,
    Limitation,
    Location,
    Ownership,
    Prerequisite,
    Where,
    artifact_table,
    definitions,
    entrypoints,
    failure_contract,
    glossary,
    limitations,
    ownership,
    prerequisites,
    taxonomy,
    typed_rows,
)
from freshrun.contract.terms import (
    EntryRun,
    Terms,
    entry_runs,
    entry_terms,
    entrypoints_kept,
    silent_outputs,
)
from freshrun.contract.tree import (
    Advice,
    Branch,
    Route,
    Tree,
    advice,
    decision_tree,
    walk,
)
from freshrun.contract.trial import Bench, Prompt, aside, instead, moved, value_of
from freshrun.contract.troubleshooting import (
    Attempt,
    Symptom,
    attempts,
    gh_troubleshooting,
    symptoms,
)
from freshrun.contract.verdicts import Verdict, Verdicts, verdicts
from freshrun.contract.workarounds import (
    Extraction,
    Workaround,
    extracted,
    extractions,
    workaround_table,
)
from freshrun.contract.workflows import Upload, uploads
from freshrun.finding import Finding, Judge, Reading, did_you_mean

__all__ = [
    "IDS",
    "Advice",
    "Answer",
    "Apart",
    "ArtifactPath",
    "Attempt",
    "Bead",
    "BeadField",
    "Bench",
    "Branch",
    "Check",
    "ClassOwners",
    "Codeowners",
    "Confirmation",
    "Definition",
    "Disk",
    "Download",
    "Drill",
    "DrillRun",
    "EntryRun",
    "Entrypoint",
    "Extraction",
    "Failure",
    "FailureClass",
    "FileTree",
    "Filing",
    "Filings",
    "Finding",
    "Found",
    "Gate",
    "Judge",
    "Kind",
    "Limitation",
    "Listing",
    "Location",
    "Naming",
    "Namings",
    "Ownership",
    "OwnershipFile",
    "Plan",
    "Prerequisite",
    "Promise",
    "Prompt",
    "Reading",
    "Route",
    "Rule",
    "Selected",
    "Selector",
    "SelectorError",
    "Sighting",
    "Stray",
    "Symptom",
    "Terms",
    "Tree",
    "Upload",
    "Verdict",
    "Verdicts",
    "Where",
    "Workaround",
    "advice",
    "artifact_outputs",
    "artifact_paths",
    "artifact_table",
    "as_outputs",
    "aside",
    "attempts",
    "bead_fields",
    "by_expression",
    "by_jsonpath",
    "by_location",
    "by_xpath",
    "checklist_kept",
    "checklist_table",
    "checkout",
    "confirmations",
    "decision_tree",
    "defect",
    "definitions",
    "did_you_mean",
    "downloaded",
    "downloaded_files",
    "downloads",
    "drill_diagnostics",
    "drill_locations",
    "drill_table",
    "drilled",
    "emptied",
    "entry_runs",
    "entry_terms",
    "entrypoint",
    "entrypoints",
    "entrypoints_kept",
    "exact_formats",
    "extracted",
    "extractions",
    "failure_contract",
    "failures",
    "faulted",
    "filed",
    "filed_as_printed",
    "filings",
    "first_response",
    "first_runs",
    "follow_up",
    "found",
    "gh_troubleshooting",
    "glossary",
    "id_locations",
    "ids_of",
    "instead",
    "limitations",
    "located",
    "matching",
    "misleading",
    "moved",
    "named",
    "named_commands",
    "namings",
    "need",
    "need_setup",
    "nightly",
    "output_files",
    "output_folder",
    "own_artifacts",
    "ownership",
    "ownership_agrees",
    "ownership_file",
    "planned_verdicts",
    "prerequisites",
    "prerequisites_hold",
    "present_answers",
    "present_gate",
    "printed_command",
    "program_folders",
    "program_plan",
    "quick_start",
    "read_codeowners",
    "read_ownership",
    "reconciled",
    "rehearsed_runs",
    "repository_files",
    "representative",
    "required_diagnostics",
    "seen_red",
    "setup",
    "shown_bead",
    "silent_outputs",
    "smoke",
    "streams",
    "suite_listing",
    "symptoms",
    "taxonomy",
    "token_permissions",
    "typed_answers",
    "typed_rows",
    "unmet",
    "unpassed",
    "uploads",
    "value_of",
    "verdicts",
    "walk",
    "workaround_table",
    "workflow_runs",
]
