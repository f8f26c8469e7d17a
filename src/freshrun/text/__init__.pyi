from .expression import Expression
from .screen import SEQUENCE, jumps, moves, rendered, shown

__all__ = ["SEQUENCE", "Expression", "jumps", "moves", "rendered", "shown"]
