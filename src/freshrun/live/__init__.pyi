from .show import Ahead, Show, show_on

__all__ = ["Ahead", "Show", "show_on"]
