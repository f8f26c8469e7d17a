from .expression import Expression
from .painting import painted
from .screen import SEQUENCE, jumps, moves, rendered, shown

__all__ = ["SEQUENCE", "Expression", "jumps", "moves", "painted", "rendered", "shown"]
