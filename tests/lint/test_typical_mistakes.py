"""Typical mistakes of documents, each found by its rule at its place; and what is almost one."""

from pathlib import Path

import pytest

from freshrun.document.reading import parse
from freshrun.lint.files import lint_files
from freshrun.lint.fixing import fixed
from freshrun.lint.flaw import Flaw
from freshrun.lint.linting import lint


def flaws(text: str, folder: Path) -> tuple[Flaw, ...]:
    """Return what lint finds in a text that is the only file of a folder."""
    path = folder / "a.md"
    path.write_text(text, encoding="utf-8")
    (linted,) = lint_files([str(path)])
    return linted.flaws


def script(text: str, language: str = "bash") -> str:
    """Return a document with one block, whose first command stands in line 2."""
    return f"```{language}\n{text}\n```\n"


NBSP, ZERO, EN, LEFT, RIGHT = "\u00a0", "\u200b", "\u2013", "\u201c", "\u201d"

MISTAKES = [
    # what is typed along with the command
    (f"mkdir{NBSP}build", "wrong-character", 2, 6, "mkdir build"),
    (f"ls {EN}l", "wrong-character", 2, 4, "ls -l"),
    (f"echo {LEFT}a b{RIGHT}", "wrong-character", 2, 6, 'echo "a b"'),
    (f"git{ZERO} status", "wrong-character", 2, 4, "git status"),
    (f"tar {EN}{EN}help", "wrong-character", 2, 5, "tar --help"),
    (f"make\ncp a{NBSP}b", "wrong-character", 3, 5, "make\ncp a b"),
    ("echo a &gt; b", "html-entity", 2, 8, "echo a > b"),
    ("make &amp;&amp; make test", "html-entity", 2, 6, "make && make test"),
    ("cat &lt;in", "html-entity", 2, 5, "cat <in"),
    ("curl -L \\ \n  localhost", "blank-after-backslash", 2, 10, "curl -L \\\n  localhost"),
    (f"echo \\{NBSP}\n  b", "blank-after-backslash", 2, 7, "echo \\\n  b"),
    ("make\n$ make test", "pasted-prompt", 3, 1, "make\nmake test"),
    ("make\n(venv) $ pip list", "pasted-prompt", 3, 1, "make\npip list"),
    ("make\nme@host:~/x$ make", "pasted-prompt", 3, 1, "make\nmake"),
    ("make\n>>> print(1)", "pasted-prompt", 3, 1, None),
    ("make\nPS C:\\x> dir", "pasted-prompt", 3, 1, None),
    ("make\napp=# select 1;", "pasted-prompt", 3, 1, None),
    ("FOO = bar", "blank-around-equals", 2, 4, "FOO=bar"),
    ("FOO =bar", "blank-around-equals", 2, 4, "FOO=bar"),
    ('FOO= "a b"', "blank-around-equals", 2, 4, 'FOO="a b"'),
    ('export FOO = "a"', "blank-around-equals", 2, 11, 'export FOO="a"'),
    ("make; N = 3", "blank-around-equals", 2, 8, "make; N=3"),
    ("FOO = a b", "blank-around-equals", 2, 4, None),
    # what bash refuses to read
    ("for x in 1 2; do", "syntax", 2, 15, None),
    ("echo 'a", "syntax", 2, 6, None),
    ("true\nif true; then\necho", "syntax", 3, 1, None),
    ("echo )", "syntax", 2, 6, None),
    ("cat <<EOF\na\n  EOF", "unclosed-heredoc", 2, 5, None),
    ("cat <<'E'\na\nE.", "unclosed-heredoc", 2, 5, None),
    ('echo "now!really"', "history-expansion", 2, 10, None),
    ("curl -u a:b!c localhost", "history-expansion", 2, 12, None),
    # text of others
    ('$env:MODE = "x"', "other-shell", 2, 1, None),
    ("Set-ExecutionPolicy RemoteSigned", "other-shell", 2, 1, None),
    ("irm https://x.example/i.ps1 | iex", "other-shell", 2, 1, None),
    ("set MODE=fast", "other-shell", 2, 1, None),
    ("@echo off", "other-shell", 2, 1, None),
    ("set -gx MODE fast", "other-shell", 2, 1, None),
    ("starship init fish | source", "other-shell", 2, 20, None),
    ("setopt extendedglob", "other-shell", 2, 1, None),
    ("import os", "other-shell", 2, 1, None),
    ("SELECT * FROM t;", "other-shell", 2, 1, None),
    ("// start it", "other-shell", 2, 1, None),
    ("FROM debian:bookworm", "other-shell", 2, 1, None),
    ("cd C:\\Users\\me", "windows-path", 2, 4, None),
    (".\\gradlew.bat build", "windows-path", 2, 1, None),
    ("venv\\Scripts\\activate", "windows-path", 2, 1, None),
    # what asks where nobody answers
    ("sudo serve --port 1 &", "sudo-asks", 2, 1, None),
    ("sudo -k", "sudo-asks", 2, 1, None),
    # what is never typed
    ("exit\nmake", "unreachable", 3, 1, None),
    ("exit 0\n\n# and\nmake", "unreachable", 5, 1, None),
    ("exec ./serve\nmake", "unreachable", 3, 1, None),
    # what shellcheck calls an error
    ("local a=1", "shellcheck", 2, 1, None),
    ("a=(1 2)\necho $a[0]", "shellcheck", 3, 6, None),
]


@pytest.mark.parametrize(("text", "rule", "line", "column", "right"), MISTAKES)
def test_a_mistake_is_found_at_its_place(  # noqa: PLR0913, PLR0917 - a row of the table
    text: str, rule: str, line: int, column: int, right: str | None, tmp_path: Path
) -> None:
    """By one rule alone; where there is one answer, that is what `--fix` writes."""
    found = flaws(script(text), tmp_path)
    assert {flaw.rule for flaw in found} == {rule}, found
    assert (found[0].line, found[0].column) == (line, column), found
    after = fixed(script(text), found)
    assert after == script(text if right is None else right)
    if right is not None:
        assert flaws(after, tmp_path) == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("for x in 1 2; do echo $x; done", "sh"),
        ("source venv/bin/activate", "sh"),
        ("echo ${HOME%/} $((1 + 2)) $(ls) > x 2>&1", "sh"),
        ("[[ -f x ]] && echo", "bash"),
        ("[[ -f x ]] && echo", "shell"),
        ("bash -c '[[ -f x ]]'", "sh"),
    ],
)
def test_what_sh_reads_needs_no_bash(text: str, language: str, tmp_path: Path) -> None:
    """Nor is a block of bash held against sh."""
    assert flaws(script(text, language), tmp_path) == ()


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("if [[ -f x ]]; then echo; fi", 4),
        ("names=(a b)", 7),
        ("diff <(ls a) <(ls b)", 6),
        ("cat <<< text", 5),
        ("make &> log", 6),
        ("for ((i = 0; i < 3; i++)); do echo; done", 5),
    ],
)
def test_what_only_bash_reads_is_named_where_the_fence_says_sh(
    text: str, column: int, tmp_path: Path
) -> None:
    """Once a block, for one word mends it."""
    (found, *_) = flaws(script(f"true\n{text}\n{text}", "sh"), tmp_path)
    assert (found.rule, found.line, found.column) == ("bashism", 3, column)
    assert len(flaws(script(f"{text}\n{text}", "sh"), tmp_path)) == 1


@pytest.mark.parametrize(
    "text",
    [
        # characters that are meant
        "echo 'caf\u00e9 \u2013 a \u201cword\u201d'",
        'git commit -m "it\u2019s"',
        "cat > x <<'E'\n\u201ca\u201d \u2013b\nE",
        "echo done # \u201cdone\u201d",
        "touch r\u00e9sum\u00e9.txt",
        "echo '&gt;'",
        "sleep 1 &\nwait",
        "curl 'localhost/?a=1&lt=2'",
        "echo a\\ b",
        "touch a\\ \n",
        "echo \\\\ \ntrue",
        "grep -c '\\ ' x\ntrue",
        # what only looks like a prompt
        "$SHELL -c true",
        "%1",
        "echo '$ make'",
        "cat <<'E'\n$ make\nE",
        # sudo that can be answered, or needs no answer
        "sudo make install && sudo make check",
        "sudo -v\nsudo serve &",
        "sudo -n serve &",
        "sudo make &> log",
        "echo 'sudo make &'",
        "> empty.txt",
        # blanks that are meant
        "IFS= read -r x <f",
        "CFLAGS= ./configure",
        "CC= make",
        "[ a = b ]",
        "test a = b",
        "expr 1 = 1",
        "((n = 3))",
        "for ((n = 0; n < 3; n = n + 1)); do echo; done",
        "[[ a = b ]]",
        "cat <<'E'\nFOO = bar\nE",
        "awk 'BEGIN { n = 3; m = 4 }'",
        "git config user.name = x",
        "python3 -c 'x = 1'",
        # shell
        "echo {a,b} ${x:-1} $((2#1))",
        "cat <<EOF\na\nEOF",
        "cat <<-EOF\n\ta\n\tEOF",
        "cat <<A; cat <<B\na\nA\nb\nB",
        "! true || false",
        "echo 'now!really'",
        "[ ! -f x ]",
        "curl localhost/!",
        "set +H\necho a!b",
        "make\nsudo !!",
        # words that others have too
        "set -x",
        "set -euo pipefail",
        "set -- a b",
        "set a=b c",
        "set -- a=b",
        "import -window root shot.png",
        "import shot.png",
        "select x in a b; do break; done </dev/null",
        "rename 's/a/b/' x",
        "sort -R x",
        "docker run --rm -v /c:/d debian:bookworm true",
        "from=3",
        "GET https://example.org",
        "var=3",
        "sed -i s/a\\.b/c/ x",
        "grep a\\.b x",
        "find . -name \\*.py -exec ls {} \\;",
        "echo a\\ b\\ c",
        "printf 'C:\\\\x\\n'",
        "echo 'cd C:\\Users'",
        # what names a mark, or is named so
        "grep -r REPLACEME doc",
        "sed -i s/CHANGE_ME/x/ conf",
        "kubectl get pods | grep '<none>'",
        "cp $(command -v node) x",
        "command -V python3",
        "!make",
        # shells that go on
        "bash -c 'exit 1' || true\nmake",
        "(exit 1) || true\nmake",
        "f() { exit 1; }\nmake",
        "make || exit 1\nmake test",
        "[ -f x ] && exit\nmake",
        "exec bash\nmake",
        'exec "$SHELL" -l\nmake',
        "exec 3>log\nmake",
        "ssh host <<'E'\nexit\nE\nmake",
        "exit",
    ],
)
def test_what_is_almost_a_mistake_is_none(text: str, tmp_path: Path) -> None:
    """A lint that cries wolf is switched off."""
    assert flaws(script(text), tmp_path) == ()


@pytest.mark.parametrize(
    "opens", ["ssh host", "sudo -i", "docker exec -it x bash", "psql app", "make shell", "su -"]
)
def test_what_stands_below_an_exit_may_be_typed_where_a_shell_was_opened(
    opens: str, tmp_path: Path
) -> None:
    """The exit leaves that one; a second exit leaves the reader's own."""
    rules = [flaw.rule for flaw in flaws(script(f"{opens}\nexit\nmake"), tmp_path)]
    assert "unreachable" not in rules
    again = flaws(script(f"{opens}\nexit\nexit\nmake"), tmp_path)
    assert [flaw.line for flaw in again if flaw.rule == "unreachable"] == [5]


def test_what_stands_in_the_next_block_is_unreachable_too(tmp_path: Path) -> None:
    """In the same terminal alone, and told once."""
    blocks = script("exit") + script("make") + script("make")
    assert [(f.rule, f.line) for f in flaws(blocks, tmp_path)] == [("unreachable", 5)]
    other = script("exit") + script("make", "bash terminal=two")
    assert flaws(other, tmp_path) == ()
    server = script("exec serve") + script("make")
    assert flaws(server, tmp_path) == ()


@pytest.mark.parametrize(
    "text",
    [
        "cache = ${HOME}/.cache\nnode-options = -x",
        "[core]\nname = a b\n; words (a)\nb = c",
        "app/\n  src/\n    main.py\n  ...",
        "a/\n\u251c\u2500\u2500 b/   # words\n\u2514\u2500\u2500 c.py",
    ],
)
def test_a_block_that_shows_a_file_is_one_finding(text: str, tmp_path: Path) -> None:
    """Not one for each of its lines."""
    assert [(f.rule, f.line) for f in flaws(script(text), tmp_path)] == [("other-shell", 1)]


@pytest.mark.parametrize(
    "text", ["> const a = f(1)", "> throw new Error('x')\nUncaught", "> .help"]
)
def test_what_stands_at_another_programs_prompt_is_not_read_as_shell(
    text: str, tmp_path: Path
) -> None:
    """`> ` alone does not say whose it is; what is no shell does."""
    assert flaws(script(text, "console"), tmp_path) == ()
    shell = script("> make \u2013j4", "console")
    assert [flaw.rule for flaw in flaws(shell, tmp_path)] == ["wrong-character"]


# --- fences ---


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n\n```bash\nmake\n", 3),
        ("```bash\nmake\n\nwords\n\n```bash\nmake\n```\n", 1),
        ("~~~bash\nmake\n```\n", 1),
        ("````bash\nmake\n```\n", 1),
        ("1. a\n\n   ```bash\n   make\n\nb\n", 3),
        ("```bash\nmake\n``` done\n", 1),
        ("```text\nwords\n", 1),
    ],
)
def test_a_fence_that_nothing_closes_is_named(text: str, line: int, tmp_path: Path) -> None:
    """At the line that opens it, for the rest of the document is code."""
    found = [flaw for flaw in flaws(text, tmp_path) if flaw.rule == "unclosed-fence"]
    assert [flaw.line for flaw in found] == [line]


@pytest.mark.parametrize(
    "text",
    [
        script("make"),
        "```bash\nmake\n`````\n",
        "- ```bash\n  make\n  ```\n",
        "> ```bash\n> make\n> ```\n",
        "````markdown\n```bash\nmake\n```\n````\n",
        "    make\n    make test\n",
        "~~~bash\ncat <<'E'\n```bash\nE\n~~~\n",
        "```bash\nmake\n   ```\n",
        "```bash\n```\n",
    ],
)
def test_a_fence_that_is_closed_is_not(text: str, tmp_path: Path) -> None:
    """Whatever it stands in."""
    assert [flaw for flaw in flaws(text, tmp_path) if flaw.rule == "unclosed-fence"] == []


@pytest.mark.parametrize(
    ("info", "right"),
    [
        ("bash timeuot=5m", "bash timeout=5m"),
        ("console exti=1", "console exit=1"),
        ("bash backgroud", "bash background"),
        ("{.bash termnial=one}", "{.bash terminal=one}"),
    ],
)
def test_a_word_that_is_nearly_an_option_is_named(info: str, right: str, tmp_path: Path) -> None:
    """In a document of another tool, whose own words pass."""
    text = f"```{info}\n$ make\n```\n"
    found = flaws(text, tmp_path)
    assert [flaw.rule for flaw in found if flaw.rule == "near-option"] == ["near-option"]
    assert fixed(text, found).startswith(f"```{right}\n")


@pytest.mark.parametrize(
    "info",
    ["bash title=a.sh", "bash linenos", "bash {1,3}", "bash copy", "bash exit=0", "bash strip"],
)
def test_a_word_of_another_tool_is_not(info: str, tmp_path: Path) -> None:
    """Nor is an option."""
    assert flaws(script("make", info), tmp_path) == ()


def test_a_finding_in_a_list_or_quote_has_the_documents_column(tmp_path: Path) -> None:
    """What stands around a block is no part of its text."""
    text = (
        "1. a\n\n   ```bash\n   make\n     ls \u2013l\n   ```\n\n> ```console\n> $ FOO = a\n> ```\n"
    )
    found = flaws(text, tmp_path)
    assert [(f.rule, f.line, f.column) for f in found] == [
        ("wrong-character", 5, 9),
        ("blank-around-equals", 9, 8),
    ]
    assert "     ls -l\n" in fixed(text, found)
    assert "> $ FOO=a\n" in fixed(text, found)


def test_a_skipped_block_holds_anything(tmp_path: Path) -> None:
    """Nobody types it."""
    text = script("FOO = bar\nls \u2013l\ncd C:\\x\nexit\nmake", 'bash skip="by hand"')
    assert lint(parse(text, path=str(tmp_path / "a.md")), tmp_path) == ()
