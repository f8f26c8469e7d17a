"""Tables of cases that stand in files of their own, beside the tests that they are for.

Such a file is a list in YAML. Each case is a map: `id`, its name in pytest's reports, and a value
for each argument of the test, under the argument's name. The comment at its top says what each
means. What has another shape is refused while the tests are collected.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
import yaml

_Value = TypeVar("_Value")


def cases(path: Path, **read: Callable[[_Value], object]) -> pytest.MarkDecorator:
    """Return the mark that runs a test for each case of a file.

    What YAML has no word for, a keyword makes: `cause=Cause` reads the values of `cause`.
    """
    table = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    names = list(table[0])
    odd = [case for case in table if list(case) != names]
    if names[0] != "id" or odd:
        raise ValueError(f"{path}: each case has id and arguments, here {names}: {odd[:1]}")
    ids = [case.pop("id") for case in table]
    if repeated := {each for each in ids if ids.count(each) > 1}:
        raise ValueError(f"{path}: two cases have one id: {repeated}")
    values = [[read[n](v) if n in read else v for n, v in case.items()] for case in table]
    return pytest.mark.parametrize(names[1:], values, ids=ids)
