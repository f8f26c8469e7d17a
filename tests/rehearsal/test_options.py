"""One table of options, and every front door has them from it: each row is walked through each."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from invoke.parser import Parser

import freshrun
from freshrun.document.reading import read
from freshrun.model.errors import FreshrunError
from freshrun.plugin import DASHES, spelled
from freshrun.plugin.named import choices_of
from freshrun.rehearsal.options import TABLE, Choices, Option, chosen
from freshrun.tasks import ns, refusal
from freshrun.tasks.elsewhere import cluster_of

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(sys.executable).parent
EACH = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
WORDED = [row for row in TABLE if row.words]
OURS = [row for row in TABLE if not row.pytest]
PASSING = "# Title\n\n```bash\necho one\n```\n"


def flag(row: Option) -> str:
    """Return what a person types to say the opposite of what is usual, or a value."""
    if len(row.name) == 1:
        return f"-{row.name}"
    return f"--no-{row.name}" if row.usual is True else f"--{row.name}"


def value(row: Option) -> str | bool:
    """Return what is given: nothing that is usual."""
    return (row.words[-1] if row.words else "given") if row.value else not row.usual


def expected(row: Option) -> Choices:
    """Return the choices of a caller who says that one thing."""
    return chosen(**{row.field: value(row)})


def typed(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Type a command of this environment."""
    argv = [str(SCRIPTS / words[0]), *words[1:]]
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)


def test_the_table_says_enough_of_each() -> None:
    """A name, a sentence without a dot, and each word that may be given."""
    assert len(TABLE) > 15
    for row in TABLE:
        assert row.help
        assert not row.help.endswith(".")
        assert all(f"`{word}`" in row.help for word in row.words)
        assert row.value.isupper() == isinstance(row.usual, str)


@EACH
def test_invoke_hands_it_on(row: Option) -> None:
    """As it was typed, to the one place where choices are made."""
    words = [flag(row)] + ([str(value(row))] if row.value else [])
    (called,) = Parser(contexts=ns.to_contexts()).parse_argv(["validate-runbook", *words])
    given = called.as_kwargs
    assert given.pop("runbook") == []
    assert [given.pop(name) for name in ("workers", "shard", "earlier")] == ["", "", ""]
    assert given.pop("watch") is False
    assert cluster_of(given, workers=None) is None
    for several in (one for one in TABLE if one.several):
        said = given.pop(several.field)
        assert said == ([value(row)] if several is row else [])
        given[several.field] = said[0] if said else ""
    assert chosen(**given) == expected(row)


def test_pytest_takes_one_of_what_may_be_several(tmp_path: Path) -> None:
    """It says who takes more: of two, one would be left out in silence."""
    (tmp_path / "a.md").write_text(PASSING)
    words = ("--freshrun-image=x", "--freshrun-image=y")
    done = typed("pytest", "a.md", *words, cwd=tmp_path)
    assert done.returncode == 4
    assert "`freshrun FILE --image x --image y` takes several" in done.stderr


class Seen:
    """Keeps what a pytest's command line says."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self.choices: list[Choices] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> Generator[None, object, object]:
        """Keep what was chosen, whatever comes of it."""
        self.choices.append(choices_of(config))
        return (yield)


@pytest.mark.parametrize("row", OURS, ids=lambda row: row.name)
def test_pytest_hands_it_on(row: Option, tmp_path: Path) -> None:
    """The checklist is asked for there, where it is not left out; nothing else is."""
    seen, given = Seen(), spelled(row)
    assert given == f"{DASHES}{row.name}"
    words = f"{given}={value(row)}" if row.value else given
    pytest.main([words, "-pno:cacheprovider", str(tmp_path)], plugins=[seen])
    told = chosen() if row.name == "checklist" else replace(expected(row), checklist=False)
    assert seen.choices == [told]


def test_pytest_has_the_others_itself(tmp_path: Path) -> None:
    """And no second one by our name."""
    told = typed("pytest", "--help", cwd=tmp_path).stdout
    theirs = [row for row in TABLE if row.pytest]
    assert [row.name for row in theirs] == ["k"]
    for row in theirs:
        assert re.search(rf"^  {row.pytest}[ =]", told, re.MULTILINE)
        assert not re.search(rf"{DASHES}{row.name}\b(?!-)", told)


@EACH
def test_python_takes_it_by_keyword(
    row: Option, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is understood; the document is what lacks here."""
    monkeypatch.chdir(tmp_path)
    assert inspect.signature(freshrun.rehearse).parameters[row.field].default == row.usual
    with pytest.raises(FreshrunError, match=r"no\.md: there is no such file"):
        freshrun.rehearse("no.md", **{row.field: value(row)})  # type: ignore[arg-type]  # any of them


def test_python_takes_nothing_else() -> None:
    """A name that is no option is a mistake of the program, before anything begins."""
    with pytest.raises(TypeError, match="imagee"):
        freshrun.rehearse("no.md", imagee="x")  # type: ignore[call-arg]  # that is the point
    parameters = [*inspect.signature(freshrun.rehearse).parameters]
    assert parameters == ["path", *(row.field for row in TABLE)]


@pytest.mark.parametrize("words", [("freshrun",), ("invoke", "--search-root", str(ROOT))])
def test_the_help_of_the_task_has_the_table(words: tuple[str, ...], tmp_path: Path) -> None:
    """Each option with its meaning, and no letter that invoke gave away."""
    told = typed(*words, "validate-runbook", "--help", cwd=tmp_path).stdout
    plain = " ".join(told.split())
    for row in TABLE:
        taken = "=STRING" if row.value and not row.several else ""
        name = f"-{row.name} STRING" if len(row.name) == 1 else f"--{row.name}{taken}"
        name = f"--[no-]{row.name}" if row.usual is True else name
        assert f" {name} {row.help}" in plain
    assert re.findall(r"^ +(-\w)\b", told, re.MULTILINE) == ["-k"]


def test_the_help_of_pytest_has_the_table(tmp_path: Path) -> None:
    """With the same words."""
    plain = " ".join(typed("pytest", "--help", cwd=tmp_path).stdout.split())
    for row in (row for row in TABLE if not row.pytest):
        taken = f"={row.value}" if row.value else ""
        assert f"{spelled(row)}{taken} {row.help}" in plain


def test_the_readme_has_the_table() -> None:
    """Row by row, in the same order and words."""
    (table,) = read(ROOT / "README.md").section("Options of a rehearsal").tables
    for row, shown in zip(TABLE, table.rows, strict=True):
        dashes = "-" if len(row.name) == 1 else "--[no-]" if row.usual is True else "--"
        assert shown["option of a rehearsal"] == f"{dashes}{row.name} {row.value}".strip()
        assert shown["meaning"] == row.help


@pytest.mark.parametrize("letter", sorted("abdegijlmnoprstuwx"))
def test_no_letter_stands_for_an_option(letter: str) -> None:
    """Of what letters were left `-n` installed an engine, and `-p` rewrote the document."""
    assert refusal(f"freshrun validate-runbook -{letter}")
    assert refusal(f"freshrun engine -{letter}")


@pytest.mark.parametrize("row", WORDED, ids=lambda row: row.name)
@pytest.mark.parametrize("door", ["freshrun", "invoke", "pytest", "python"])
def test_a_word_that_it_does_not_know_is_one_line(row: Option, door: str, tmp_path: Path) -> None:
    """Exit code 2 (pytest's own for a wrong command line is 4), with the words that are right."""
    (tmp_path / "a.md").write_text(PASSING)
    script = f"import freshrun; freshrun.rehearse('a.md', {row.field}='nonsense')"
    words, code, name = {
        "freshrun": (("validate-runbook", "--runbook=a.md"), 2, f"--{row.name}"),
        "invoke": (("validate-runbook", "--runbook=a.md"), 2, f"--{row.name}"),
        "pytest": (("a.md",), 4, spelled(row)),
        "python": (("-c", script), 1, row.name),
    }[door]
    given = () if door == "python" else (f"{name}=nonsense",)
    if door == "invoke":
        (tmp_path / "tasks.py").write_text("from freshrun.tasks import ns\n")
    done = typed(door, *words, *given, cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    last = [line for line in done.stderr.splitlines() if line][-1]
    assert last.endswith(f"{name} nonsense: {' or '.join(row.words)} is right")
    if door != "python":
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "runbook/README.md"])
def test_what_the_documents_type_is_understood(name: str) -> None:
    """Every command of ours that stands in a document for people."""
    text = (ROOT / name).read_text("utf-8")
    lines = re.findall(r"^\$ (?:pip .*&& )?((?:freshrun|invoke) .*)$", text, re.MULTILINE)
    spans = re.findall(r"`((?:freshrun|invoke) [^`]+)`", text)
    ours = [one for each in (*lines, *spans) for one in each.split(" && ")]
    assert ours
    for command in ours:
        if command.split()[1] not in {"test", "bench", "--list"}:
            assert refusal(command) == "", command


def test_what_our_messages_advise_is_there() -> None:
    """What a person is told to add or to leave out can be."""
    flags = {name for one in ns.to_contexts() for name in (*one.flags, *one.inverse_flags)}
    advice = re.compile(r"(?:\b(?:add|use|leave|with(?:out)?) |\()(--[a-z][a-z-]+)", re.IGNORECASE)
    found = 0
    for room in ("machine", "host", "scaffold", "report", "rehearsal", "plugin"):
        for path in sorted((ROOT / "src" / "freshrun" / room).rglob("*.py")):
            tree = ast.walk(ast.parse(path.read_text("utf-8")))
            texts = [node.value for node in tree if isinstance(node, ast.Constant)]
            told = [name for text in texts for name in advice.findall(str(text))]
            found += len(told)
            assert not set(told) - flags, path
    assert found > 3


MISUSED = {
    "validate-runbook --keep-goin": '"--keep-goin"; did you mean "--keep-going"?',
    "validate-runbook --no-checklst": '"--no-checklst"; did you mean "--no-checklist"?',
    "validate-runbook --nope": '"--nope"; `freshrun validate-runbook --help` lists them',
    "validate-runbook --json": "validate-runbook: --json needs a value",
    "lint-runbok": 'neither a task nor a document; did you mean "lint-runbook"?',
    "engine a.md": 'engine takes no "a.md"',
    "--nope": 'unknown option "--nope"; `freshrun validate-runbook --help` lists them',
    "record-run": "record-run RUN-ID",
}


@pytest.mark.parametrize("line", MISUSED)
def test_a_misused_command_line_is_one_line_and_two(line: str, tmp_path: Path) -> None:
    """1 says that a runbook failed; the line names what was typed and what is near it."""
    done = typed("freshrun", *line.split(), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (told,) = done.stderr.splitlines()
    assert MISUSED[line] in told


@pytest.mark.parametrize("line", ["validate-runbook --nope", "validate-runbok"])
def test_invoke_itself_ends_with_its_own_code(line: str) -> None:
    """It reads the words before anything of ours is asked; the README says so."""
    done = typed("invoke", *line.split(), cwd=ROOT)
    assert done.returncode == 1
    told = (ROOT / "README.md").read_text("utf-8")
    assert "`invoke` itself ends with 1" in " ".join(told.split())
