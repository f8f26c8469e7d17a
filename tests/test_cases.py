"""A table of cases that has not the shape it says is refused before a test of it runs."""

from pathlib import Path

import pytest
from cases import cases

GOOD = "- {id: one, text: a, code: 1}\n- {id: two, text: b, code: null}\n"


def test_a_case_has_its_id_and_its_values_read(tmp_path: Path) -> None:
    """The arguments are named as in the file, in its order."""
    (tmp_path / "x.yaml").write_text(GOOD, "utf-8")
    mark = cases(tmp_path / "x.yaml", text=str.upper).mark
    assert mark.args == (["text", "code"], [["A", 1], ["B", None]])
    assert mark.kwargs == {"ids": ["one", "two"]}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD.replace("two", "one"), "two cases have one id: {'one'}"),
        (GOOD.replace("code: null", "cod: null"), "each case has id and arguments"),
        (GOOD.replace(", code: 1", ""), "each case has id and arguments"),
        (GOOD.replace("id:", "name:"), "each case has id and arguments"),
    ],
)
def test_another_shape_is_refused(tmp_path: Path, wrong: str, said: str) -> None:
    """A slip of the pen is told with the file."""
    path = tmp_path / "x.yaml"
    path.write_text(wrong, "utf-8")
    with pytest.raises(ValueError, match=said) as caught:
        cases(path)
    assert str(path) in str(caught.value)


def test_every_file_of_cases_is_read_by_a_test() -> None:
    """None lies there that nobody runs."""
    tests = Path(__file__).parent
    for path in tests.glob("*/cases/*.yaml"):
        modules = (module.read_text("utf-8") for module in path.parents[1].glob("test_*.py"))
        assert any(f'CASES / "{path.name}"' in module for module in modules), path
