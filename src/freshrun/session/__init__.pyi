from .question import took_screen, unanswered
from .session import Policy, Session
from .start import Start

__all__ = ["Policy", "Session", "Start", "took_screen", "unanswered"]
