"""The table of rules: docs/lint.md lists it, comments and options name it, and fixes keep to it."""

import subprocess
import sys
from pathlib import Path

import pytest

from freshrun.document.reading import read
from freshrun.lint.files import lint_files, mend
from freshrun.lint.fixing import difference, fixed
from freshrun.lint.flaw import Edit, Flaw
from freshrun.lint.rules import RULES, chosen
from freshrun.model.errors import DocumentError, FreshrunError

ROOT = Path(__file__).resolve().parents[2]


def found(text: str, folder: Path, **asked: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Return rule, line and column of each finding of a text."""
    path = folder / "a.md"
    path.write_text(text, encoding="utf-8")
    (linted,) = lint_files([str(path)], rules=chosen(**asked))
    return [(flaw.rule, flaw.line, flaw.column) for flaw in linted.flaws]


def test_the_page_lists_the_rules() -> None:
    """Each with its weight, whether `--fix` mends it, and its sentence, in the table's order."""
    (table,) = read(ROOT / "docs" / "lint.md").section("The rules").tables
    rows = [
        (rule.id, rule.severity.value, "yes" if rule.fixable else "no", rule.says)
        for rule in RULES.values()
    ]
    assert [tuple(row.cells.values()) for row in table.rows] == rows


WAITS = "```bash\nread -r NAME\n  tail -f log\n```\n"
TWO = [("waits-for-answer", 2, 1), ("endless", 3, 3)]


def test_a_finding_has_its_place_and_its_rule(tmp_path: Path) -> None:
    """As editors make a link of it."""
    assert found(WAITS, tmp_path) == TWO
    (linted,) = lint_files([str(tmp_path / "a.md")])
    assert str(linted.flaws[1]).startswith(f"{tmp_path / 'a.md'}:3:3: `tail` goes on")
    assert str(linted.flaws[1]).endswith(" [endless]")


def test_rules_are_selected_and_ignored(tmp_path: Path) -> None:
    """By name; a wrong name says which was meant."""
    assert found(WAITS, tmp_path, select=("endless",)) == TWO[1:]
    assert found(WAITS, tmp_path, ignore=("endless",)) == TWO[:1]
    assert found(WAITS, tmp_path, select=("endless",), ignore=("endless",)) == []
    with pytest.raises(FreshrunError, match='"endles" is no rule of lint; did you mean "endless"'):
        chosen(select=["endles"])
    with pytest.raises(FreshrunError, match="lists them: unreadable, dead-link"):
        chosen(ignore=["E501"])


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("<!-- freshrun: ignore[endless] -->", TWO[:1]),
        ("<!-- # freshrun: ignore[endless, waits-for-answer] -->", []),
        ("<!-- freshrun: ignore[endless] -->\n<!-- freshrun: ignore[waits-for-answer] -->", []),
        ("<!-- freshrun: ignore[endless] -->\n", TWO[:1]),
        ("<!-- freshrun: ignore[fixed-sleep] -->", TWO),
        ("<!-- freshrun: ignore[] -->", TWO),
        ("<!-- ignore[endless] -->", TWO),
        ("<!-- freshrun: ignore[endless] -->\n\nSome words.\n", TWO),
        ("Words. <!-- freshrun: ignore[endless] -->", TWO),
        ("```text\n<!-- freshrun: ignore[endless] -->\n```\n", TWO),
        ("Write `<!-- freshrun: ignore[endless] -->` above it:", TWO),
    ],
)
def test_a_comment_switches_a_rule_off_in_what_follows_it(
    comment: str, left: list[tuple[str, int, int]], tmp_path: Path
) -> None:
    """In the block or paragraph below, and nowhere else; what stands in code is no comment."""
    above = comment.count("\n") + 1
    moved = [(rule, line + above, column) for rule, line, column in left]
    assert found(f"{comment}\n{WAITS}", tmp_path) == moved


def test_a_comment_in_a_line_is_about_that_line(tmp_path: Path) -> None:
    """A link that is meant to lead nowhere, for example."""
    text = "[a](gone.md) <!-- freshrun: ignore[dead-link] -->\n[b](gone.md)\n"
    assert found(text, tmp_path) == [("dead-link", 2, 5)]


def test_a_comment_that_names_no_rule_is_a_finding(tmp_path: Path) -> None:
    """Else its author would trust it."""
    assert found("<!-- freshrun: ignore[endles] -->\n", tmp_path) == [("unknown-rule", 1, 23)]
    assert found("<!-- freshrun: ignore[endless] -->\n", tmp_path) == []


def test_a_line_that_can_not_be_read_is_a_finding_of_it(tmp_path: Path) -> None:
    """A file that is not there, or is no text, is none: nothing was linted."""
    strict = "---\nfreshrun: {}\n---\n\n```bash timeuot=5m\ntrue\n```\n"
    assert found(strict, tmp_path)[0][:2] == ("unreadable", 5)
    with pytest.raises(DocumentError, match="no such file"):
        list(lint_files([str(tmp_path / "gone.md")]))


def test_a_folder_stands_for_its_documents(tmp_path: Path) -> None:
    """Those that git has, wherever the folder lies in the repository."""
    for name in ("a.md", "docs/b.md", "docs/deep/c.mdx", "docs/d.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(WAITS, encoding="utf-8")
    for arguments in (("init", "--quiet"), ("add", ".")):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    linted = list(lint_files([str(tmp_path / "docs")]))
    names = sorted(str(Path(each.path).relative_to(tmp_path)) for each in linted)
    assert names == ["docs/b.md", "docs/deep/c.mdx"]


def flaw(*edits: Edit) -> Flaw:
    """Return a finding with these edits."""
    return Flaw("a.md", 1, "x", edits=edits)


def test_a_mended_text_changes_nothing_else() -> None:
    """Whatever ends its lines; of two edits that meet, the first is made."""
    text = "one\r\ntwo two\rthree\n\nfive"
    edits = [Edit(2, 4, 7, "2"), Edit(2, 0, 3, "1"), Edit(5, 4, 4, "!"), Edit(2, 2, 5, "no")]
    after = fixed(text, [flaw(edits[0]), flaw(*edits[1:])])
    assert after == "one\r\n1 2\rthree\n\nfive!"
    assert fixed(text, []) == text
    assert fixed(text, [flaw(edits[0]), flaw(edits[0])]) == "one\r\ntwo 2\rthree\n\nfive"


def test_the_difference_is_a_patch() -> None:
    """Also where the last line has no end."""
    assert difference("a\nb\n", "a\nc\n", name="x.md").splitlines()[-2:] == ["-b", "+c"]
    assert difference("a\nb", "a\nc", name="x.md").splitlines()[-2:] == ["-b", "+c"]
    assert difference("a\n", "a\n", name="x.md") == ""


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_fixing_writes_the_file(mark: str, end: str, tmp_path: Path) -> None:
    """With its byte order mark and the ends of its lines, and nothing is left to mend."""
    path = tmp_path / "a.md"
    text = end.join([f"{mark}```bash", "FOO = 1", "echo \u201ca\u201d", "```", ""])
    path.write_bytes(text.encode())
    (linted,) = lint_files([str(path)])
    assert "-FOO = 1" in linted.change
    assert path.read_bytes() == text.encode()
    assert mend(linted).change == ""
    assert (
        path.read_bytes() == end.join([f"{mark}```bash", "FOO=1", 'echo "a"', "```", ""]).encode()
    )


def freshrun(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder."""
    program = Path(sys.executable).with_name("freshrun")
    return subprocess.run(
        [program, *words], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_options_of_the_command_line(tmp_path: Path) -> None:
    """Rules, forms and the difference; a wrong word of each is misuse."""
    (tmp_path / "a.md").write_text(WAITS, encoding="utf-8")
    lint = ("lint", "a.md")
    told = freshrun(*lint, "--ignore", "endless", folder=tmp_path)
    assert (told.returncode, told.stdout.count("\n")) == (1, 2)
    assert told.stdout.startswith("a.md:2:1: `read -r` waits for an answer;")
    assert freshrun(*lint, "--select", "dead-link", folder=tmp_path).returncode == 0
    assert freshrun(*lint, "--format", "json", folder=tmp_path).stdout.startswith("{")
    for wrong in (("--format", "xml"), ("--select", "nosuch")):
        refused = freshrun(*lint, *wrong, folder=tmp_path)
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)


def test_a_rehearsal_is_told_first_what_can_not_work(tmp_path: Path) -> None:
    """Its errors alone, on stderr, before an engine is asked for; it stops nothing."""
    text = WAITS + "".join(f"```bash\nFOO{n} = bar\n```\n" for n in range(12))
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    told = freshrun("a.md", "--image", "no such image:", folder=tmp_path)
    assert told.returncode == 2
    lines = told.stderr.splitlines()
    assert [line.rpartition(" ")[2] for line in lines[:10]] == ["[blank-around-equals]"] * 10
    assert lines[10] == "and 2 more: freshrun lint a.md"
    assert "no such image" in told.stderr.partition(lines[10])[2]
    (tmp_path / "a.md").write_text(WAITS, encoding="utf-8")
    again = freshrun("a.md", "--image", "no such image:", folder=tmp_path)
    assert "[endless]" not in again.stderr
