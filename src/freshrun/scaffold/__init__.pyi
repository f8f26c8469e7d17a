from .writing import next_steps, scaffold

__all__ = ["next_steps", "scaffold"]
