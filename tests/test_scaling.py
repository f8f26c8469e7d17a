"""No text makes the harness hang, and the work for none grows faster than the text itself."""

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from scaling import assert_linear

from freshrun.checklist.readers import by_expression
from freshrun.diagnosis.deciding import diagnose
from freshrun.document import links, parse, read
from freshrun.document.promise import mismatch
from freshrun.document.yaml_tree import read_yaml
from freshrun.github.codeowners import read_codeowners
from freshrun.github.workflows import uploads
from freshrun.lint.linting import lint
from freshrun.model.errors import DocumentError, FreshrunError
from freshrun.model.outcome import Outcome, Output, Status
from freshrun.model.runbook import Command, Runbook
from freshrun.session.question import unanswered
from freshrun.shell.flow import Shell, typed
from freshrun.shell.script import statements
from freshrun.shell.variables import events
from freshrun.text.expression import Expression

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
    **{f"tag {unit}": repeated(unit, before="<div>\n") for unit in ("<pre ", "<code lang-sh ")},
    "raw fences": repeated("```sh\na\n", before="<div>\n"),
    "one heading": repeated("# a\n"),
    "`a``b```c": repeated("`a``b```c "),
}


@pytest.mark.parametrize("text", MARKUP.values(), ids=map(repr, MARKUP))
def test_links_are_found_in_linear_time(text: Text) -> None:
    """Markup that is opened again and again and closed nowhere is read once."""
    assert_linear(text, links.page)


CONTAINERS = {
    **{repr(unit): repeated(unit) for unit in ("!!! a\n", "!!! a\n    b\n", "{/*\n", "    ")},
    **{
        repr(unit): numbered(unit)
        for unit in (
            '=== "@"\n    ```sh\n    a\n    ```\n',
            '=== "@"\n    ```sh\n    a\n    ```\nb\n',
        )
    },
    "prompts": repeated("a@b:~$ x\n", before="```\n"),
    "marks of root": repeated("# rm /x\n", before="```console\n$ a\n"),
    "one line": repeated("a.-", before="```console\n", after="@"),
}


@pytest.mark.parametrize(
    "text", [*MARKUP.values(), *CONTAINERS.values()], ids=[*map(repr, MARKUP), *CONTAINERS]
)
def test_a_document_is_read_in_linear_time(text: Text) -> None:
    """Containers of site builders, prompts, and shell in HTML, opened again and again."""
    assert_linear(text, lambda made: parse(made, path="a.mdx"))


# --- shell text ---


def linted(folder: Path) -> Callable[[str], object]:
    """Return what reads a document and looks for what is wrong with it."""

    def do(text: str) -> object:
        path = folder / "runbook.md"
        path.write_text(text)
        return lint(read(path), folder)

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


# --- promised outputs ---

PROMISES: dict[str, Callable[[int], tuple[str, str]]] = {
    "`...` in a line": lambda size: ("a...a" * (size // 5) + "b", "a" * size),
    "captures": lambda size: ("".join(f"<a{n}>a" for n in range(size // 100)) + "b", "a" * size),
    "captures and one that comes again": lambda size: (
        "".join(f"<a{n}>a" for n in range(size // 100)) + "<a1>b",
        "a" * size,
    ),
    "a capture that comes again": lambda size: ("<a>x<a>x<b>x<b>z", "x" * size),
    "captures side by side": lambda size: ("<a><b><a><b><c><c>z", "x" * min(size, 40_000)),
    "lines of `...`": lambda size: ("...\na\n" * (size // 6) + "b", "a\n" * (size // 2)),
    "one line of `...`": lambda size: ("...\n" + "a\n" * (size // 4) + "b", "a\n" * (size // 2)),
    "captures in lines": lambda size: ("...\n" + "<a>\n" * (size // 8) + "b", "a\n" * (size // 2)),
    "new captures in lines": lambda size: (
        "\n".join(f"<a{n}>" for n in range(size // 8)),
        "a\n" * (size // 8) + "b",
    ),
    "other lines": lambda size: (
        "\n".join(f"a{n}" for n in range(size // 8)),
        "\n".join(f"b{n}" for n in range(size // 8)),
    ),
    "lines in turn": lambda size: ("a\nb\n" * (size // 8) + "c", "b\na\n" * (size // 8)),
    "more of one line": lambda size: ("a\n" * (size // 4) + "c", "a\n" * (size // 4) + "b\n" * 9),
}


@pytest.mark.parametrize("make", PROMISES.values(), ids=PROMISES)
def test_an_output_is_held_against_its_promise_in_linear_time(
    make: Callable[[int], tuple[str, str]],
) -> None:
    """Whatever is promised and whatever is printed, wildcards and captures included."""
    assert_linear(make, lambda both: mismatch(both[0], (both[1],), file="a.md", line=1))


def test_the_diff_of_long_texts_is_one_that_patch_takes(tmp_path: Path) -> None:
    """Where nearly every line differs, all of them are replaced; what is around is left alone."""
    old = ["same", *(f"a{n}" for n in range(900)), "end"]
    new = ["same", *(f"b{n}" for n in range(800)), "end"]
    document = tmp_path / "a.md"
    document.write_text("\n".join(["# Title", *old]) + "\n")
    diff = mismatch("\n".join(old), ("\n".join(new),), file="a.md", line=2)
    patch = ("patch", "--batch", "--strip=0")
    subprocess.run(patch, input=f"{diff}\n", text=True, check=True, cwd=tmp_path)
    assert document.read_text() == "\n".join(["# Title", *new]) + "\n"


# --- regular expressions of a document ---


def test_an_expression_that_never_ends_is_refused() -> None:
    """One line says so, within seconds."""
    endless = Expression("(a|a)+$")
    for search in (endless.search, endless.fullmatch):
        with pytest.raises(FreshrunError, match=r"takes more than 2 s for 101 characters; repeat"):
            search("a" * 100 + "!")


def test_a_selector_that_never_ends_is_a_fault_of_its_row() -> None:
    """The other rows of the table are read."""
    selected = by_expression("((?:a|a)+)$")(b"a" * 100 + b"!")
    assert "takes more than 2 s" in selected.fault


# --- YAML, workflows and owners ---


def test_aliases_that_multiply_are_refused() -> None:
    """A billion laughs are one line of a finding."""
    lines = [
        "a0: &a0 {k: x}",
        *(f"a{n}: &a{n} {{x: *a{n - 1}, y: *a{n - 1}}}" for n in range(1, 64)),
    ]
    (finding,) = read_yaml("\n".join(lines).encode(), path="a.yml").findings
    assert "its aliases make more than 1,000,000 nodes of it" in finding.message


YAML: dict[str, Text] = {
    "aliases": lambda size: (
        "x: &x {"
        + ",".join(f"k{n}: v" for n in range(size // 20))
        + "}\n"
        + "".join(f"y{n}: *x\n" for n in range(size // 20))
    ),
    "keys": numbered("k@: v\n"),
    "one key": repeated("a: b\n"),
    "lists": repeated("[a,"),
    "a list": repeated("a,", before="[", after="]"),
}


@pytest.mark.parametrize("text", YAML.values(), ids=YAML)
def test_yaml_is_read_in_linear_time(text: Text) -> None:
    """Or refused, where it is nested deeper than anybody writes."""
    assert_linear(text, lambda made: read_yaml(made.encode(), path="a.yml"))


WORKFLOW = """\
jobs:
  test:
    strategy:
      matrix: {{{axes}}}
    steps:
      - uses: actions/upload-artifact@v4
        with: {{name: "{name}", path: {path}}}
"""


def test_a_matrix_of_millions_is_refused() -> None:
    """GitHub runs 256 jobs of a matrix; 5^12 are not even written down."""
    axes = ", ".join(f"a{n}: [1, 2, 3, 4, 5]" for n in range(12))
    text = WORKFLOW.format(axes=axes, name="x", path="y")
    (finding,) = uploads(text.encode(), path="ci.yml").findings
    assert finding.message == "a matrix of 244,140,625 jobs; GitHub runs 256 at most"


@pytest.mark.parametrize("unit", ["${{ ", "${{", " ", "a", "}} "])
def test_names_of_artifacts_are_written_out_in_linear_time(unit: str) -> None:
    """An expression that is not closed is no expression."""

    def make(size: int) -> bytes:
        many = unit * (size // len(unit))
        name, path = f"${{{{{many}", f"'{many}/{many}*'"
        return WORKFLOW.format(axes="a: [1]", name=name, path=path).encode()

    assert_linear(make, lambda text: uploads(text, path="ci.yml"))


@pytest.mark.parametrize(
    "pattern", ["*a" * 100 + "b", "**/a/" * 100 + "b", "?*" * 100 + "b", "/a/**/b*/**/d"]
)
def test_owners_are_found_in_linear_time(pattern: str) -> None:
    """A pattern of a hundred stars is no reason to try a hundred ways."""
    rules = read_codeowners({"CODEOWNERS": f"{pattern} @team\n".encode()}).known
    assert_linear(lambda size: "a/" * (size // 4) + "a" * (size // 2), rules.rule)


# --- what a command asks ---


@pytest.mark.parametrize("unit", ["Password", "[Y/n", "Enter ", ": ", "Press enter", "[y/", "a"])
def test_a_question_is_found_in_linear_time(unit: str) -> None:
    """In a last line of any length."""
    assert_linear(repeated(unit, after="x"), lambda text: unanswered(Output(text.encode())))


@pytest.mark.parametrize(
    "option", ["timeout=99999999999h", f"timeout={'9' * 400}s", "band=0s..9999h"]
)
def test_a_time_that_nobody_waits_is_refused(option: str) -> None:
    """It would be infinite, which no record can hold."""
    with pytest.raises(DocumentError, match="longer than anybody waits"):
        parse(f"---\nfreshrun: {{}}\n---\n```bash {option}\ntrue\n```\n", path="a.md")


# --- why a command failed ---

PRINTED = (
    *("a", "1", "'", "-", "?", "<a", "[Y/n", "\x1b[", ": ", "bash: a: command not found\n"),
    *("a: No such file or directory\n", "/", "Password: ", "requires ", "port 1 ", " "),
)
"""What makes a line hard to read, or every line a sign of something."""


@pytest.mark.parametrize("unit", PRINTED)
def test_any_output_of_a_failed_command_is_diagnosed_within_seconds(unit: str) -> None:
    """However long its lines are, and however many there are."""
    printed = (unit * (2_000 // len(unit)) + "\n").encode() * 60
    commands = parse("```bash\necho a\nfalse\n```\n", path="a.md")
    begin = time.process_time()
    found = diagnose(failed(commands.commands[-1], printed), commands)
    assert found.hint
    assert time.process_time() - begin < 5


TYPED = (
    *("a", "a ", "'a ", "<a> ", "kill 1 ", "git clone ", "apt install ", "tail -", "while sleep "),
    *("curl a | ", "sudo -a ", "a-", "a1", "1.", "/bin/", "example.", "${a?} ", "$A ", "%A", "\n"),
)
"""What makes a command hard to read for what looks for placeholders, installers and values."""


@pytest.mark.parametrize("unit", TYPED)
def test_any_command_that_failed_is_diagnosed_in_linear_time(unit: str) -> None:
    """Its own text, and the same text in a block before it and in the prose."""

    def made(size: int) -> Runbook:
        text = unit * (size // len(unit))
        blocks = f"```bash\n{text}\n```\n{text}\n```bash\nx {text}\n```\n```bash\nfoo\n```\n"
        return parse(f"# Title\n\n{blocks}", path="a.md")

    def told(runbook: Runbook) -> None:
        for command in runbook.commands[-2:]:
            assert diagnose(
                failed(command, b"bash: x: not found\na1: No such file\n"), runbook
            ).hint

    assert_linear(made, told)


def failed(command: Command, printed: bytes) -> Outcome:
    """Return the outcome of a command that ended with 1 and printed this on both streams."""
    output = Output(printed, size=len(printed))
    return Outcome(command, Status.FAILED, exit_code=1, stdout=output, stderr=output)
