from .show import Show, show_on

__all__ = ["Show", "show_on"]
