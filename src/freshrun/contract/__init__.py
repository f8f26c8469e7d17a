"""What the runbook documents (its tables) held against what a record shows.

Every check is a function of values that returns its findings; none means passed. What it needs
from the machine is taken out first, by the functions that are given a `FileTree`.
"""

from freshrun.contract.artifacts import Download, artifact_paths, downloaded_files, downloads
from freshrun.contract.defects import Bead, defect, shown_bead
from freshrun.contract.entry import entrypoint, smoke
from freshrun.contract.evidence import named, named_commands, setup, unmet, unpassed
from freshrun.contract.locations import Found, found, id_locations, output_files
from freshrun.contract.paths import FileTree, checkout, matching
from freshrun.contract.readers import (
    Selected,
    Selector,
    SelectorError,
    Sighting,
    by_expression,
    by_jsonpath,
    by_xpath,
)
from freshrun.contract.tables import (
    IDS,
    ArtifactPath,
    Entrypoint,
    FailureClass,
    Location,
    Ownership,
    Where,
    artifact_table,
    entrypoints,
    failure_contract,
    glossary,
    ownership,
    taxonomy,
    typed_rows,
)
from freshrun.contract.trial import Prompt, aside, moved
from freshrun.finding import Finding, Judge, Reading, did_you_mean

__all__ = [
    "IDS",
    "ArtifactPath",
    "Bead",
    "Download",
    "Entrypoint",
    "FailureClass",
    "FileTree",
    "Finding",
    "Found",
    "Judge",
    "Location",
    "Ownership",
    "Prompt",
    "Reading",
    "Selected",
    "Selector",
    "SelectorError",
    "Sighting",
    "Where",
    "artifact_paths",
    "artifact_table",
    "aside",
    "by_expression",
    "by_jsonpath",
    "by_xpath",
    "checkout",
    "defect",
    "did_you_mean",
    "downloaded_files",
    "downloads",
    "entrypoint",
    "entrypoints",
    "failure_contract",
    "found",
    "glossary",
    "id_locations",
    "matching",
    "moved",
    "named",
    "named_commands",
    "output_files",
    "ownership",
    "setup",
    "shown_bead",
    "smoke",
    "taxonomy",
    "typed_rows",
    "unmet",
    "unpassed",
]
