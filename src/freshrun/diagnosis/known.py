"""All signs, in the order in which a line is held against them."""

from freshrun.diagnosis.case import Case
from freshrun.diagnosis.cause import Diagnosis
from freshrun.diagnosis.general import GENERAL
from freshrun.diagnosis.operators import DECIDING, OPERATORS
from freshrun.diagnosis.programs import PROGRAMS, VERSIONS
from freshrun.diagnosis.signs import by_signs
from freshrun.diagnosis.specific import DECISIVE, SPECIFIC

ALWAYS = (*DECISIVE, *DECIDING, *VERSIONS)
"""Signs that decide wherever they stand in the output, whatever is printed after them."""
KNOWN = (*OPERATORS, *PROGRAMS, *SPECIFIC, *GENERAL)
"""Signs of which the one nearest to the end decides."""


def any_sign(case: Case) -> Diagnosis | None:
    """Return what the line nearest to the end shows that is a sign of anything."""
    return by_signs(case, (*ALWAYS, *KNOWN))
