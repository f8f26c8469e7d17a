"""The table `If gh refuses`, held against what gh said."""

from pathlib import Path

import pytest
from own_shell import install, live_shell

from freshrun.checklist.trial import retyped
from freshrun.document.reading import parse
from freshrun.github.server.faults import FAULTS
from freshrun.model.errors import NotReachedError
from freshrun.model.finding import Finding, Reading
from freshrun.model.outcome import Outcome, Status
from freshrun.model.record import Record
from freshrun.model.runbook import Runbook
from freshrun.triage.gh_refusals import Attempt, attempts, gh_troubleshooting
from freshrun.triage.symptoms import symptoms

PATH = "runbook/triage.md"

TEXT = """# Triage

```bash name=find-run
RUN_ID=$(gh run list --limit 1)
[[ $RUN_ID =~ ^[0-9]+$ ]]
```

```bash name=download-artifacts
rm -rf triage
gh run download "$RUN_ID" --name results --dir triage
```

```bash name=read-log
gh run view "$RUN_ID" --log-failed > failed.log
```

## If gh refuses

| gh says | Means | Do |
| --- | --- | --- |
| `please run:  gh auth login` (exit status 4) | no token | export one |
| `HTTP 401: Bad credentials` | a bad token | make a new one |
| nothing, and exit status 0 | no run | look |
| `not a valid zip file`, `unexpected EOF` | damaged | again |
| `run 17400000123 is still in progress` (with your run's number) | it runs | wait |
"""
(FIND, _, _, DOWNLOAD, VIEW) = parse(TEXT, path=PATH).commands

SAID = (
    Attempt("no-token", FIND, "To start, please run:  gh auth login\\nor so", 4),
    Attempt("bad-credentials", FIND, "error: HTTP 401: Bad credentials (https://api/x)", 1),
    Attempt("bad-credentials", DOWNLOAD, "HTTP 401: Bad credentials (https://api/y)", 1),
    Attempt("no-failed-run", FIND, "", 0, came_to_nothing=True),
    Attempt("no-failed-run", VIEW, "", 0),
    Attempt("not-a-zip", DOWNLOAD, "error: zip: not a valid zip file", 1),
    Attempt("cut-off", DOWNLOAD, "error: unexpected EOF", 1),
    Attempt("in-progress", VIEW, "run 98765432 is still in progress; wait", 1),
)


def runbook(old: str = "", new: str = "") -> Runbook:
    """Return the runbook, with one text in it changed."""
    assert old in TEXT
    return parse(TEXT.replace(old, new, 1), path=PATH)


def line_of(fragment: str, text: str = TEXT) -> int:
    """Return the line of the document that holds the fragment, the first one."""
    return text[: text.index(fragment)].count("\n") + 1


def judged(book: Runbook, said: tuple[Attempt, ...] = SAID) -> tuple[Finding, ...]:
    """Judge what gh said."""
    return gh_troubleshooting(book, Reading(1, said))


def messages(findings: tuple[Finding, ...]) -> str:
    """Return the findings as they are shown."""
    return "\n".join(map(str, findings))


def test_a_table_that_tells_all_that_gh_says_has_no_finding() -> None:
    """Each refusal has its row, a run's number is any number, and silence is told too."""
    assert judged(runbook()) == ()


def test_a_row_is_its_texts_and_the_exit_status() -> None:
    """Each code span is a text of its own; without a status it is 1, without a text silence."""
    rows = symptoms(runbook()).rows
    assert [row.exit_code for row in rows] == [4, 1, 0, 1, 1]
    assert [len(row.texts) for row in rows] == [1, 1, 0, 2, 1]
    assert rows[1].texts == ("HTTP 401: Bad credentials",)


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        (
            "`HTTP 401: Bad credentials`",
            "`HTTP 401: Wrong credentials`",
            "| `HTTP 401",
            'the nearest that it says is "HTTP 401: Bad credentials"',
        ),
        (
            "`HTTP 401: Bad credentials`",
            "`HTTP 401: Wrong credentials`",
            "| gh says",
            '(bad-credentials), which no row tells; the nearest is "HTTP 401: Wrong credentials"',
        ),
        ("(exit status 4)", "", "| `please run", " with exit status 4, the row says 1"),
        ("exit status 0 |", "exit status 3 |", "| nothing", "with exit status 0, the row says 3"),
        (
            "`unexpected EOF`",
            "`unexpected end`",
            "| `not a valid",
            'gh never says "unexpected end"; the nearest that it says is "error: unexpected EOF"',
        ),
        (
            "| `HTTP 401: Bad credentials` |",
            "| `HTTP 401` | x | y |\n| `Bad credentials` |",
            "| `HTTP 401`",
            f"which lines {line_of('| `HTTP 401')} and {line_of('| `HTTP 401') + 1} tell; one is",
        ),
        (
            "| nothing, and exit status 0 | no run | look |\n",
            "",
            "| gh says",
            "gh says nothing (no-failed-run), which no row tells",
        ),
        ("| gh says |", "| gh tells |", "| gh tells", 'has no column "gh says"'),
    ],
)
def test_a_row_that_parts_from_gh_is_found(old: str, new: str, at: str, said: str) -> None:
    """One changed row is named with its line and with what gh said."""
    findings = judged(runbook(old, new))
    wanted = line_of(at, TEXT.replace(old, new, 1))
    assert [f.line for f in findings if said in f.message] == [wanted], messages(findings)


def test_a_row_about_nothing_is_found() -> None:
    """A text that no situation brings up any more, and silence that never comes, are findings."""
    said = messages(judged(runbook(), tuple(one for one in SAID if one.situation != "in-progress")))
    assert f"{PATH}:{line_of('| `run 174')}: gh never says" in said
    said = messages(judged(runbook(), tuple(one for one in SAID if not one.came_to_nothing)))
    assert f"{PATH}:{line_of('| nothing')}: gh was never silent" in said
    assert "no-failed-run: no gh command of the document refuses anything" in said


def test_what_the_shell_refuses_is_not_taken_for_a_word_of_gh() -> None:
    """A folder that no command makes: told once, at the command, and not as a missing row."""
    shell = "bash: logs/failed.log: No such file or directory"
    barred = tuple(Attempt(one, VIEW, shell, 1) for one in ("no-token", "in-progress"))
    (found,) = judged(
        runbook(), (*(one for one in SAID if one.situation != "in-progress"), *barred)
    )
    assert found.line == VIEW.line
    assert found.message == (
        f'the shell says "{shell}" where nothing was typed but this page; gh is never called'
    )


def test_silence_that_nothing_fails_after_is_found_at_its_command() -> None:
    """The block ends with 0, so its reader goes on without a run: that is where to mend."""
    passed = (Attempt("no-failed-run", FIND, "", 0), *(one for one in SAID if one.said))
    found = [one for one in judged(runbook(), passed) if one.line == FIND.line]
    row = f"line {line_of('| nothing')}"
    message = "gh says nothing (no-failed-run), and no command after it fails; one that does is"
    assert [one.message for one in found] == [f"{message} right, for {row} tells of it"]


GH = """\
#!/bin/bash
test -n "$GH_TOKEN" || { echo "please run:  gh auth login" >&2; exit 4; }
mkdir -p "$XDG_CACHE_HOME"; touch "$XDG_CACHE_HOME/for-${FAULT:-none}"; others=("$XDG_CACHE_HOME"/*)
test "${#others[@]}" = 1 || { echo "an old cache" >&2; exit 9; }
test "$FAULT" != rate-limit || { echo "too many" >&2; exit 1; }
case $2 in
download | view) test -z "$FAULT" -o "$3" = 17 || { echo "which run?" >&2; exit 1; } ;;
esac
case $2 in
list) test "$FAULT" = no-failed-run || echo 17 ;;
download) case $5 in *-of-*) echo "no artifact matches" >&2; exit 1 ;; esac
          test ! -d triage || { echo "file exists" >&2; exit 1; }; mkdir triage ;;
esac
"""


def test_every_situation_is_tried_with_the_document_s_own_commands(tmp_path: Path) -> None:
    """No token, a misnamed artifact and each fault, each in a folder and a cache of its own.

    The faults are about the recorded run, whichever run the shell is about.
    """
    book = runbook()
    passed = tuple(Outcome(command, Status.PASSED) for command in book.commands)
    record = Record(runbook=PATH, sha256="", started="", ended="", outcomes=passed)
    faults = [FAULTS[name] for name in ("rate-limit", "same-directory-twice", "no-failed-run")]
    with live_shell(tmp_path) as sandbox:
        install(sandbox, "gh", program=GH)
        sandbox.shell.type(retyped(FIND, text="RUN_ID=99"))
        tried = attempts(
            book, record, switch_on=lambda name: {"FAULT": name}, sandbox=sandbox, faults=faults
        )
    refused = [
        (one.situation, one.command.line, one.said, one.exit_code)
        for one in tried.rows
        if one.is_refusal
    ]
    no_token, many = "please run:  gh auth login", "too many"
    assert refused == [
        *(("no-token", c.line, no_token, 4) for c in (FIND, DOWNLOAD, VIEW)),
        ("artifact-misnamed", DOWNLOAD.line, "no artifact matches", 1),
        *(("rate-limit", c.line, many, 1) for c in (FIND, DOWNLOAD, VIEW)),
        ("same-directory-twice", DOWNLOAD.line, "file exists", 1),
        ("no-failed-run", FIND.line, "", 0),
    ]


def test_commands_that_did_not_pass_are_not_tried(tmp_path: Path) -> None:
    """A rehearsal that failed before them leaves nothing to try."""
    record = Record(runbook=PATH, sha256="", started="", ended="", outcomes=())
    with (
        live_shell(tmp_path) as sandbox,
        pytest.raises(NotReachedError, match="was not run in this rehearsal"),
    ):
        attempts(runbook(), record, switch_on=lambda _: {}, sandbox=sandbox)
