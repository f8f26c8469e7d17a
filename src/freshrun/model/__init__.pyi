from .errors import (
    DocumentError,
    EngineError,
    FreshrunError,
    MachineError,
    NotReachedError,
    SilentEngineError,
    internal,
)
from .finding import Finding, Judge, Reading, did_you_mean, near_or_known
from .outcome import Ending, Outcome, Output, Status
from .record import ChecklistItem, Place, Record, State, from_json, moment, to_json
from .runbook import Block, BlockKind, Command, Options, Row, Runbook, Section, Settings, Table

__all__ = [
    "Block",
    "BlockKind",
    "ChecklistItem",
    "Command",
    "DocumentError",
    "Ending",
    "EngineError",
    "Finding",
    "FreshrunError",
    "Judge",
    "MachineError",
    "NotReachedError",
    "Options",
    "Outcome",
    "Output",
    "Place",
    "Reading",
    "Record",
    "Row",
    "Runbook",
    "Section",
    "Settings",
    "SilentEngineError",
    "State",
    "Status",
    "Table",
    "did_you_mean",
    "from_json",
    "internal",
    "moment",
    "near_or_known",
    "to_json",
]
