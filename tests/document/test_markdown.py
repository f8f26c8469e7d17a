"""A Markdown document becomes a runbook: every command, option, table and line, exactly."""

import hashlib
import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freshrun.document.reading import parse, read, require_commands
from freshrun.model.errors import DocumentError
from freshrun.model.runbook import Block, BlockKind, Options, Runbook, Settings

EXAMPLES = Path(__file__).parents[1] / "examples"
OURS = "---\nfreshrun:\n---\n"


def example(name: str) -> Runbook:
    """Return a runbook of `tests/examples`."""
    return read(EXAMPLES / f"document-{name}.md")


def commands(runbook: Runbook) -> list[tuple[int, int, str]]:
    """Return first line, last line and text of each command."""
    return [(command.line, command.end_line, command.text) for command in runbook.commands]


def options(info: str, *, strict: bool = True) -> Options:
    """Return the options of a block with this info string."""
    text = f"{OURS if strict else ''}```{info}\ntrue\n```\n"
    (block,) = parse(text, path="x.md").blocks
    return block.options


def settings_of(*lines: str) -> Settings:
    """Return the settings that a document declares, the first line of them in line 3."""
    text = "\n".join(["---", "freshrun:", *(f"  {line}" for line in lines), "---", ""])
    return parse(text, path="x.md").settings


def fault(text: str | bytes) -> str:
    """Return the message about a document that can't be read."""
    with pytest.raises(DocumentError) as caught:
        parse(text, path="x.md")
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- where commands stand ---


def test_commands_are_found_in_every_container() -> None:
    """Lists, quotes, details, tildes, tabs, an open fence; not HTML, not indented code."""
    assert commands(example("containers")) == [
        (12, 12, "echo in a list"),
        (18, 18, "echo in a nested list"),
        (24, 27, "cat <<'END'\n> a line that begins like a quote\n\nEND"),
        (34, 34, "echo in details"),
        (58, 63, "cat <<'END'\n```bash\necho a line of the here-document\n```\n~~~\nEND"),
        (69, 69, "echo two blanks go,"),
        (70, 70, "echo no more"),
        (76, 78, "cat <<-END\n\tone tab goes\n\tEND"),
        (79, 79, 'echo "no\ttab is lost"'),
        (83, 83, "echo the fence is never closed"),
    ]


def test_a_block_has_the_lines_of_its_fences() -> None:
    """A closed block ends with its fence, an open one with the document."""
    assert [(block.line, block.end_line) for block in example("crlf").blocks] == [(3, 11), (13, 16)]
    (block,) = parse("text\n\n```bash\ntrue\n\nfalse\n", path="x.md").blocks
    assert (block.line, block.end_line, block.text) == (3, 6, "true\n\nfalse\n")


def test_crlf_is_a_line_end_and_commands_have_lf() -> None:
    """Commands of a document with CRLF are typed with LF, and lines count once."""
    runbook = example("crlf")
    assert commands(runbook) == [
        (4, 8, "cat <<END\ntwo\n\nlines\nEND"),
        (9, 10, "echo a \\\n  b"),
        (14, 14, "echo c"),
    ]
    assert runbook.commands[-1].promised == "c"


def test_a_byte_order_mark_hides_no_front_matter() -> None:
    """The mark at the top is not part of the text."""
    runbook = example("bom")
    assert runbook.settings == Settings(timeout=5.0, declared=True)
    assert [command.line for command in runbook.commands] == [5]


def test_every_kind_of_statement_is_one_command() -> None:
    """Here-documents, continuations, loops, functions, and several commands on one line."""
    assert commands(example("statements")) == [
        (5, 5, "echo first"),
        (7, 9, "cat <<'QUOTED' > quoted.txt\n$HOME stays; so does # this\nQUOTED"),
        (10, 12, "cat <<-TABS\n\ta tab goes\n\tTABS"),
        (13, 17, "cat <<ONE; cat <<TWO\n1\nONE\n2\nTWO"),
        (18, 21, "diff <(cat <<LEFT\nsame\nLEFT\n) <(echo same)"),
        (22, 23, "cat <<EMPTY\nEMPTY"),
        (24, 24, "echo one;"),
        (24, 24, "echo two &"),
        (24, 24, "wait"),
        (25, 26, "printf '%s\\n' continued \\\n  \"over two lines\""),
        (27, 29, 'for word in a b; do\n  echo "$word"\ndone'),
        (30, 32, "if true; then echo yes\nelse echo no\nfi"),
        (33, 35, 'greet() {\n  echo "hello, $1"\n}'),
        (36, 36, "greet 'Grüße, 世界 👋'"),
        (37, 39, "false | sort |\n  # a comment in a pipeline\n  uniq"),
    ]
    assert example("statements").commands[-1].stages == ("false", "sort", "uniq")


def test_a_transcript_has_commands_and_what_they_promise() -> None:
    """Prompts part commands from output; a script with prompts is a transcript too."""
    runbook = example("transcript")
    assert {block.kind for block in runbook.blocks} == {BlockKind.TRANSCRIPT}
    assert [(c.line, c.end_line, c.text, c.promised) for c in runbook.commands] == [
        (5, 5, "echo one", "one"),
        (7, 7, "cd /tmp", None),
        (8, 10, "for word in a b\ndo echo $word\ndone", "a\nb"),
        (13, 13, "cat quoted.md", "> a quoted line"),
        (16, 17, "docker run \\\n    --rm image", None),
        (18, 20, "cat <<END\nhere\nEND", "here"),
        (24, 24, "cd /; pwd", "/"),
        (26, 26, "mkdir a;", None),
        (26, 26, "cd a", None),
        (32, 32, "whoami", "root"),
        (34, 34, "id -u", "0"),
        (40, 40, "echo both", "both"),
    ]


def test_text_that_no_shell_can_read_is_still_a_command() -> None:
    """Bash itself gives the verdict on it."""
    (command,) = parse("```sh\necho 'unclosed\n```\n", path="x.md").commands
    assert (command.text, command.parses) == ("echo 'unclosed", False)


def test_a_block_with_only_comments_has_no_command() -> None:
    """Comments and blank lines are not typed."""
    (block,) = parse("```bash\n# nothing\n\n```\n", path="x.md").blocks
    assert block.commands == ()


@pytest.mark.parametrize(
    ("info", "language", "kind"),
    [
        ("bash", "bash", BlockKind.SCRIPT),
        (" Sh ", "sh", BlockKind.SCRIPT),
        ("shell script", "shell", BlockKind.SCRIPT),
        ("zsh{1}", "zsh", BlockKind.SCRIPT),
        ("{.bash .numberLines}", "bash", BlockKind.SCRIPT),
        ("{#id .sh}", "sh", BlockKind.SCRIPT),
        ("{bash, eval=FALSE}", "bash", BlockKind.SCRIPT),
        ("bash:install.sh", "bash", BlockKind.SCRIPT),
        ("sh,ignore", "sh", BlockKind.SCRIPT),
        ("console", "console", BlockKind.TRANSCRIPT),
        ("ShellSession", "shellsession", BlockKind.TRANSCRIPT),
        ("shell-session", "shell-session", BlockKind.TRANSCRIPT),
        ("terminal", "terminal", BlockKind.TRANSCRIPT),
        ("", "", BlockKind.OTHER),
        ("text", "text", BlockKind.OTHER),
        ("bashrc", "bashrc", BlockKind.OTHER),
        ("title=bash", "", BlockKind.OTHER),
    ],
)
def test_the_language_decides_how_a_block_is_read(
    info: str, language: str, kind: BlockKind
) -> None:
    """The first word, or Pandoc's first class, in any case; nothing else runs."""
    (block,) = parse(f"~~~{info}\n$HOME/x\n~~~\n", path="x.md").blocks
    assert (block.language, block.kind) == (language, kind)


WRAPPERS = {
    "bullet": ("- ", "  "),
    "number": ("10. ", "    "),
    "quote": ("> ", "> "),
    "bare": ("", ""),
}
KNOWN = (
    "echo {}",
    "echo {} | sort >&2",
    "cat <<'END'\n{}\n\n  ```bash\n> quoted\nEND",
    "cat <<-END\n\t{}\n\tEND",
    "for x in {}\ndo\n  echo $x\ndone",
    "echo \\\n  {} # é €",
    "f{}() {{\n\t:\n}}",
)
block_of_commands = st.tuples(
    st.lists(st.sampled_from(KNOWN), min_size=1, max_size=3),
    st.lists(st.sampled_from([*WRAPPERS, "details"]), max_size=3),
    st.sampled_from(["````", "~~~", "~~~~~"]),
    st.sampled_from(["bash", "sh exit=1", "{.zsh}", 'shell title="x"']),
)


def wrapped(lines: list[str], wrapper: str) -> list[str]:
    """Put lines into a container."""
    if wrapper == "details":
        return ["<details>", "<summary>More</summary>", "", *lines, "", "</details>"]
    first, others = WRAPPERS[wrapper]
    return [(others if index else first) + line for index, line in enumerate(lines)]


@given(
    blocks=st.lists(block_of_commands, max_size=5),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    start=st.sampled_from(["", "\ufeff", "---\ntitle: x\n---\n", "# Title\n\n"]),
)
@settings(deadline=None, max_examples=100)
def test_every_command_comes_back_once_from_where_it_stands(
    blocks: list[tuple[list[str], list[str], str, str]], line_end: str, start: str
) -> None:
    """Whatever holds a block: each command once, in order, on file lines that contain it."""
    expected: list[str] = []
    document: list[str] = []
    for templates, wrappers, fence, info in blocks:
        own = [template.format(len(expected) + n) for n, template in enumerate(templates)]
        lines = [f"{fence}{info}", *"\n".join(own).split("\n"), fence]
        for wrapper in wrappers:
            lines = wrapped(lines, wrapper)
        document += [*lines, "", "Text between.", ""]
        expected += own
    text = start + "\n".join(document)
    found = parse(text.replace("\n", line_end), path="x.md").commands
    assert [command.text for command in found] == [re.sub(" #.*", "", text) for text in expected]
    for command in found:
        own_lines = text.split("\n")[command.line - 1 : command.end_line]
        for line, own_line in zip(command.text.split("\n"), own_lines, strict=True):
            assert line in own_line


SNIPPETS = (
    *(
        "\n",
        "\n\n",
        "```bash\n",
        "```\n",
        "~~~ sh exit=1\n",
        "```console\n",
        "$ ",
        "> ",
        "- ",
        "\t",
    ),
    *("---\n", "freshrun:\n", "  timeout: 1m\n", "env: {", "echo a", "'", '"', "<<E", "E\n", "|"),
    *(
        "# ",
        "\\",
        "{",
        "}",
        "|-|-|\n",
        "<details>\n",
        "\r\n",
        "\ufeff",
        "é",
        "exit=",
        ": ",
        "[",
        "`",
    ),
)


@given(st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=3), max_size=30).map("".join))
@settings(deadline=None, max_examples=150)
def test_any_text_is_a_runbook_or_a_clear_error(text: str) -> None:
    """No text makes anything but a runbook, with lines that exist, or a `DocumentError`."""
    last = len(re.split(r"\r\n?|\n", text))
    for block in blocks_if_any(text):
        assert 1 <= block.line <= block.end_line <= last
        for command in block.commands:
            assert block.line < command.line <= command.end_line <= block.end_line


def blocks_if_any(text: str) -> list[Block]:
    """Return the blocks of a text; none where it is refused with its line."""
    try:
        return list(parse(text, path="x.md").blocks)
    except DocumentError as error:
        if not re.match(r"x\.md:\d+: \S", str(error)):
            raise
        return []


# --- sections and tables ---


def test_sections_have_plain_titles_and_exact_lines() -> None:
    """Both kinds of heading count; one inside a quote is text of the section around it."""
    found = [(section.title, section.level, section.line) for section in example("tables").sections]
    assert found == [
        ("Tables", 1, 1),
        ("Failure output contract", 2, 5),
        ("Setext heading with code and a link", 2, 21),
    ]


def test_text_before_the_first_heading_is_a_section_of_level_0() -> None:
    """It is there where it holds something."""
    runbook = parse("```sh\na\n```\n# T\n```sh\nb\n```\n", path="x.md")
    assert [(s.title, s.level, s.line) for s in runbook.sections] == [("", 0, 1), ("T", 1, 4)]
    assert [command.section for command in runbook.commands] == ["", "T"]
    assert [section.title for section in parse("text\n# T\n", path="x.md").sections] == ["T"]


def test_tables_have_cells_by_header_and_the_line_of_each_row() -> None:
    """A lone code span is unwrapped, an escaped bar is a bar, a short row is filled."""
    contract, quoted = example("tables").section("Failure output contract").tables
    assert (contract.line, contract.headers) == (7, ("ID", "Where", "Format"))
    assert [row.line for row in contract.rows] == [9, 10, 11]
    assert contract.rows[0].cells == {
        "ID": "scenarioId",
        "Where": "stdout",
        "Format": r"(ISO|ALLOC)-\d{3}",
    }
    assert contract.rows[1].cells == {
        "ID": "`tick`",
        "Where": "**JSON** and `code`",
        "Format": "",
    }
    assert contract.rows[2].cells == {"ID": "short row", "Where": "", "Format": ""}
    assert quoted.rows[0]["Path"] == "`a.xml`, `b/*.json`"
    (in_a_list,) = example("tables").sections[2].tables
    assert (in_a_list.rows[0].line, in_a_list.rows[0]["Key"]) == (26, "a | b")


# --- options ---


def test_options_are_read_from_the_info_string() -> None:
    """Every option, in the forms of plain Markdown, Pandoc and Docusaurus."""
    assert [block.options for block in example("options").blocks] == [
        Options(exit=3, timeout=5400.0, band=(0.5, 120.0), name="smoke"),
        Options(skip='needs "root"', stdin="yes\nno\t\\n\n"),
        Options(exit=1),
        Options(name="docusaurus"),
        Options(),
    ]


def test_a_band_may_begin_at_nothing() -> None:
    """`0s..1s` is a promise like any other, also in a document that is not ours."""
    (block,) = parse("```bash band=0s..1s\nls\n```\n", path="x.md").blocks
    assert block.options.band == (0.0, 1.0)


def test_the_promised_status_and_time_are_those_of_the_last_command() -> None:
    """As a script's exit status is; all else holds for every command of the block."""
    earlier, last = example("options").section("Options").blocks[0].commands
    assert (earlier.options.exit, last.options.exit) == (0, 3)
    assert (earlier.options.band, last.options.band) == (None, (0.5, 120.0))
    assert (earlier.options.timeout, earlier.options.name) == (5400.0, "smoke")


def test_words_of_other_tools_pass_in_a_document_that_is_not_ours() -> None:
    """There, known options are used where their value is right; nothing is an error."""
    assert [block.options for block in example("foreign").blocks] == [
        Options(exit=1),
        Options(),
        Options(name="deploy"),
        Options(),
        Options(tty=True),
        Options(),
        Options(),
        Options(exit=2),
    ]
    assert len(example("foreign").commands) == 8


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ("bash timeuot=10m", 'unknown option "timeuot"; did you mean "timeout"?'),
        ("bash frob", 'unknown option "frob"; known are exit, timeout, band, name, skip, stdin,'),
        ('bash title="x"', 'unknown option "title"'),
        ('bash {"name":"y"}', "unknown option"),
        ("bash background=yes", 'option "background" takes no value; write background alone'),
        ("bash ready=tcp:x", 'ready: "x" is no port; write a number from 1 to 65535'),
        ("bash ready=soon", 'ready: "soon" is no signal; write tcp:PORT'),
        ("bash terminal", 'option "terminal" has no value; write it like terminal=server'),
        ("bash tty=1", 'option "tty" takes no value; write tty alone'),
        ("bash exit=1 exit=2", 'option "exit" is given twice'),
        ("bash skip", 'option "skip" has no value; write it like skip="reason"'),
        ("bash skip=''", "skip: a reason is missing"),
        ('bash skip="no end', 'skip: "no end has no closing quote'),
        ("bash exit=one", 'exit: "one" is no exit status; write a number from 0 to 255'),
        ("bash exit=256", 'exit: "256" is no exit status'),
        ("bash exit=-1", 'exit: "-1" is no exit status'),
        ("bash timeout=90", 'timeout: "90" has no unit; did you mean "90s"?'),
        ("bash timeout=5d", 'timeout: "5d" is no time; write it like 90s, 10m or 1h'),
        ("bash timeout=0s", 'timeout: "0s" is no time'),
        ("bash band=5s", 'band: "5s" is no band; write it like 5s..2m'),
        ("bash band=5s..x", 'band: "x" is no time'),
        ("bash band=2m..5s", 'band: "2m..5s" ends before it begins; did you mean "5s..2m"?'),
        ('bash name="a b"', 'name: "a b" is no name'),
    ],
)
def test_a_wrong_option_is_named_with_its_line_and_what_would_be_right(
    info: str, message: str
) -> None:
    """In a document that declares settings for freshrun; in any other the word passes."""
    text = f"```{info}\ntrue\n```\n"
    assert fault(f"{OURS}{text}").startswith(f"x.md:4: {message}")
    assert options(info, strict=False) in {Options(), Options(exit=1)}


def test_decorations_pass_even_in_a_document_of_ours() -> None:
    """Pandoc's classes and identifiers, and lines to highlight, can't be a misspelt option."""
    assert options("{.bash .numberLines #an-id exit=1}") == Options(exit=1)
    assert options("bash {1,3-4} exit=1") == Options(exit=1)


def test_a_name_belongs_to_one_block() -> None:
    """The second block with a name is an error that names the first."""
    block = "```bash name=a\n```\n"
    message = 'x.md:6: name "a" is taken by the block in line 4; give each block a name of its own'
    assert fault(OURS + block + block) == message
    assert len(list(parse(block + block, path="x.md").blocks)) == 2


def test_a_hostile_info_string_is_read_in_time() -> None:
    """Thousands of quotes, backslashes and braces cost no more than their number."""
    begin = time.perf_counter()
    for word in ('"\\', "'", '"', "{", "=", "\\"):
        options("bash " + word * 100_000, strict=False)
    assert time.perf_counter() - begin < 5


# --- front matter ---


def test_settings_are_read_from_the_front_matter() -> None:
    """Every setting; other keys are another tool's; lines below count in the whole file."""
    runbook = example("options")
    assert runbook.settings == Settings(
        image="Dockerfile.fresh",
        user="newcomer",
        timeout=90.0,
        network="none",
        memory="512m",
        env={"LANG": "C.UTF-8", "DEBUG": "1", "EMPTY": ""},
        secrets=("GH_TOKEN",),
        github="runbook/recordings/failing-smoke",
        bd="stand-in",
        repository="https://github.com/freshrun/freshrun",
        checklist="checks/",
        sections="independent",
        declared=True,
    )
    assert runbook.sections[0].line == 19


def test_a_document_may_declare_nothing() -> None:
    """An empty map declares the document ours; without it the defaults hold."""
    assert settings_of() == Settings(declared=True)
    assert settings_of("env:") == Settings(declared=True)
    assert example("foreign").settings == Settings()
    assert parse("", path="x.md").settings == Settings()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("timeuot: 10m", 'unknown setting "timeuot"; did you mean "timeout"?'),
        ("colour: red", 'unknown setting "colour"; known are image, images, user,'),
        ("timeout: 10x", 'timeout: "10x" is no time; write it like 90s, 10m or 1h'),
        ("timeout: 600", 'timeout: "600" has no unit; did you mean "600s"?'),
        ("timeout: [10m]", "timeout: a single value is wanted here, not a list or a map"),
        ("timeout:", "timeout: there is no value; write one, or remove the key"),
        ("network: no", 'network: "no" is neither "full" nor "none"'),
        ("sections: parallel", 'sections: "parallel" is neither "independent" nor "in order"'),
        ("bd: fake", 'bd: "fake" is neither "stand-in" nor "live"'),
        ("memory: 512", 'memory: "512" is no size of memory; write it like 512m or 2g'),
        ("memory: 0g", 'memory: "0g" is no size of memory'),
        ("image: 3.10", 'image: 3.10 is a number to YAML; quote it: "3.10"'),
        ("user: on", 'user: on is a boolean to YAML; quote it: "on"'),
        ("user: 2024-01-01", 'user: 2024-01-01 is a date to YAML; quote it: "2024-01-01"'),
        ("image: ''", "image: there is no value"),
        ("env: [A]", 'env: a map is wanted here, with lines like "key: value"'),
        ("env: {A: yes}", 'env: A: yes is a boolean to YAML; quote it: "yes"'),
        ("env: {A: 8080}", 'env: A: 8080 is a number to YAML; quote it: "8080"'),
        ("env: {A: }", "env: A: there is no value"),
        ("env: {A-B: x}", 'env: A-B: "A-B" is no name of a variable; write it like GH_TOKEN'),
        ("env: {A: x, A: y}", 'env: "A" is set twice'),
        ("secrets: GH_TOKEN", "secrets: a list of names is wanted here, like [GH_TOKEN]"),
        ("secrets: [GH TOKEN]", 'secrets: "GH TOKEN" is no name of a variable'),
        ("? [a]\n  : b", "freshrun: a key is a single word"),
        ("timeout: 10m: x", "the front matter is no YAML: mapping values are not allowed here"),
        ("env: {A: 'x", "the front matter is no YAML: while scanning a quoted scalar"),
        ("secrets: [A", "the front matter is no YAML: while parsing a flow sequence"),
        ("image: *x", "the front matter is no YAML: found undefined alias"),
        ("image: a\x01b", "the front matter is no YAML: a control character; remove it"),
    ],
)
def test_a_wrong_setting_is_named_with_its_line_and_what_would_be_right(
    line: str, message: str
) -> None:
    """The line is that of the file, whatever stands before and after."""
    text = f"---\ntitle: x\nfreshrun:\n  github: live\n  {line}\n---\n# T\n"
    assert fault(text).startswith(f"x.md:5: {message}")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["env:", "  A: x", "  B: 1"], "x.md:5: env: B: 1 is a number"),
        (["secrets:", "- A", "- 'B C'"], 'x.md:5: secrets: "B C" is no name'),
        (["- user"], "x.md:3: freshrun: a map is wanted here"),
        (["user: a", "user: b"], 'x.md:4: freshrun: "user" is set twice'),
        (["secrets: [A]", "env: {A: x}"], "x.md:4: A is in env and in secrets"),
        (["env: {A: x}", "secrets: [A]"], "x.md:4: A is in env and in secrets"),
    ],
)
def test_a_mistake_in_a_nested_setting_has_its_own_line(lines: list[str], message: str) -> None:
    """The line of the entry is named, not that of the setting around it."""
    with pytest.raises(DocumentError) as caught:
        settings_of(*lines)
    assert str(caught.value).startswith(message)


def test_two_maps_of_settings_are_an_error() -> None:
    """Neither of them silently wins."""
    assert fault("---\nfreshrun: {}\nfreshrun: {}\n---\n").startswith("x.md:3: a second map")


def test_front_matter_that_is_nested_without_end_is_an_error() -> None:
    """No depth makes a traceback."""
    assert "nested too deeply" in fault(f"---\nfreshrun: {'[' * 5_000}\n---\n")


@pytest.mark.parametrize(
    "text",
    [
        "---\n\n# Title\n\n---\n\n```sh\ntrue\n```\n",
        "---\nA paragraph, and then: a heading\n---\n```sh\ntrue\n```\n",
        "---\n- a list\n---\n```sh\ntrue\n```\n",
        "---\n---\n```sh\ntrue\n```\n",
        "text\n\n---\nfreshrun: {timeout: soon}\n---\n```sh\ntrue\n```\n",
        "---\nkey: value, with no end\n\n```sh\ntrue\n```\n",
        "----\nfreshrun: x\n----\n```sh\ntrue\n```\n",
    ],
)
def test_a_thematic_break_is_no_front_matter(text: str) -> None:
    """Dashes at the top without a key after them, or anywhere else, are Markdown."""
    runbook = parse(text, path="x.md")
    assert runbook.settings == Settings()
    assert [command.text for command in runbook.commands] == ["true"]


def test_front_matter_without_an_end_is_an_error_where_it_is_ours() -> None:
    """Settings that were meant are never passed over."""
    message = "x.md:1: the front matter that begins here has no end"
    assert fault("---\ntitle: x\nfreshrun:\n  image: x\n\n# T\n").startswith(message)


# --- files that are no runbooks ---


def test_a_runbook_knows_its_path_and_hash() -> None:
    """The hash is that of the bytes in the file, CRLF and all."""
    path = EXAMPLES / "document-crlf.md"
    runbook = read(path)
    assert runbook.path == os.fspath(path)
    assert runbook.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert {command.file for command in runbook.commands} == {os.fspath(path)}


def test_a_missing_file_is_named_with_one_that_is_near(tmp_path: Path) -> None:
    """A misspelt name is answered with the right one."""
    (tmp_path / "runbook.md").touch()
    with pytest.raises(DocumentError) as caught:
        read(tmp_path / "runbok.md")
    assert str(caught.value) == (
        f'{tmp_path}/runbok.md: there is no such file; did you mean "runbook.md"?'
    )
    with pytest.raises(DocumentError, match=f"there is no folder {tmp_path}/nowhere"):
        read(tmp_path / "nowhere" / "runbook.md")


def test_a_directory_is_no_runbook(tmp_path: Path) -> None:
    """The message says to name a file."""
    with pytest.raises(DocumentError, match="is a directory; name a Markdown file in it"):
        read(tmp_path)


def test_a_file_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    """Whatever the system says is passed on in one line."""
    (tmp_path / "file").touch()
    with pytest.raises(DocumentError, match="can't be read: not a directory"):
        read(tmp_path / "file" / "runbook.md")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"# T\n\n\x89PNG\0", "x.md:3: byte 9 is NUL, so this is a binary file;"),
        (b"# T\ncaf\xe9\n", "x.md:2: byte 7 (0xe9) is not UTF-8; save the text as UTF-8"),
        ("# T\n\udcff", "x.md:2: byte 4 (0xed) is not UTF-8"),
        ("# T\n".encode("utf-16"), "x.md:1: the text is UTF-16; save it as UTF-8"),
    ],
)
def test_a_binary_file_is_no_runbook(data: bytes | str, message: str) -> None:
    """The message says where, and what a runbook is."""
    assert fault(data).startswith(message)


def test_a_document_without_commands_can_be_read_but_not_rehearsed() -> None:
    """The message names the block that looks as if it was meant, or counts those that do not."""
    runbook = example("no-commands")
    assert runbook.commands == ()
    with pytest.raises(DocumentError) as caught:
        require_commands(runbook)
    assert str(caught.value) == (
        f"{runbook.path}:11: no shell command found: this block looks like shell,"
        " but nothing marks it; open it with ```bash"
    )
    with pytest.raises(DocumentError, match=r"in its code blocks \(1 yaml, 1 unmarked\); mark"):
        require_commands(parse("```yaml\na: b\n```\n```\na b\n```\n", path="x.md"))
    with pytest.raises(DocumentError, match="it has no fenced code block"):
        require_commands(parse("# T\n", path="x.md"))
    with_commands = example("crlf")
    assert require_commands(with_commands) is with_commands


@pytest.mark.parametrize(
    ("info", "exits"),
    [("console", [3, 0]), ("console exit=3", [3, 0]), ("console exit=2", [3, 2])],
)
def test_a_status_that_a_transcript_shows_is_that_of_the_command_above(
    info: str, exits: list[int]
) -> None:
    """The block's own `exit=` says the same, or is that of the last command."""
    text = f'```{info}\n$ (exit 3)\n$ echo "$?"\n3\n```\n'
    assert [each.options.exit for each in parse(text, path="x.md").commands] == exits


def test_what_shows_no_status_promises_none() -> None:
    """Other words below it, or another variable."""
    for shown in ("$ echo $?\nthree", "$ echo $?\n333", "$ echo $X\n3", "$ echo $?"):
        text = f"```console\n$ false\n{shown}\n```\n"
        assert [each.options.exit for each in parse(text, path="x.md").commands] == [0, 0]


# --- size ---


def test_a_document_of_10_mb_is_read_to_its_last_line() -> None:
    """No length is too much, and every line number is right."""
    prose = "Some `code`, some *emphasis* and [a link](x.md) in a long paragraph of plain prose.\n"
    parts = [f"## Part {n}\n\n{prose * 115}\n```bash\necho {n}\n```\n\n" for n in range(1050)]
    text = "".join(parts)
    assert len(text) > 10_000_000
    commands = parse(text, path="x.md").commands
    assert [command.text for command in commands] == [f"echo {n}" for n in range(1050)]
    assert commands[-1].line == text.count("\n") - 2
