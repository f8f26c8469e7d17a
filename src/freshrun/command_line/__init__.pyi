from .completion import candidates
from .words import REHEARSE, Form, understood

__all__ = ["REHEARSE", "Form", "candidates", "understood"]
