from .answers import typed_answers
from .artifact_origin import own_artifacts
from .artifacts import (
    Download,
    artifact_outputs,
    artifact_paths,
    as_outputs,
    downloaded,
    downloaded_files,
    downloads,
    rehearsed_runs,
    untimed,
)
from .cells import CellError, Column, as_written, listed, plain, seconds, words
from .checklist_table import ITEMS
from .ci import workflow_runs
from .confirmation import confirmations, prerequisites_hold
from .contract import Contract, SameRunbook, contract_of
from .definition import program_folders
from .entry_verdicts import entrypoints_kept
from .entrypoint_runs import EntryRun, entry_runs, silent_outputs
from .environment_table import Declared
from .evidence import named, named_commands, need, need_commands, need_setup, setup, unmet, unpassed
from .failure_contract import IDS, INVARIANT, SCENARIO, Location, Where
from .follow_ups import filed_as_printed, follow_up
from .gate import present_gate
from .json_files import json_documents
from .json_readers import by_jsonpath
from .junit import Verdict, verdicts
from .locations import by_location, found, id_locations, located
from .mentions import unknown_channels, unknown_ids, unknown_leaves, unknown_teams
from .named_failures import Failure, Naming, Namings, failures, namings
from .outputs import cut, output_files, output_folder, outputs_kept, streams
from .paths import address, checkout, matching
from .plan import (
    Demand,
    Fault,
    Invariant,
    Plan,
    PlannedClass,
    RequiredField,
    Scenario,
    program_plan,
)
from .prerequisites_table import Kind
from .readers import Keys, text_of
from .refusals import REFUSALS, Refusal
from .smoke_run import smoke
from .sources import repository_files
from .strays import Stray, Watch
from .tables import TableRow, read_table, read_table_into
from .taxonomy import Definition, FailureClass, bare, begins
from .tokens import token_permissions
from .trial import Sandbox, Shell, in_subshell, moved, retyped, value_of
from .validation import Check, checklist_kept, nightly

__all__ = [
    "IDS",
    "INVARIANT",
    "ITEMS",
    "REFUSALS",
    "SCENARIO",
    "CellError",
    "Check",
    "Column",
    "Contract",
    "Declared",
    "Definition",
    "Demand",
    "Download",
    "EntryRun",
    "Failure",
    "FailureClass",
    "Fault",
    "Invariant",
    "Keys",
    "Kind",
    "Location",
    "Naming",
    "Namings",
    "Plan",
    "PlannedClass",
    "Refusal",
    "RequiredField",
    "SameRunbook",
    "Sandbox",
    "Scenario",
    "Shell",
    "Stray",
    "TableRow",
    "Verdict",
    "Watch",
    "Where",
    "address",
    "artifact_outputs",
    "artifact_paths",
    "as_outputs",
    "as_written",
    "bare",
    "begins",
    "by_jsonpath",
    "by_location",
    "checklist_kept",
    "checkout",
    "confirmations",
    "contract_of",
    "cut",
    "downloaded",
    "downloaded_files",
    "downloads",
    "entry_runs",
    "entrypoints_kept",
    "failures",
    "filed_as_printed",
    "follow_up",
    "found",
    "id_locations",
    "in_subshell",
    "json_documents",
    "listed",
    "located",
    "matching",
    "moved",
    "named",
    "named_commands",
    "namings",
    "need",
    "need_commands",
    "need_setup",
    "nightly",
    "output_files",
    "output_folder",
    "outputs_kept",
    "own_artifacts",
    "plain",
    "prerequisites_hold",
    "present_gate",
    "program_folders",
    "program_plan",
    "read_table",
    "read_table_into",
    "rehearsed_runs",
    "repository_files",
    "retyped",
    "seconds",
    "setup",
    "silent_outputs",
    "smoke",
    "streams",
    "text_of",
    "token_permissions",
    "typed_answers",
    "unknown_channels",
    "unknown_ids",
    "unknown_leaves",
    "unknown_teams",
    "unmet",
    "unpassed",
    "untimed",
    "value_of",
    "verdicts",
    "words",
    "workflow_runs",
]
