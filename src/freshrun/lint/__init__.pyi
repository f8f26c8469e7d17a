from .environment_contract import environment
from .files import lint_files, mend
from .flaw import Edit, Flaw
from .linting import lint
from .pages import dead_links, discoverable, documents
from .rules import RULES, Rule, Severity, chosen

__all__ = [
    "RULES",
    "Edit",
    "Flaw",
    "Rule",
    "Severity",
    "chosen",
    "dead_links",
    "discoverable",
    "documents",
    "environment",
    "lint",
    "lint_files",
    "mend",
]
