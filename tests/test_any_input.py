"""Whatever a document says and a command prints: an answer or a `FreshrunError`, nothing else."""

from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freshrun import document
from freshrun.diagnosis.deciding import diagnose
from freshrun.diagnosis.hidden import hidden_failure
from freshrun.lint.linting import lint
from freshrun.model.errors import FreshrunError
from freshrun.model.outcome import Outcome, Output, Status
from freshrun.model.record import Record
from freshrun.model.record_json import from_json, to_json
from freshrun.report.console import terminal
from freshrun.report.github import annotations
from freshrun.report.page import html
from freshrun.report.summary import step_summary

quickly = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
FRAGMENTS = (
    *(
        "# a\n",
        "```bash\n",
        "```\n",
        "```console\n$ echo a\na\n",
        "echo $A\n",
        "| a | b |\n|-|-|\n",
    ),
    *("[a](#b) ", "<div>", "<!--", "---\n", "freshrun:\n  env: {A: b}\n", "cat <<E\n", "<name>"),
    *("export A=1\n", "f() { f; }\n", "'", "`", "\\\n", "${a?}", "> ", "- ", "\t", "\x00", "é"),
)
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=9), max_size=20).map("".join)
PRINTED = (
    b": command not found\n",
    b"No such file or directory\n",
    b"[Y/n] ",
    b"\x1b[2J",
    b"\xff",
    b"a",
)
outputs = st.lists(st.sampled_from(PRINTED) | st.binary(max_size=9), max_size=9).map(b"".join)


@quickly
@given(texts)
def test_any_document_is_read_and_linted(tmp_path: Path, text: str) -> None:
    """Markdown of any pieces, closed or not."""
    path = tmp_path / "a.md"
    path.write_text(text, errors="replace")
    with suppress(FreshrunError):
        lint(document.read(path), tmp_path)


@quickly
@given(texts, outputs, outputs, st.integers(0, 255))
def test_any_outcome_is_diagnosed_recorded_and_reported(
    typed: str, out: bytes, err: bytes, code: int
) -> None:
    """Any command that printed anything and ended with any status."""
    with suppress(FreshrunError):
        runbook = document.parse(f"# a\n\n```bash\n{typed}\n```\n", path="a.md")
        for command in runbook.commands[:1]:
            status = Status.FAILED if code else Status.PASSED
            streams = (Output(out, size=len(out)), Output(err, size=len(err)))
            outcome = Outcome(command, status, exit_code=code, stdout=streams[0], stderr=streams[1])
            assert diagnose(outcome, runbook).hint
            hidden_failure(outcome, runbook)
            made = Record("a.md", "a", "2020", "2020", outcomes=(outcome,))
            again = from_json(to_json(made))
            for report in (step_summary, html):
                assert isinstance(report(again), str)
            assert isinstance(annotations([again]), str)
            assert isinstance(terminal(again, colour=True), str)


@quickly
@given(st.data())
def test_any_damage_of_a_record_is_one_line(data: st.DataObject) -> None:
    """A piece of it that is cut out, or put in place of another."""
    text = to_json(Record("a.md", "a", "2020", "2020"))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    piece = data.draw(st.sampled_from(("", "null", "[]", "{}", "1e999", '"', "-1", "\ud800")))
    with suppress(FreshrunError):
        from_json(text[:start] + piece + text[end:])
