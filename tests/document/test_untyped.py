"""What a reader sees as shell is typed, wherever a site shows it, or told by its line."""

from inspect import cleandoc

import pytest

from freshrun.document import parse
from freshrun.model import DocumentError, Runbook


def read(text: str, *, path: str = "x.md") -> Runbook:
    """Read a document that is indented as this file is."""
    return parse(cleandoc(text) + "\n", path=path)


def typed(text: str, *, path: str = "x.md") -> list[tuple[int, str]]:
    """Return the commands of a document by line."""
    return [(each.line, each.text) for each in read(text, path=path).commands]


def told(text: str, *, path: str = "x.md") -> list[tuple[int, int]]:
    """Return the lines that are told of, with how many lines of shell are lost there."""
    return [(each.line, each.lines) for each in read(text, path=path).untyped if each.counts]


TABS = """
    === "Fedora"

        ```bash
        dnf --version
        ```

    === "Debian"
        ```bash
        dpkg --version
        ```
        Then:

        1. in a list

            ```bash
            apt --version
            ```

    Afterwards:

    ```bash
    true
    ```
"""


def test_of_tabs_side_by_side_the_one_for_this_system_is_typed() -> None:
    """With all that stands in it; the other one is for another system, and no loss."""
    assert typed(TABS) == [(9, "dpkg --version"), (16, "apt --version"), (22, "true")]
    (other,) = read(TABS).untyped
    assert (other.line, other.counts) == (1, False)
    assert '"Fedora"' in other.why


@pytest.mark.parametrize(
    ("titles", "followed"),
    [
        (("apt", "snap"), "apt"),
        (("snap", "Debian/Ubuntu"), "Debian/Ubuntu"),
        (("pip", "conda"), "pip"),
        (("macOS", "Linux", "Windows"), "Linux"),
        (("Homebrew", "From source"), "From source"),
        (("Windows", "macOS"), None),
    ],
)
def test_which_of_several_tabs_a_reader_follows(
    titles: tuple[str, ...], followed: str | None
) -> None:
    """The one that names this system, else the first that names no other."""
    text = "\n".join(
        f'=== "{title}"\n    ```bash\n    echo "{title}"\n    ```\n' for title in titles
    )
    expected = [f'echo "{followed}"'] if followed else []
    assert [each.text for each in parse(text, path="x.md").commands] == expected


def test_tabs_apart_are_no_alternatives() -> None:
    """Text between them begins another group."""
    text = """
        === "Step one"
            ```bash
            echo 1
            ```

        And then

        === "Step two"
            ```bash
            echo 2
            ```
    """
    assert typed(text) == [(3, "echo 1"), (10, "echo 2")]


def test_a_tab_that_shows_no_shell_is_none_of_them() -> None:
    """Its neighbour is typed all the same."""
    text = """
        === "app.py"
            ```python
            print()
            ```

        === "Terminal"
            ```bash
            echo 2
            ```
    """
    assert typed(text) == [(8, "echo 2")]


def test_an_admonition_is_text_as_any_other() -> None:
    """Open, closed, with and without a title, one in another."""
    text = """
        !!! note "First"
            ```bash
            echo 1
            ```
            ??? tip
                ```bash
                echo 2
                ```

        ???+ warning

            ```bash
            echo 3
            ```

        :::note
        ```bash
        echo 4
        ```
        :::
    """
    assert typed(text) == [(3, "echo 1"), (7, "echo 2"), (13, "echo 3"), (18, "echo 4")]


def test_what_stands_in_a_fence_is_only_text() -> None:
    """A page about tabs shows them."""
    text = """
        ```markdown
        === "Debian"
            ```bash
            echo no
            ```
        ```
        !!! important

        ```bash
        cat <<E
        === "x"
            y
        E
        ```
    """
    assert typed(text) == [(10, 'cat <<E\n=== "x"\n    y\nE')]


def test_a_comment_of_mdx_is_seen_by_nobody() -> None:
    """In other documents the same text is text."""
    text = """
        {/*
        ```bash
        echo no
        ```
        */}

        {/* one line */}

        ```bash
        echo '{/*'
        ```
    """
    assert typed(text, path="x.mdx") == [(10, "echo '{/*'")]
    assert [each.counts for each in read(text, path="x.mdx").untyped] == [False, False]
    assert typed(text) == [(3, "echo no"), (10, "echo '{/*'")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<details>\n<summary>x</summary>\n```bash\na\n# b\nc\n```\n</details>\n", [(3, 2)]),
        ("<div>\n~~~ console\n$ a\n~~~\n</div>\n", [(2, 1)]),
        ("<div>\n```yaml\na: b\n```\n</div>\n", []),
        ("<!--\n```bash\na\n```\n-->\n", []),
        ("<div>\n<!--\n```bash\na\n```\n-->\n</div>\n", []),
        ('<pre><code class="language-bash">a\nb\n</code></pre>\n', [(1, 2)]),
        ('<pre lang="sh">\na\n</pre>\n', [(1, 1)]),
        ("<pre>\na\n</pre>\n", []),
    ],
)
def test_shell_in_html_is_told(text: str, expected: list[tuple[int, int]]) -> None:
    """GitHub shows a fence as text where no empty line stands in front of it."""
    runbook = parse(f"{text}\n```bash\ntrue\n```\n", path="x.md")
    assert [(each.line, each.lines) for each in runbook.untyped] == expected


def test_a_fence_after_an_empty_line_in_html_is_typed() -> None:
    """There it is Markdown again."""
    assert typed("<details>\n<summary>x</summary>\n\n```bash\na\n```\n\n</details>") == [(5, "a")]


@pytest.mark.parametrize(
    "text",
    [
        "```\n$ make\nok\n```\n",
        "```\n# first\nalice@web:~$ make\n```\n",
        "    (venv) $ make\n    ok\n",
        "```{code-block} console\n:caption: how\n:linenos:\n\n$ make\n```\n",
        "```bash-session\n$ make\n```\n",
        "```azurecli-interactive\nmake\n```\n",
        "~~~ {.console}\n$ make\n~~~\n",
    ],
)
def test_a_transcript_is_typed_whatever_marks_it(text: str) -> None:
    """Nothing at all, where its first line shows a prompt."""
    assert [each.text for each in parse(text, path="x.md").commands] == ["make"]


def test_unmarked_blocks_are_shell_where_the_document_says_so() -> None:
    """In its front matter, where every reader sees it; other languages stay what they are."""
    text = "---\nfreshrun:\n  unmarked: shell\n---\n```\na\n```\n\n    b\n\n```yaml\nc: d\n```\n"
    assert [each.text for each in parse(text, path="x.md").commands] == ["a", "b"]
    with pytest.raises(DocumentError, match='unmarked: "bash" is neither "text" nor "shell"'):
        parse(text.replace("unmarked: shell", "unmarked: bash"), path="x.md")


def test_unmarked_commands_and_transcripts_without_a_prompt_are_told() -> None:
    """What was meant to be typed and is not is the quietest false green."""
    text = "```\ncd src\nmake test\n```\n\n```console\nmake install\n```\n\n```bash\ntrue\n```\n"
    assert told(text) == [(1, 2), (6, 1)]


@pytest.mark.parametrize("end", ["---", "..."])
def test_front_matter_of_others_never_makes_a_document_unusable(end: str) -> None:
    """Neither dots at its end nor what is no YAML."""
    for line in ("title: A page", "title: [", "a: b: c", "x: *none"):
        text = f"---\n{line}\n{end}\n\n```bash\ntrue\n```\n\n---\n"
        assert [each.line for each in parse(text, path="x.md").commands] == [6]


def test_front_matter_of_ours_is_read_strictly() -> None:
    """Also where its name is quoted."""
    with pytest.raises(DocumentError, match=r'x\.md:3: unknown setting "imag"'):
        parse('---\n"freshrun":\n  imag: x\n---\n', path="x.md")


@pytest.mark.parametrize(
    ("caller", "document", "commands"),
    [("shell", "text", 2), ("text", "shell", 1), ("", "shell", 2), ("", "text", 1)],
)
def test_what_unmarked_blocks_are_is_the_callers_word_before_the_documents(
    caller: str, document: str, commands: int
) -> None:
    """Only where neither says anything they are text."""
    text = f"---\nfreshrun:\n  unmarked: {document}\n---\n\n```\ncd /\n```\n\n```bash\ntrue\n```\n"
    runbook = parse(text, path="x.md", unmarked=caller)
    assert len(runbook.commands) == commands
    assert runbook.settings.unmarked == (caller or document)
    assert sum(each.counts for each in runbook.untyped) == 2 - commands


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("<pre>$ make all\n$ make check</pre>", 2),
        ("<pre><code>me@host:~$ make all</code></pre>", 1),
        ("<pre>\n(venv) $ pip list\n</pre>", 1),
        ("<pre>$5 a month</pre>", 0),
        ("<pre>a table\n$ 5</pre>", 0),
    ],
)
def test_a_prompt_in_raw_html_says_that_it_is_shell(code: str, lines: int) -> None:
    """As a reader takes it; a price is none."""
    found = parse(f"Text.\n\n{code}\n", path="x.md").untyped
    assert sum(each.lines for each in found if each.counts) == lines
