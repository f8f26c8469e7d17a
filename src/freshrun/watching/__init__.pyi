from .leading import lead_on_save
from .saves import rehearse_on_save

__all__ = ["lead_on_save", "rehearse_on_save"]
