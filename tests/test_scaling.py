"""No text makes the harness hang, and the work for none grows faster than the text itself."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from scaling import assert_linear

from freshrun import links, markdown
from freshrun.lint import lint
from freshrun.shell import Shell, events, statements, typed

Text = Callable[[int], str]


def repeated(unit: str, *, before: str = "", after: str = "") -> Text:
    """Return the maker of texts that repeat one piece."""
    return lambda size: before + unit * (size // len(unit)) + after


def numbered(unit: str, *, before: str = "", after: str = "") -> Text:
    """Return the maker of texts that repeat a piece with `@` for its number, `%` for the last."""
    width = len(unit) + 3

    def make(size: int) -> str:
        pieces = (
            unit.replace("@", str(n)).replace("%", str(n - 1)) for n in range(1, size // width)
        )
        return before + "".join(pieces) + after

    return make


def script(text: Text) -> Text:
    """Return the maker of documents with one block."""
    return lambda size: f"# Title\n\n```bash\n{text(size)}\n```\n"


# --- the tests of the helper ---


def test_work_that_is_quadratic_is_found() -> None:
    """Four times the text, sixteen times the time."""
    with pytest.raises(AssertionError, match="grows faster than the text"):
        assert_linear(lambda size: size**2 // 13, lambda steps: sum(range(steps)))


def test_what_hangs_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A regular expression that backtracks for years ends with the test."""
    monkeypatch.setattr("scaling._HANG", 0.5)
    with pytest.raises(AssertionError, match="has not ended"):
        assert_linear(lambda size: "a" * size, re.compile("(?:a+)+b").match)


# --- the links of a document ---

MARKUP = {
    **{
        unit: repeated(unit) for unit in ("[", "![[", "`", "*", "> ", "- a\n", "[a](", "a **", "&a")
    },
    **{unit: repeated(unit) for unit in ("<!-- x ", "a <!-- x ", "<!--\n", "<![CDATA[ ", "<?x ")},
    **{f"<div>{unit}": repeated(unit, before="<div>") for unit in ("<!-- x ", "</a", "<a x", "<?")},
    **{
        f"<div>{unit}": repeated(unit, before="<div>")
        for unit in ("<a x='", "<a x=\"'", "<![", "<")
    },
    **{
        f"<div>{unit}>": repeated(unit, before="<div>", after=">")
        for unit in ("<a x='", "<a ", "<!")
    },
    "quotes in turn": repeated("""<a "<a '" ' """, before="<div>"),
    "script": repeated("<script></", before="<div>"),
    "front matter": repeated("---x\n", before="---\na: b\n"),
    "one heading": repeated("# a\n"),
    "`a``b```c": repeated("`a``b```c "),
}


@pytest.mark.parametrize("text", MARKUP.values(), ids=map(repr, MARKUP))
def test_links_are_found_in_linear_time(text: Text) -> None:
    """Markup that is opened again and again and closed nowhere is read once."""
    assert_linear(text, links.page)


# --- shell text ---


def linted(folder: Path) -> Callable[[str], object]:
    """Return what reads a document and looks for what is wrong with it."""

    def do(text: str) -> object:
        path = folder / "runbook.md"
        path.write_text(text)
        return lint(markdown.read(path), folder)

    return do


COMMANDS = {
    **{unit: numbered(f"{unit}\n") for unit in ("echo a", "V@=1; echo $V% $U@", "x@=$(echo $y)")},
    **{
        unit: numbered(f"{unit}\n") for unit in ("bash -c 'echo $x'", "eval 'a=b'", "a | b", "# or")
    },
    **{
        unit: numbered(f"{unit}\n")
        for unit in ("pip install q@", "apt install p", "git clone h/r@")
    },
    **{
        unit: numbered(f"{unit}\n")
        for unit in ("echo <a>", "cat <<EOF", "cat <<E@\na\nE@", "echo )")
    },
    **{unit: numbered(f"{unit}\n") for unit in ("MY@_TOKEN=a", "echo 'a", "echo `a", "if a; then")},
    **{
        unit: numbered(f"{unit}\n")
        for unit in ("export V@=a", "f@() { f%; f%; }; f@", "trap '$b@' 0")
    },
    **{
        unit: repeated(unit, after="x")
        for unit in ("env A=b ", "sudo ", "eval ", "a & ", "echo $(")
    },
    **{
        unit: repeated(unit, after="x")
        for unit in ("A=b ", "x\n\n", "(", "cat <<'A'\n", "\\\n", "YOUR-")
    },
}


@pytest.mark.parametrize("text", COMMANDS.values(), ids=map(repr, COMMANDS))
def test_a_block_is_read_and_linted_in_linear_time(text: Text, tmp_path: Path) -> None:
    """Thousands of commands in one block, and one command of thousands of words."""
    assert_linear(script(text), linted(tmp_path))


CALLS = {
    "itself twice": "f() { f; f; echo $X; }\nf",
    "itself in a subshell": "f() { x=$(f); (f); f; }\nf",
    "itself in a script": "f() { bash -c 'f; f'; f; }\nexport -f f\nf",
    "a tower": "f0() { echo $X; }\n"
    + "".join(f"f{n}() {{ f{n - 1}; f{n - 1}; }}\n" for n in range(1, 40))
    + "f39",
}


@pytest.mark.parametrize("text", CALLS.values(), ids=CALLS)
def test_functions_that_call_one_another_are_followed_within_bounds(
    text: str, tmp_path: Path
) -> None:
    """A tower of thirty functions, each of which calls the one below twice, is 2^30 calls."""
    assert_linear(lambda _: f"```bash\n{text}\n```\n", linted(tmp_path))


def test_what_is_not_followed_may_do_anything() -> None:
    """A variable that a call beyond the bounds may have set is not told to be missing."""
    (happening,) = events([CALLS["a tower"] + "\necho $Y"])
    _, seen = typed(Shell(), happening)
    assert seen[-1].use.name == "Y"
    assert seen[-1].unknown


@pytest.mark.parametrize(
    "unit", ["a && ", "a || ", "a | ", "a &&\n", "$(", "((", "{\n", "if a\nthen "]
)
def test_a_deep_tree_costs_no_more_than_a_flat_one(unit: str) -> None:
    """The tree of 3,200 `&&` would have a gigabyte; what is that deep is left to bash."""
    assert_linear(repeated(unit, after="x"), statements)


def test_a_long_chain_is_one_command_that_bash_judges() -> None:
    """It is typed as it stands, though nobody can say what is in it."""
    text = "true && " * 3_000 + "true"
    (found,) = statements(text)
    assert (found.text, found.parses) == (text, False)


def test_bars_in_quotes_make_no_chain() -> None:
    """A table in a here-document, or in a quoted word, is a flat text."""
    text = "echo '" + "a | b " * 600 + "'\ncat <<E\n" + "| a | b |\n" * 600 + "E"
    assert all(each.parses for each in statements(text))
