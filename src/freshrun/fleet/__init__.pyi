from .rehearsing import rehearse_each
from .unit import Begun, Unit, units_of
from .workers import asked_workers

__all__ = ["Begun", "Unit", "asked_workers", "rehearse_each", "units_of"]
