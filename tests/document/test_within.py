"""What stands below a command that opens another program: cut by that program's own rules."""

from freshrun.document.reading import parse
from freshrun.model.runbook import BlockKind


def typed(text: str) -> list[tuple[int, str, str]]:
    """Return line, text and program of each command of a document."""
    return [(c.line, c.text, c.within) for c in parse(text, path="x.md").commands]


def test_the_rest_of_a_block_is_the_programs_until_it_is_left() -> None:
    """SQL that is no shell is cut at its semicolons; behind its end the shell goes on."""
    assert typed("""\
```bash
sudo -u postgres psql
CREATE TABLE t (
  note text -- don't; stop
);
-- a comment
\\dt
INSERT INTO t VALUES ('a;b');
\\q
echo "there"
```
""") == [
        (2, "sudo -u postgres psql", ""),
        (3, "CREATE TABLE t (\n  note text -- don't; stop\n);", "psql"),
        (7, "\\dt", "psql"),
        (8, "INSERT INTO t VALUES ('a;b');", "psql"),
        (9, "\\q", "psql"),
        (10, 'echo "there"', ""),
    ]


def test_blocks_of_its_language_belong_to_the_program_that_is_open() -> None:
    """Below `psql` a block of SQL is typed, above it and behind its end it is only shown."""
    runbook = parse(
        """\
```sql
SELECT 1;
```

```bash
psql
```

```sql
SELECT 2;
```

```python
print(3)
```

```text
postgres=# SELECT 4
postgres-# ;
 4
postgres=# \\q
```

```sql
SELECT 5;
```
""",
        path="x.md",
    )
    assert [c.text for c in runbook.commands] == ["psql", "SELECT 2;", "SELECT 4\n;", "\\q"]
    kinds = [block.kind for block in runbook.blocks]
    other, script, transcript = BlockKind.OTHER, BlockKind.SCRIPT, BlockKind.TRANSCRIPT
    assert kinds == [other, script, script, other, transcript, other]
    assert [c.promised for c in runbook.commands] == [None, None, " 4", None]


def test_a_transcript_shows_both_prompts() -> None:
    """What stands behind `>>> ` is Python's, with the output below; the banner is no promise."""
    assert typed("""\
```console
$ python3
Python 3.9 on linux
>>> for i in "ab":
...     print(i)
...
a
b
>>> exit()
$ echo "back"
```
""") == [
        (2, "python3", ""),
        (4, 'for i in "ab":\n    print(i)\n', "python"),
        (9, "exit()", "python"),
        (10, 'echo "back"', ""),
    ]


def test_programs_open_within_shells_that_open_within_shells() -> None:
    """Each `exit` leaves the innermost alone."""
    assert typed("""\
```bash
sudo -i
su - postgres
psql
SELECT 1;
exit
exit
exit
SELECT=1
```
""")[3:] == [
        (5, "SELECT 1;", "psql"),
        (6, "exit", "psql"),
        (7, "exit", ""),
        (8, "exit", ""),
        (9, "SELECT=1", ""),
    ]


def test_a_block_that_is_skipped_or_answered_opens_nothing() -> None:
    """Neither does one in another terminal, or one of another independent section."""
    for options in ('skip="no"', 'stdin="x"', "background", "terminal=b"):
        text = f"```bash {options}\npsql\n```\n\n```bash\nSELECT=1\n```\n"
        assert typed(text)[-1] == (6, "SELECT=1", "")
    sections = "---\nfreshrun: {sections: independent}\n---\n## A\n\n```bash\ntrue\n```\n"
    sections += "## B\n\n```bash\npsql\n```\n\n## C\n\n```bash\nA=1\n```\n"
    assert typed(sections)[-1][2] == ""


def test_compound_statements_of_python_are_closed_as_a_reader_closes_them() -> None:
    """With an empty line; what needs none gets none."""
    found = typed("```bash\npython3\nif True:\n    x = 1\nprint(2)\n```\n")
    assert found[1:] == [(3, "if True:\n    x = 1\nprint(2)", "python")]
    found = typed("```bash\npython3\n```\n```python\nx = 1\nif x:\n    x = 2\n```\n")
    assert [text for _, text, _ in found[1:]] == ["x = 1", "if x:\n    x = 2\n"]
