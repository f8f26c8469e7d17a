from .alternatives import cloned, installed, is_one_way, manager, one_way
from .characters import Slip, blanks_after_backslash, html_entities, stray_characters, unquoted
from .deciding import diagnose
from .hidden import hidden_failure
from .timeouts import INTERACTIVE

__all__ = [
    "INTERACTIVE",
    "Slip",
    "blanks_after_backslash",
    "cloned",
    "diagnose",
    "hidden_failure",
    "html_entities",
    "installed",
    "is_one_way",
    "manager",
    "one_way",
    "stray_characters",
    "unquoted",
]
