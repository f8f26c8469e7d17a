"""Shell text is cut into complete statements, exactly, and never wrongly."""

import re
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freshrun.model.errors import FreshrunError
from freshrun.shell.flow import Shell, typed
from freshrun.shell.identifiers import Names, names
from freshrun.shell.script import Statement, scripts, statements
from freshrun.shell.syntax import shfmt
from freshrun.shell.transcript import is_transcript, transcripts
from freshrun.shell.variables import events

FRAGMENTS = (
    "echo plain",
    "echo one; echo two",
    "true & wait",
    "echo continued \\\n  here # with a comment",
    "# only a comment",
    "",
    "   ",
    'cat <<END\nbody; echo "no command\nEND',
    "cat <<'END' | tr a-z A-Z\n$(no substitution)\n\nEND",
    "cat <<-END\n\ta tab goes\n\tEND",
    "cat <<ONE; cat <<TWO\n1\nONE\n2\nTWO",
    "cat <<ONE <<TWO; echo after\nONE\n2\nTWO",
    "cat <<EMPTY; cat <<EMPTY\nEMPTY\nEMPTY",
    "{ cat <<END; }; echo outside\nin a group\nEND",
    "echo $(cat <<END\nsubstituted\nEND\n)",
    "cat <<'two words' && \\\n  echo and\nbody\ntwo words",
    "for x in a b\ndo\n  echo $x # in a loop\ndone",
    "if false; then echo no\nelse echo yes\nfi",
    "case a in\n  a) echo matched ;;\nesac",
    "f() {\n  echo called with $1\n}\nf x",
    "f() (\n  exit 3\n); f || echo status $?",
    "x='a\nb'; echo \"$x\"",
    "y=(1 2\n 3); echo ${y[@]}",
    "echo 'é €' | cat",
    "! false | cat | true || echo negated",
    "[[ a == a ]] && ((1 < 2)) && echo tests",
    "echo `echo back\\`echo ticks\\``",
    "cat <<<here-string",
)
TOKENS = (
    *("\n", "\\\n", "\nE\n", "\t", " ", "echo ", "if ", "then "),
    *("a", "é", "$x", ";", "&", "|", "&&", "(", ")", "{", "}", "'", '"', "`", "$("),
    *("<<E", "#", "!", "[[", "\\", "fi", "do", "done"),
)
scripts_of_fragments = st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=8).map("\n".join)


def texts(script: str) -> list[str]:
    """Return the texts of a script's statements."""
    return [statement.text for statement in statements(script)]


def bash(*arguments: str) -> tuple[str, str, int]:
    """Return the output, the errors and the exit status of `bash -c` with these arguments."""
    run = subprocess.run(["bash", "-c", *arguments], capture_output=True, check=False, text=True)
    return run.stdout, run.stderr, run.returncode


def assert_exact(script: str, found: tuple[Statement, ...]) -> None:
    """Check texts against lines, and that nothing but blanks and comments stands between."""
    lines = script.split("\n")
    end = 0
    for statement in found:
        first_line = sum(len(line) + 1 for line in lines[: statement.line - 1])
        start = script.index(statement.text, max(end, first_line))
        assert script.count("\n", 0, start) == statement.line - 1
        assert statement.text.count("\n") == statement.end_line - statement.line
        assert says_nothing(script[end:start])
        end = start + len(statement.text)
    assert says_nothing(script[end:])


def says_nothing(text: str) -> bool:
    """Tell whether a text between statements is only blanks, comments and lines that go on."""
    return not re.sub(r"\\(\n|$)|#.*|\s", "", text)


@given(scripts_of_fragments)
@settings(deadline=None, max_examples=60)
def test_the_cut_statements_do_what_the_whole_script_does(script: str) -> None:
    """Statements evaluated one by one print what the script prints, and end with its status."""
    assert bash('for _ in "$@"; do eval "$_"; done', "bash", *texts(script)) == bash(script, "bash")


@given(scripts_of_fragments)
@settings(deadline=None, max_examples=60)
def test_nothing_of_a_script_is_lost(script: str) -> None:
    """Every statement parses, has its exact lines, and only blanks and comments are left out."""
    found = statements(script)
    assert_exact(script, found)
    assert all(statement.parses for statement in found)


@given(st.lists(st.sampled_from(TOKENS), max_size=25).map("".join))
@settings(deadline=None, max_examples=150)
def test_any_text_is_read(script: str) -> None:
    """Whatever the text, every word of it is in a statement or a comment, on the stated lines."""
    assert_exact(script, statements(script))


@given(
    st.lists(scripts_of_fragments | st.sampled_from(["(", "a \\", "cat <<END", "'"]), max_size=8)
)
@settings(deadline=None, max_examples=40)
def test_texts_read_together_are_read_as_if_alone(many: list[str]) -> None:
    """No text lends a quote, a here-document or a backslash to its neighbour."""
    assert scripts(many) == tuple(statements(script) for script in many)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a; b & c", ["a;", "b &", "c"]),
        ("a && b || c", ["a && b || c"]),
        ("  a  # comment\n\n# comment\n\tb\n", ["a", "b"]),
        ("a \\", ["a"]),
        ("\\\t\\", ["\\\t"]),
        ("a \\\n  b\nc", ["a \\\n  b", "c"]),
        ("cat <<A; cat <<B\n1\nA\n2\nB\nc", ["cat <<A; cat <<B\n1\nA\n2\nB", "c"]),
        ("cat <<A; b\n1\nA\nc", ["cat <<A; b\n1\nA", "c"]),
        ("cat <<A\nA\n# not of the here-document\nb", ["cat <<A\nA", "b"]),
        ("cat <<A;cat <<A\nA\nA\nb", ["cat <<A;cat <<A\nA\nA", "b"]),
        ("alias x=a; x\nx; y", ["alias x=a; x", "x;", "y"]),
        ("a; unalias x; x; y\nx", ["a;", "unalias x; x; y", "x"]),
        ("aliases; x\nalias x=a\nx", ["aliases;", "x", "alias x=a", "x"]),
        ("# nothing\n\n", []),
        ("", []),
    ],
)
def test_statements_are_cut_where_bash_ends_them(script: str, expected: list[str]) -> None:
    """Separators part statements; a here-document that reaches into the next one joins them."""
    assert texts(script) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a\n)\nb", [("a", True), (")\nb", False)]),
        ("a; )\nb", [("a; )\nb", False)]),
        ("a\nif b; then\n  c\n)\nfi\nd", [("a", True), ("if b; then\n  c\n)\nfi\nd", False)]),
        ("a\nb \\\n  )\nc", [("a", True), ("b \\\n  )\nc", False)]),
        ("a\n\n# why\necho 'b\nc\n", [("a", True), ("echo 'b\nc", False)]),
        ("cat <<END\na\n", [("cat <<END\na", False)]),
        ("a\n" + "{\n" * 15 + ")\n", [("a", True), ("{\n" * 15 + ")", False)]),
        ("git clone <URL>\n", [("git clone <URL>", False)]),
        ("print ${(f)x}\n", [("print ${(f)x}", False)]),
    ],
)
def test_from_the_first_fault_on_the_rest_is_one_statement(
    script: str, expected: list[tuple[str, bool]]
) -> None:
    """Lines above the fault are safe, as they are to bash, which reads line by line."""
    assert [(statement.text, statement.parses) for statement in statements(script)] == expected


@pytest.mark.parametrize(
    ("script", "stages"),
    [
        ("a", ()),
        ("a && b | c", ()),
        ("{ a | b; }", ()),
        ("a | b &", ()),
        ("a | b c |& d >f", ("a", "b c", "d >f")),
        ("! time a | b", ("a", "b")),
        ("cat <<A |\n1\nA\n  wc;", ("cat <<A", "wc")),
    ],
)
def test_a_pipeline_has_its_stages(script: str, stages: tuple[str, ...]) -> None:
    """Only a pipeline that is the whole statement, in the foreground, has stages."""
    assert [statement.stages for statement in statements(script)] == [stages]


def test_names_are_read_from_the_tree() -> None:
    """Commands, variables used and variables set are told apart, whatever holds them."""
    script = (
        'export A=1 B; C=$D make "${E:-$F}" | sudo tee "$G"; for h in 1; do local i=2; done; "./j"'
    )
    assert names(script) == Names(
        commands=("make", "sudo", "./j"),
        used=("D", "E", "F", "G"),
        assigned=("A", "h"),
    )
    assert names("cat <<END\n$IN_THE_BODY\nEND") == Names(("cat",), ("IN_THE_BODY",))
    assert names("echo $1 $? $@ '$NOT'; $DYNAMIC x") == Names(("echo",), ("DYNAMIC",))
    assert names("if then") == Names()


def missed(*scripts: str) -> list[tuple[str, str]]:
    """Return the uses of variables that were not set, in commands typed one after the other."""
    known = Shell()
    found: list[tuple[str, str]] = []
    for happening in events(scripts):
        known, seen = typed(known, happening)
        found += [(each.use.name, each.use.need.value) for each in seen if not each.variable]
    return found


def plainly(*names: str) -> list[tuple[str, str]]:
    """Return uses without a default."""
    return [(name, "plain") for name in names]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('echo $A "${B}" ${#C} ${D%x} ${E//$F/$G} ${H:I:J}', plainly(*"ABCDEFGHIJ")),
        ("echo ${A[@]} ${!B} ${!C*} ${D@Q} ${E^^}", plainly(*"ABDE")),
        ("echo ${A:-x} ${B-x} ${C:+x} ${D+x} ${E:=x}", [(name, "default") for name in "ABCDE"]),
        ("echo ${A:?} ${B?no} ${C[0]:?}", [(name, "checked") for name in "ABC"]),
        ("echo ${A:-$B}", [("A", "default"), ("B", "plain")]),
        ("[[ -v A && $B == c ]]", [("A", "default"), ("B", "plain")]),
        ("echo $((A + 1)) $((B ? 1 : C)); ((D > 0)); let E=F*2", plainly(*"ABCDF")),
        ("((A++, B += C)); echo $A $B", [("A", "default"), ("C", "plain"), ("B", "default")]),
        ("for ((I = 0; I < N; I++)); do echo $I; done", [*plainly("N")]),
        ("echo ${A[I]} ${B[$J]}", [("I", "default"), *plainly("A", "J", "B")]),
        ("A=${A}:x", [("A", "default")]),
        ("cat <<E\n$A $(echo $B)\nE\ncat <<'E'\n$C\nE\ncat <<<$D", plainly(*"ABD")),
        ("echo '$A' \\$B; awk '$1 == x' f; echo $1 $? $@ $#", []),
        ("f() { local A=1 B; C=$A$B$D; }; f; echo $A $C", plainly("D", "A")),
        ("f() { echo $A; }; A=1 f; echo $A; A=2; f", plainly("A")),
        ("f() { echo $A; }", []),
        ("(A=1; echo $A); echo $A", plainly("A")),
        ("x=$(A=1; echo $A $B); echo $A $x", plainly("B", "A")),
        ("echo a | read A; echo $A; echo b | while read B; do echo $B; done", plainly("A")),
        ("A=1 & echo $A", plainly("A")),
        ("A=1 make $A; env B=1 C=$D make; echo $B", plainly("A", "D", "B")),
        ("cat <(echo $A) >$B", plainly("A", "B")),
        ("A=1; unset A; echo $A; B=1; unset -f B; echo $B", plainly("A")),
        ("A=1 bash -c 'echo $A $B'; C=2; bash -c 'echo $C'", plainly("B", "C")),
        ("export A=1; B=1; export B; sh -c 'echo $A $B'; set -a; C=1; sh -c 'echo $C'", []),
        ("sudo sh -c 'echo $A'", []),
        ("case $A in $B) C=1 ;; esac; echo $C", plainly("A", "B")),
        ('if test -z "$A"; then A=1; fi; echo $A', [("A", "default")]),
        (
            '[ -n "$A" ] && echo $A; [ "$B" ] || echo no',
            [("A", "default")] * 2 + [("B", "default")],
        ),
        (
            '[[ -n $A && -z "$B" ]]; [[ $C == x ]]',
            [("A", "default"), ("B", "default"), *plainly("C")],
        ),
        ('test "$A" = x; test -f "$B"', plainly("A", "B")),
        ('f() { [ -n "${A:-}" ] && echo $A; }; f; A=1 f', [("A", "default")] * 2),
        ("echo ${A:?}; echo $A", [("A", "checked"), ("A", "default")]),
        ('[ -n "$A" ]; (echo $A); echo $B', [("A", "default")] * 2 + plainly("B")),
        ("eval 'A=1'; echo $A; eval \"echo \\$B\"", []),
    ],
)
def test_a_variable_is_missed_where_no_shell_would_have_it(
    script: str, expected: list[tuple[str, str]]
) -> None:
    """Scopes are the shell's own: subshells, pipelines, functions, one command, programs."""
    assert missed(script) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("read -r A B; read -p 'x? ' -a C; IFS=, read -ra D; read", ["A", "B", "C", "D", "REPLY"]),
        ("mapfile -t A <f; readarray -d '' B <f; mapfile", ["A", "B", "MAPFILE"]),
        ("printf -v A %s x; printf %s B; getopts ab: C", ["A", "C"]),
        ("for A in x; do :; done; select B in x; do :; done; for ((C = 0; ;)); do :; done", "ABC"),
        ("declare -i A=1; readonly B=2; typeset C; export D=4 E", "ABCD"),
        ("A=(1 2); B[3]=x; C+=y; : ${D:=z}; ((E = 1)); let F=1", "ABCDEF"),
        ("coproc cat; coproc P { cat; }", ["COPROC", "P"]),
        ("A=1 make; env B=1 make; (C=1); D=1 | cat; local E=1", []),
        ("f() { A=1; local B=2; declare C=3; declare -g D=4; }; f", "AD"),
        ("command export A=1; builtin read B; sudo read C", "B"),
    ],
)
def test_what_is_set_lives_on(script: str, expected: list[str] | str) -> None:
    """Each way to set a variable, and each that leaves nothing behind."""
    assert names(script).assigned == tuple(expected)


def test_lines_of_uses_are_those_of_the_text() -> None:
    """Texts that are read together keep lines of their own; a function has those of its text."""
    first, second = events(["f() {\n  echo $A\n}", "x\nf $B"])
    known, _ = typed(Shell(), first, above=10)
    _, seen = typed(known, second, above=20)
    assert [(each.use.name, each.use.line) for each in seen] == [("B", 22), ("A", 12)]


def test_text_from_elsewhere_may_have_set_anything() -> None:
    """After `source` nothing is certain, but for files that are known to set nothing of use."""
    for script, unknown in (
        ("source .env; echo $A", True),
        ('eval "$(ssh-agent)"; echo $A', True),
        ("export $(cat .env); echo $A", True),
        (". .venv/bin/activate; echo $A", False),
    ):
        (happening,) = events([script])
        assert typed(Shell(), happening)[1][-1].unknown is unknown


def test_a_text_that_does_not_parse_says_nothing() -> None:
    """Its neighbours, read in the same process, are read all the same."""
    first, broken, last = events(["echo $A", "if then", "echo $B"])
    assert first
    assert not broken
    assert last


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$ a\n", [("a", 1, 1, None)]),
        ("$ a\nout\n\n  more  \n\n$ b\n", [("a", 1, 1, "out\n\n  more"), ("b", 6, 6, None)]),
        ("before\n$ a\n", [("a", 2, 2, None)]),
        ("# a\nout\n# b\n", [("a", 1, 1, "out"), ("b", 3, 3, None)]),
        ("# comment\n$ a\n# output\n", [("a", 2, 2, "# output")]),
        ("$ a\nout\n\n# comment\n$ b", [("a", 1, 1, "out"), ("b", 5, 5, None)]),
        ("$ for x in 1\n> do a\n> done\nout", [("for x in 1\ndo a\ndone", 1, 3, "out")]),
        ("$ a \\\n> b\n> out", [("a \\\nb", 1, 2, "> out")]),
        ("$ a \\\n    b\nout", [("a \\\n    b", 1, 2, "out")]),
        ("$ a \\\n    <B>\nout", [("a \\\n    <B>", 1, 2, "out")]),
        ("$ a\n> out", [("a", 1, 1, "> out")]),
        ("$ cat <<E\nb\nE\nb", [("cat <<E\nb\nE", 1, 3, "b")]),
        ("$ cat <<E\n> b\n>\n> E\nb", [("cat <<E\nb\n\nE", 1, 4, "b")]),
        ("$ echo it's\nout", [("echo it's", 1, 1, "out")]),
        ("$ if a\n> then\n", [("if a\nthen", 1, 2, None)]),
        ("$ cd x; a\n", [("cd x;", 1, 1, None), ("a", 1, 1, None)]),
        ("$ cd x; a\nout", [("cd x; a", 1, 1, "out")]),
        ("$\n$ # comment \\\n$ a", [("a", 3, 3, None)]),
        ("no prompt", []),
        ("", []),
    ],
)
def test_a_transcript_is_commands_and_promised_output(
    text: str, expected: list[tuple[str, int, int, str | None]]
) -> None:
    """Prompts, lines that go on, output and comments are told apart."""
    (found,) = transcripts([text])
    assert [(s.text, s.line, s.end_line, s.promised) for s in found] == expected


def test_a_script_whose_commands_have_prompts_is_a_transcript() -> None:
    """The first line that is no comment decides."""
    assert is_transcript("# first\n\n$ a\nout\n")
    assert not is_transcript("a\n$ b\n")
    assert not is_transcript("$HOME/bin/a\n")
    assert not is_transcript("# only a comment\n")


def test_a_block_of_5000_commands_is_cut_piece_by_piece() -> None:
    """Pieces begin and end in here-documents, loops and continuations, and nothing is lost."""
    unit = [
        "echo {0} \\\n  more",
        "cat <<END\n{0}\n\nEND",
        "for x in {0}\ndo echo $x\ndone",
        "a; b",
    ]
    script = "\n".join(unit[i % 4].format(i) for i in range(4_000))
    found = statements(script)
    assert len(found) == 5_000
    assert all(statement.parses for statement in found)
    assert_exact(script, found)


def test_a_fault_late_in_a_long_text_keeps_all_before_it() -> None:
    """Thousands of statements stay apart before one that does not parse."""
    script = "".join(f"cat <<END\n{i} {'x' * 40}\nEND\n" for i in range(1_000)) + "if\necho after\n"
    found = statements(script)
    assert len(found) == 1_001
    assert [s.line for s in found if not s.parses] == [3_001]
    assert found[-1].text == "if\necho after"


def test_many_small_texts_cost_few_processes() -> None:
    """2,000 texts take at most five times as long as one text of 2,000 lines."""
    lines = [f"echo {i}" for i in range(2_000)]
    statements("warm up")
    begin = time.perf_counter()
    together = statements("\n".join(lines))
    middle = time.perf_counter()
    apart = scripts(lines)
    end = time.perf_counter()
    assert [s.text for s in together] == [s.text for (s,) in apart]
    assert end - middle < 5 * (middle - begin)


def test_a_chain_too_long_for_the_tree_is_left_to_bash() -> None:
    """Depth is never a traceback."""
    chain = " && ".join(["true"] * 600)
    assert [statement.text for statement in statements(chain)] == [chain]


def test_a_missing_shfmt_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without shfmt the message says what to install."""
    monkeypatch.setattr("sys.executable", str(tmp_path / "python3"))
    monkeypatch.setenv("PATH", str(tmp_path))
    shfmt.cache_clear()  # the answer of an earlier test is remembered
    try:
        with pytest.raises(FreshrunError, match=r"shfmt is neither in .* pip install shfmt-py"):
            statements("a text that no test has asked for")
    finally:
        shfmt.cache_clear()  # and this one must not be


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("  $ ls\n  a\n  $ pwd\n", ["ls", "pwd"]),
        ("\t$ ls\n", ["ls"]),
        ("> ls\n> make all\n", ["ls", "make all"]),
        ("> make\nbuilding\n", ["make"]),
        (
            "# apt-get update\n# apt-get install -y jq\n",
            ["apt-get update", "apt-get install -y jq"],
        ),
        ("# for Intel Macs\ncurl -o x http://localhost/\n", []),
        ("# Install it\n./install\n", []),
        ("# for f in *; do echo $f; done\n", ["for f in *; do echo $f; done"]),
        ("curl -o x http://localhost/\n", []),
    ],
)
def test_prompts_of_all_kinds(text: str, commands: list[str]) -> None:
    """Indented ones, `> ` before every line, root's `# `; a comment is none, and a bare line."""
    (found,) = transcripts([text])
    assert [statement.text for statement in found] == commands


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" $ echo hi\n", True),
        ("# first\n$ ls\n", True),
        ("> ls\n> make\n", True),
        ("> /var/log/app.log\n", False),
        ("> out.txt\n", False),
        ("> make\nbuilding\n", True),
        ("make\n> log\n", False),
        ("echo '$ '\n", False),
    ],
)
def test_a_script_with_prompts_is_a_transcript(text: str, expected: bool) -> None:  # noqa: FBT001 - a row of the table
    """The first line that is no comment decides, and for `> ` every line."""
    assert is_transcript(text) is expected
