from .saves import rehearse_on_save

__all__ = ["rehearse_on_save"]
