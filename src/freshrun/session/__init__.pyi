from .question import took_screen, unanswered
from .session import STRICT, Policy, Session
from .terminal import Start

__all__ = ["STRICT", "Policy", "Session", "Start", "took_screen", "unanswered"]
