from .alternatives import cloned, installed, is_one_way, manager, one_way
from .deciding import diagnose
from .hidden import hidden_failure
from .timeouts import INTERACTIVE

__all__ = [
    "INTERACTIVE",
    "cloned",
    "diagnose",
    "hidden_failure",
    "installed",
    "is_one_way",
    "manager",
    "one_way",
]
