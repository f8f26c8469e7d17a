"""When a machine that typed the beginning of one document has typed that of another one."""

import pytest

from freshrun.document.reading import parse
from freshrun.model.runbook import Runbook
from freshrun.rehearsal.options import Choices
from freshrun.rehearsal.prefix import difference, edited, places_of, prefix_of
from freshrun.rehearsal.setup import decided

DOCUMENT = """---
freshrun:
  timeout: 5m
---
# A project

Words.

## Install

```bash timeout=1m
make install
```

```console
$ make --version
GNU Make 4.3
```

## Use

```bash
./tool --all
./tool --none
```

## Remove

```bash
make remove
```
"""
BEFORE_USE, BEFORE_REMOVE = 2, 4


def document(*changes: tuple[str, str]) -> Runbook:
    """Return the document with these changes, each of which changes something."""
    text = DOCUMENT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse(text, path="a.md")


def why(*changes: tuple[str, str], upto: int = BEFORE_USE, choices: Choices | None = None) -> str:
    """Return why a machine that typed the document can't go on with the changed one."""
    before, now = document(), document(*changes)
    return difference(
        prefix_of(before, decided(before), upto=upto),
        prefix_of(now, decided(now, choices), upto=upto),
    )


@pytest.mark.parametrize(
    "change",
    [
        ("./tool --all", "./tool --some"),
        ("./tool --none\n", ""),
        ("make remove", "make uninstall\nmake remove"),
        ("## Remove", "## Remove it"),
        ("Words.", "Many\n\nmore\n\nwords."),
        ("## Install", "## Build"),
        ("```bash\n./tool", "```bash exit=3 timeout=9s\n./tool"),
        ("```bash\nmake remove", "```bash terminal=second tty\nmake remove"),
    ],
)
def test_what_stands_behind_the_place_and_prose_change_nothing(change: tuple[str, str]) -> None:
    """Also where the same commands stand in other lines now."""
    assert why(change) == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("make install", "make  install"), "the command of line 12 is another one"),
        (("timeout=1m", "timeout=2m"), "the command of line 12 is another one"),
        (("```bash timeout=1m", "```bash timeout=1m name=x"), "the command of line 12"),
        (("GNU Make 4.3", "GNU Make 4.4"), "the command of line 16 is another one"),
        (("make install\n", "make install\ntrue\n"), "the command of line 13 is another one"),
        (("make install\n", ""), "the command of line 15 is another one"),
        (("timeout: 5m", "timeout: 6m"), "the front matter is another one"),
        (("timeout: 5m", "env: {A: b}"), "the front matter is another one"),
        (("timeout: 5m", "image: debian:12"), "the front matter is another one"),
        (("timeout: 5m", "sections: independent"), "the front matter is another one"),
        (("```bash\nmake remove", "```bash tty\nmake remove"), "a terminal that was used"),
        (("make remove", "psql"), "a terminal that was used in front of it"),
    ],
)
def test_each_thing_that_decides_makes_another_prefix(change: tuple[str, str], reason: str) -> None:
    """Text, options, promised output, order, settings, and the kind of terminal."""
    assert reason in why(change)


@pytest.mark.parametrize(
    "given",
    [
        Choices(image="debian:12"),
        Choices(user="root"),
        Choices(worktree=True),
        Choices(github="recorded"),
        Choices(servers="fail"),
        Choices(keep_going=True),
    ],
)
def test_the_callers_options_are_part_of_it(given: Choices) -> None:
    """Whatever of them is another one: which of them matter is not guessed."""
    assert why(choices=given) == "the setup of the run is another one"


def test_a_document_that_ends_in_front_of_the_place_is_another_one() -> None:
    """What was typed and is gone was typed all the same."""
    gone = DOCUMENT[DOCUMENT.index("```bash\n./tool") :]
    assert why((gone, "")) == ""
    assert why((gone, ""), upto=BEFORE_REMOVE) == "commands in front of it are gone"


def test_parts_that_a_failure_stops_at_are_part_of_it() -> None:
    """With independent sections a heading decides what an earlier failure leaves."""
    head = ("timeout: 5m", "sections: independent")
    before, now = document(head), document(head, ("## Use", "### Use"))
    keys = [prefix_of(each, decided(each), upto=BEFORE_REMOVE) for each in (before, now)]
    assert difference(*keys) == "the sections in front of it are others"


def test_a_place_is_in_front_of_each_section_with_commands() -> None:
    """The first of them has nothing in front of it."""
    assert places_of(document()) == (0, BEFORE_USE, BEFORE_REMOVE)
    assert places_of(parse("# Nothing\n", path="a.md")) == ()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("make install", "make all"), 0),
        (("GNU Make 4.3", "GNU Make 4.4"), 0),
        (("./tool --none", "./tool --few"), BEFORE_USE),
        (("make remove", "make away"), BEFORE_REMOVE),
        (("make remove\n", "make remove\nls\n"), BEFORE_REMOVE),
        (("./tool --none\n", "./tool --none\nls\n"), BEFORE_USE),
        (("## Remove\n\n```bash\nmake remove\n```\n", ""), BEFORE_USE),
        (("Words.", "Other words."), None),
    ],
)
def test_the_edited_section_is_where_the_documents_part(
    change: tuple[str, str], place: int | None
) -> None:
    """Prose parts nothing."""
    assert edited(document(), document(change)) == place
