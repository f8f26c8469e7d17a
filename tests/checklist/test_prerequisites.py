"""The prerequisites that a runbook names, what confirms them, and its known limitations."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from small_program import FILES, PLAN, RUNBOOK, WORKFLOW, Program, places

from freshrun.checklist.answers import Answer, present_answers, typed_answers
from freshrun.checklist.confirmation import confirmations, prerequisites_hold
from freshrun.checklist.gate import present_gate
from freshrun.checklist.prerequisites_table import Kind, Limitation, limitations
from freshrun.checklist.sources import repository_files
from freshrun.document.reading import read
from freshrun.github.workflows import uploads
from freshrun.host.git import repository
from freshrun.model.finding import Finding
from freshrun.model.outcome import Ending, Outcome, Output, Status
from freshrun.model.record import Record
from freshrun.model.runbook import Command
from freshrun.tasks import refusal

ROOT = Path(__file__).resolve().parents[2]

ANSWERS: Mapping[str, Answer] = {
    "psql --version": Answer(0, "psql (PostgreSQL) 15.14 (Debian)\n"),
    "bd version": Answer(0, "bd version 0.49.5-stand-in\n"),
    "bd doctor": Answer(0, ""),
}
STAND_INS = ("gh: a recorded run", "bd: the stand-in, not the real beads")
MISSING = Answer(127, "bash: line 1: psql: command not found\n")
BEAD = "--type task --priority P2 --labels follow-up,program:WID-7aa"


def judged(
    program: Program,
    *,
    answers: Mapping[str, Answer] = ANSWERS,
    stand_ins: tuple[str, ...] = STAND_INS,
) -> tuple[Finding, ...]:
    """Return what is wrong with the prerequisites of a program."""
    return prerequisites_hold(
        program.runbook, files=program.files, answers=answers, stand_ins=stand_ins
    )


def only(program: Program, path: str, text: str, *, answers: Mapping[str, Answer] = ANSWERS) -> str:
    """Return the message of the one finding, which is at a text of a file."""
    found = judged(program, answers=answers)
    assert places(found) == [(path, program.line(path, text))], found
    return found[0].message


def test_prerequisites_that_are_there_give_no_finding() -> None:
    """A stand-in is a limitation, and documented."""
    assert judged(Program()) == ()
    program = Program()
    rows = confirmations(
        program.runbook, files=program.files, answers=ANSWERS, stand_ins=STAND_INS
    ).rows
    assert [(one.prerequisite.name, one.answer, one.stand_in) for one in rows] == [
        ("plan", "runbook/plan.md has Failure classes, Scenarios, Invariants", ""),
        ("jobs", ".github/workflows/suite.yml uploads smoke-results, full-results", ""),
        ("database", "psql (PostgreSQL) 15.14 (Debian)", ""),
        ("bd", "bd version 0.49.5-stand-in", STAND_INS[1]),
    ]
    assert rows[3].bead == f"bd create 'Prerequisite bd: {STAND_INS[1]}' {BEAD}"


def test_our_own_plan_and_workflow_are_confirmed() -> None:
    """Before any container is made; the tools answer where there is one."""
    book = read(ROOT / "runbook" / "integration-triage-runbook.md")
    files = repository_files(repository(book.path, worktree=True))
    rows = confirmations(book, files=files, answers={}).rows
    read_rows = [one for one in rows if one.prerequisite.kind is not Kind.TOOL]
    assert [one.prerequisite.kind for one in read_rows] == [Kind.PLAN, Kind.WORKFLOW]
    assert [problem for one in read_rows for problem in one.problems] == []


# --- limitations ---


def test_a_limitation_that_is_not_documented_is_found() -> None:
    """A tool that does not answer, and a stand-in without its row, each with its bead."""
    message = only(
        Program(), RUNBOOK, "| database |", answers={**ANSWERS, "psql --version": MISSING}
    )
    assert message.startswith(
        "database: `psql --version` ends with 127: bash: line 1: psql: command not found; "
        'no row of "Known limitations" (line '
    )
    assert message.endswith(BEAD)
    program = Program().but(RUNBOOK, "| bd | the real", "| - | the real")
    assert only(program, RUNBOOK, "| bd | tool").startswith(
        f"bd: stands in: {STAND_INS[1]}; no row"
    )


def test_a_documented_limitation_passes() -> None:
    """The row names the prerequisite, or several."""
    program = Program().but(RUNBOOK, "| bd | the real", "| bd, database | the real")
    assert judged(program, answers={**ANSWERS, "psql --version": MISSING}) == ()


def test_a_row_about_a_stand_in_does_not_excuse_the_lack_of_the_real_one() -> None:
    """It is about the document's own rehearsal, which asks for the stand-in."""
    gone = {**ANSWERS, "bd version": MISSING}
    (finding,) = judged(Program(), answers=gone, stand_ins=())
    line = Program().line(RUNBOOK, "| beads are filed")
    assert f"its stand-in is documented in line {line}, this is not: bd create" in finding.message
    real = Program().but(RUNBOOK, "  bd: stand-in", "  bd: live")
    assert judged(real, answers=gone, stand_ins=()) == ()


INSTALLS = """
## Setup

```bash
sudo apt-get install -y postgresql-database
```

```bash
command -v bd || npm install -g @beads/bd
bd version
```
"""


def installing(status: Status) -> tuple[Program, Record]:
    """Return the program with a setup, and its record: the first installer ended so."""
    program = Program({**FILES, RUNBOOK: FILES[RUNBOOK] + INSTALLS})
    first, *rest = program.runbook.commands[-3:]
    after = Status.PASSED if status is Status.PASSED else Status.NOT_REACHED
    outcomes = [Outcome(first, status, exit_code=100, reason="exit status 100, expected 0")]
    outcomes += [Outcome(command, after, Ending.NOT_RUN) for command in rest]
    return program, Record(RUNBOOK, sha256="", started="", ended="", outcomes=tuple(outcomes))


def test_what_a_later_line_would_have_installed_is_a_consequence() -> None:
    """The line and its fate are named, and there is nothing to file."""
    program, record = installing(Status.FAILED)
    answers = {**ANSWERS, "psql --version": MISSING, "bd version": MISSING}
    found = prerequisites_hold(program.runbook, files=program.files, answers=answers, record=record)
    database, bd = (one.message for one in found)
    apt, npm = (program.line(RUNBOOK, text) for text in ("sudo apt-get", "command -v bd"))
    assert f"{RUNBOOK}:{apt} would have installed it, and failed: exit status 100" in database
    assert f"{RUNBOOK}:{npm} would have installed it, and was not reached" in bd
    assert "bd create" not in database + bd


def test_what_an_installer_did_not_leave_is_no_consequence() -> None:
    """It passed, and the tool is not there: that is to be filed. So is one that is too old."""
    program, record = installing(Status.PASSED)
    gone = {**ANSWERS, "psql --version": MISSING}
    (found,) = prerequisites_hold(program.runbook, files=program.files, answers=gone, record=record)
    assert "to file it: bd create" in found.message
    program, record = installing(Status.FAILED)
    old = {**ANSWERS, "psql --version": Answer(0, "psql 9.6")}
    (found,) = prerequisites_hold(program.runbook, files=program.files, answers=old, record=record)
    assert "to file it: bd create" in found.message


def test_an_installer_that_names_no_tool_stands_for_what_is_missing() -> None:
    """Only one that was not reached, and that installs something."""
    program, record = installing(Status.FAILED)
    unnamed = program.but(RUNBOOK, "postgresql-database", "everything")
    first, *rest = record.outcomes
    commands = unnamed.runbook.commands[-3:]
    outcomes = tuple(replace(o, command=c) for o, c in zip((first, *rest), commands, strict=True))
    gone = {**ANSWERS, "psql --version": MISSING}
    (found,) = prerequisites_hold(
        unnamed.runbook,
        files=unnamed.files,
        answers=gone,
        record=replace(record, outcomes=outcomes),
    )
    assert f":{unnamed.line(RUNBOOK, 'command -v bd')} would have installed it" in found.message


def test_a_limitation_that_is_no_longer_real_is_found() -> None:
    """A row about a tool that answers, and one about a stand-in that nobody asks for."""
    program = Program().but(RUNBOOK, "| - | on purpose", "| database | on purpose")
    message = only(program, RUNBOOK, "| one run")
    assert message == (
        'the limitation is no longer real: database answers "psql (PostgreSQL) 15.14 (Debian)"; '
        "remove the row"
    )
    live = Program().but(RUNBOOK, "  bd: stand-in", "  bd: live")
    assert places(judged(live, stand_ins=())) == [(RUNBOOK, live.line(RUNBOOK, "| beads are"))]


def test_a_stand_in_that_the_document_asks_for_is_real_where_a_caller_does_without() -> None:
    """The row is about the document's own rehearsal; one run with the real program is another."""
    assert judged(Program(), stand_ins=()) == ()


def test_a_stand_in_that_does_not_answer_is_not_the_documented_limitation() -> None:
    """The row is about what stands in, not about nothing."""
    message = only(Program(), RUNBOOK, "| bd | tool", answers={**ANSWERS, "bd version": MISSING})
    assert "its stand-in is documented in line" in message


def test_a_limitation_about_nothing_known_is_found() -> None:
    """A misspelt name would hide a limitation."""
    program = Program().but(RUNBOOK, "| - | on purpose", "| data base | on purpose")
    message = only(program, RUNBOOK, "| one run")
    assert message == '"data base" is no prerequisite; did you mean "database"?'


# --- tools ---


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(0, "psql (PostgreSQL) 14.9"), '"psql (PostgreSQL) 14.9"; 15 or later is right'),
        (Answer(0, "psql"), '"psql", which has no version'),
        (Answer(0, ""), "which has no version"),
        (Answer(None, "no answer within 60 s"), "did not end: no answer within 60 s"),
        (Answer(1, "one\n\ntwo\n\n"), "ends with 1: two"),
        (Answer(1, ""), "ends with 1: it says nothing"),
    ],
)
def test_a_tool_ends_with_0_and_a_version(answer: Answer, said: str) -> None:
    """The last thing that it said is the reason, where it failed."""
    message = only(
        Program(), RUNBOOK, "| database |", answers={**ANSWERS, "psql --version": answer}
    )
    assert said in message


def test_versions_are_compared_by_number() -> None:
    """2.100 is later than 2.26."""
    program = Program().but(RUNBOOK, "`psql --version` | 15", "`psql --version` | 2.26")
    later = {**ANSWERS, "psql --version": Answer(0, "2.100.0")}
    assert judged(program, answers=later) == ()
    earlier = {**ANSWERS, "psql --version": Answer(0, "2.9")}
    assert len(judged(program, answers=earlier)) == 1


def test_every_command_of_a_tool_has_to_answer() -> None:
    """The second one too, and one that nobody asked is no answer."""
    failing = {**ANSWERS, "bd doctor": Answer(1, "no database")}
    assert "`bd doctor` ends with 1" in only(Program(), RUNBOOK, "| bd | tool", answers=failing)
    unasked = {key: answer for key, answer in ANSWERS.items() if key != "bd doctor"}
    assert "`bd doctor` did not end: was not asked" in judged(Program(), answers=unasked)[0].message


# --- the plan ---


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("(plan.md)", "(plans.md)", 'the program plan "runbook/plans.md" is not there; did you'),
        (
            "[WID-7aa]",
            "[WID-8bb]",
            'the link says "WID-8bb", the title of runbook/plan.md "WID-7aa"',
        ),
        ("`Scenarios`", "`Drills`", 'no section "Drills" with its table'),
        (
            "| plan | plan |",
            "| plan | plans |",
            'unknown kind "plans"; one of plan, workflow, tool',
        ),
    ],
)
def test_a_plan_is_there_and_has_its_tables(old: str, new: str, said: str) -> None:
    """The finding says which link, title or table is missing."""
    assert any(said in one.message for one in judged(Program().but(RUNBOOK, old, new)))


def test_links_are_followed_from_the_runbook_s_own_folder() -> None:
    """Not from that of a file with the same name nearer to the root."""
    program = Program({**Program().texts, "triage.md": "", "plan.md": ""})
    assert judged(program) == ()
    rooted = Program().but(RUNBOOK, "(plan.md)", "(/runbook/plan.md)")
    assert judged(rooted) == ()
    elsewhere = Program().but(RUNBOOK, "(plan.md)", "(https://example.org/plan.md)")
    assert 'the program plan "" is not there' in judged(elsewhere)[0].message


def test_a_plan_that_is_missing_is_a_limitation() -> None:
    """With a bead that is still the program's."""
    message = only(Program().without(PLAN), RUNBOOK, "| plan | plan")
    assert message.endswith(BEAD)
    documented = Program().without(PLAN).but(RUNBOOK, "| bd | the real", "| bd, plan | the real")
    assert judged(documented) == ()


# --- the workflow ---


def test_a_renamed_artifact_in_the_workflow_is_found() -> None:
    """At the workflow's line, and at each line of the runbook that has the old name."""
    program = Program().but(WORKFLOW, "}}-results", "}}-outputs")
    found = judged(program)
    row, upload = program.line(RUNBOOK, "| jobs |"), program.line(WORKFLOW, "name:")
    assert places(found) == [(RUNBOOK, row), (RUNBOOK, row), (WORKFLOW, upload), (WORKFLOW, upload)]
    assert f'{WORKFLOW} uploads no "smoke-results"; no row' in found[0].message
    assert f'uploads "smoke-outputs", which {RUNBOOK}:{row} does not name' in found[2].message


def test_a_leg_of_the_matrix_that_goes_takes_its_artifact_along() -> None:
    """The names are those of the jobs that run."""
    program = Program().but(WORKFLOW, "[smoke, full]", "[smoke]")
    message = only(program, RUNBOOK, "| jobs |")
    assert f'{WORKFLOW} uploads no "full-results"' in message


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (RUNBOOK, "| `full-results` | `junit.xml`", "| `fullresults` | `junit.xml`", "gives"),
        (
            RUNBOOK,
            "| `full-results` | `junit.xml`",
            "| `full-results` | `junit2.xml`",
            "uploads is",
        ),
        (RUNBOOK, "| `full-results` | `junit.xml` | verdicts |\n", "", "which no row names"),
        (RUNBOOK, "`out/junit.xml` |\n", "`out/junit.xml`, `out/new.log` |\n", "holds new.log"),
        (WORKFLOW, "path: out/", "path: results/", "no output that"),
        (WORKFLOW, "path: out/", "path: out/diagnostics/", "is junit.xml in"),
    ],
)
def test_the_paths_of_an_artifact_are_the_documented_outputs(
    path: str, old: str, new: str, said: str
) -> None:
    """Table, entrypoints and workflow are held against each other."""
    assert any(said in one.message for one in judged(Program().but(path, old, new)))


@pytest.mark.parametrize(
    "given", ["out", "./out/", "|\n            out/junit.xml\n            out/diagnostics/*.json"]
)
def test_a_path_may_be_written_in_other_ways(given: str) -> None:
    """The files stand below the folder that they have in common."""
    assert judged(Program().but(WORKFLOW, "path: out/", f"path: {given}")) == ()


def test_a_path_that_is_left_out_is_not_uploaded() -> None:
    """As the action reads a line that begins with an exclamation mark."""
    program = Program().but(
        WORKFLOW, "path: out/", "path: |\n            out/\n            !out/*.xml"
    )
    assert all("junit.xml" in one.message for one in judged(program))
    assert len(judged(program)) == 2


def test_a_workflow_that_is_missing_or_none_is_found() -> None:
    """At the runbook's link, or at the workflow's line."""
    assert "is not there" in only(Program().without(WORKFLOW), RUNBOOK, "| jobs |")
    broken = Program().but(WORKFLOW, "[smoke, full]", "[smoke, full")
    assert (WORKFLOW, broken.line(WORKFLOW, "suite: [")) in places(judged(broken))
    assert uploads(b"on: push\n", path=WORKFLOW).findings[0].message.startswith("is no workflow")


def test_a_name_that_only_a_run_knows_is_found() -> None:
    """Nobody could document it."""
    program = Program().but(WORKFLOW, "}}-results", "}}-${{ github.run_id }}")
    found = judged(program)[0]
    assert "${{ github.run_id }} of an uploaded artifact is known to a run only" in found.message
    dynamic = Program().but(WORKFLOW, "[smoke, full]", "${{ fromJSON(inputs.suites) }}")
    assert "${{ matrix.suite }} of an uploaded" in judged(dynamic)[0].message


def names(matrix: str) -> list[str]:
    """Return the artifacts of a workflow whose names are the fruit, the animal and the colour."""
    text = f"""jobs:
  a:
    strategy: {{matrix: {matrix}}}
    steps:
      - uses: actions/upload-artifact@v4
        with: {{name: "${{{{matrix.fruit}}}}-${{{{ matrix.animal }}}}", path: out}}
"""
    return [one.artifact for one in uploads(text.encode(), path=WORKFLOW).rows]


def test_a_matrix_is_written_out_as_github_does() -> None:
    """Axes are multiplied; exclude takes away; include adds to what it fits, or one more."""
    two = "fruit: [apple, pear], animal: [cat, dog]"
    four = ["apple-cat", "apple-dog", "pear-cat", "pear-dog"]
    assert names(f"{{{two}}}") == four
    assert names(f"{{{two}, exclude: [{{fruit: apple, animal: dog}}]}}") == [
        "apple-cat", "pear-cat", "pear-dog",
    ]  # fmt: skip
    added = "include: [{colour: red}, {fruit: apple, shape: round}, {fruit: fig, animal: cow}]"
    assert names(f"{{{two}, {added}}}") == [*four, "fig-cow"]
    assert names("{include: [{fruit: fig, animal: cow}, {fruit: fig, animal: ant}]}") == [
        "fig-cow", "fig-ant",
    ]  # fmt: skip


# --- where the answers come from ---


class Recorder:
    """A shell that keeps what was typed, and gives the same answer to all of it."""

    def __init__(self) -> None:
        """Begin with nothing typed."""
        self.typed: list[Command] = []

    def type(self, command: Command) -> Outcome:
        """Keep the command; it ends with 3."""
        self.typed.append(command)
        said = Output(b"version 7\n", size=10)
        return Outcome(command, Status.FAILED, Ending.EXITED, exit_code=3, stderr=said)


def test_the_documented_commands_are_typed_as_they_stand() -> None:
    """Each at the line of its row, whatever it ends with."""
    shell, program = Recorder(), Program()
    answers = typed_answers(program.runbook, shell)
    assert [command.text for command in shell.typed] == list(ANSWERS)
    assert shell.typed[0].line == program.line(RUNBOOK, "| database |")
    assert answers["bd doctor"] == Answer(3, "version 7\n")


def test_the_present_machine_answers_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is on PATH is run, and what is not is no answer."""
    tool = tmp_path / "psql"
    tool.write_text("#!/bin/sh\necho psql 16.1\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.defpath}")
    answers = present_answers(Program().runbook)
    assert answers["psql --version"] == Answer(0, "psql 16.1\n")
    assert answers["bd version"].exit_code == 127


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the program's files in a folder, beside a machine that has its database alone."""
    for path, text in Program().texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "psql").write_text("#!/bin/sh\necho psql 16.1\n")
    (tools / "psql").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.defpath}")
    return tmp_path


def test_the_gate_tells_each_prerequisite_and_passes_with_documented_limitations(
    checkout: Path,
) -> None:
    """A line for each, and what to file for the one that is missing."""
    text = (checkout / RUNBOOK).read_text().replace("  bd: stand-in", "  bd: live")
    (checkout / RUNBOOK).write_text(text)
    gate = present_gate(read(checkout / RUNBOOK))
    assert gate.exit_code == 0
    assert "confirmed  database: psql 16.1" in gate.lines
    start = next(i for i, line in enumerate(gate.lines) if line.startswith("limited    bd: docum"))
    assert "`bd version` ends with 127" in gate.lines[start + 1]
    assert gate.lines[-1].startswith("  to file it: bd create 'Prerequisite bd: ")


def test_the_gate_fails_where_only_the_rehearsal_has_a_stand_in(checkout: Path) -> None:
    """The row about it excuses no machine without the real one; what installs it is named."""
    gate = present_gate(read(checkout / RUNBOOK))
    row = Program().line(RUNBOOK, "| beads are filed")
    said = f"limited    bd: {checkout / RUNBOOK}:{row} is about the rehearsal's stand-in"
    assert (gate.exit_code, said in gate.lines) == (1, True)
    (checkout / RUNBOOK).write_text(FILES[RUNBOOK] + INSTALLS)
    gate = present_gate(read(checkout / RUNBOOK))
    assert gate.exit_code == 1
    assert gate.lines[-1].endswith(" of the runbook installs it")
    assert "bd create" not in "".join(gate.lines)


def test_the_gate_fails_where_a_limitation_is_not_documented_or_not_real(checkout: Path) -> None:
    """Each is told with its line."""
    (checkout / "bin" / "psql").write_text("#!/bin/sh\nexit 1\n")
    gate = present_gate(read(checkout / RUNBOOK))
    assert gate.exit_code == 1
    assert "limited    database: not documented" in gate.lines
    text = (checkout / RUNBOOK).read_text().replace("| - | on purpose", "| jobs | on purpose")
    (checkout / RUNBOOK).write_text(text)
    (checkout / "bin" / "psql").write_text("#!/bin/sh\necho psql 16.1\n")
    gate = present_gate(read(checkout / RUNBOOK))
    assert gate.exit_code == 1
    assert "the limitation is no longer real: jobs answers" in gate.lines[-1]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("invoke validate-runbook --bd live", ""),
        ("freshrun triage --run 17", ""),
        ("invoke validate-runbok --bd live", "validate-runbok"),
        ("invoke validate-runbook --db live", "--db"),
        ("invoke validate-runbook --bd alive", "--bd alive: stand-in or live is right"),
        ("invoke validate-runbook --bd", "needed value"),
        ("invoke 'validate-runbook", "No closing quotation"),
        ("invoke ", "no task is named"),
    ],
)
def test_a_follow_up_that_calls_us_is_read_as_we_read_it(command: str, said: str) -> None:
    """Nothing is run; a task, an option or a word that is not known is named."""
    why = refusal(command)
    assert said in why
    assert bool(why) is bool(said)


def test_the_commands_of_a_follow_up_are_those_of_ours_and_of_bd() -> None:
    """Code in a sentence, or a cell that is nothing else."""
    rows = limitations(read(ROOT / "runbook" / "integration-triage-runbook.md")).rows
    assert ("invoke validate-runbook --bd live",) in [row.commands for row in rows]
    assert Limitation(1, "", (), "bd create x --type task").commands == ("bd create x --type task",)
    assert Limitation(1, "", (), "`psql`, then `bd list`").commands == ("bd list",)
    assert Limitation(1, "", (), "invoke it").commands == ("invoke it",)
    assert Limitation(1, "", ()).commands == ()


@pytest.mark.parametrize(
    "text",
    [
        "touch {canary}",
        "bash --version; touch {canary}",
        "bash -c 'touch {canary}'",
        "{folder}/impostor --version",
        "./impostor --version",
        "$(touch {canary}) --version",
        "env touch {canary}",
        "> {canary} --version",
    ],
)
def test_the_host_runs_no_text_of_a_document(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """On the present machine a tool is asked for its version or state, and nothing else is run."""
    canary, impostor = checkout / "canary", checkout / "impostor"
    impostor.write_text(f"#!/bin/sh\ntouch {canary}\n", "utf-8")
    impostor.chmod(0o755)
    monkeypatch.chdir(checkout)
    typed = text.format(canary=canary, folder=checkout)
    book = (checkout / RUNBOOK).read_text("utf-8").replace("`bd version`", f"`{typed}`")
    (checkout / RUNBOOK).write_text(book, "utf-8")
    gate = present_gate(read(checkout / RUNBOOK))
    assert not canary.exists()
    assert any("is not run on this host" in line for line in gate.lines)
