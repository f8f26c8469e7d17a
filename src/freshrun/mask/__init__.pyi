from .masking import SHORTEST, Mask

__all__ = ["SHORTEST", "Mask"]
