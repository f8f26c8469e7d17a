from .inner import opening
from .question import awaited_end, took_screen, unanswered
from .session import Policy, Session
from .start import Start

__all__ = ["Policy", "Session", "Start", "awaited_end", "opening", "took_screen", "unanswered"]
