"""The tasks that `invoke` and the program `freshrun` expose.

Another project's `tasks.py` needs one line: `from freshrun.tasks import ns`.
"""

from freshrun.tasks.collection import forms, ns, refusal
from freshrun.tasks.front_door import program

__all__ = ["forms", "ns", "program", "refusal"]
