"""What the shell says of its jobs is told, and a promise needs no process of another run."""

from collections.abc import Callable

import pytest

from freshrun.model.outcome import Outcome, Status
from freshrun.session.jobs import deaths, tellings, without_processes

Rehearse = Callable[[str], tuple[Outcome, ...]]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "[1]+  Exit 127                nohup server > log 2>&1",
            "a job in the background, `nohup server > log 2>&1`, has ended with exit status 127",
        ),
        (
            "[12]-  Killed                  server",
            "a job in the background, `server`, has ended with a signal (Killed)",
        ),
        (
            "[2]   Segmentation fault      (core dumped) server",
            "a job in the background, `server`, has ended with a signal (Segmentation fault)",
        ),
        ("[1]+  Done                    server", ""),
        ("[1]+  Terminated              server", ""),
        ("[1]+  Running                 server &", ""),
        ("[1] Exit 1 is what it means", ""),
        ("x [1]+  Exit 1                 server", ""),
    ],
)
def test_the_death_of_a_job_is_told_and_its_end_is_not(line: str, told: str) -> None:
    """What was asked to end has not died."""
    assert list(deaths(f"before\n{line}\nafter\n")) == ([told] if told else [])


def test_what_a_transcript_leaves_out_of_the_jobs_is_left_out() -> None:
    """The number of a process, that a job began, that it ended; never what else was printed."""
    stderr = "[1] 77\nown\n[1]+  Done                    server\n"
    assert without_processes("[1] 4242\n[x] 3\n") == "[1] <process>\n[x] 3\n"
    assert set(tellings(stderr)) == {
        "[1] <process>\nown\n[1]+  Done                    server\n",
        "[1] <process>\nown\n",
        "own\n[1]+  Done                    server\n",
        "own\n",
    }


@pytest.mark.engine
@pytest.mark.parametrize(
    ("promised", "status"),
    [
        ("[1] 4242\n$ echo after\nafter", Status.PASSED),
        ("[1] <pid>\n$ echo after\nafter", Status.PASSED),
        ("$ echo after\nafter", Status.PASSED),
        ("[2] 4242\n$ echo after\nafter", Status.FAILED),
        ("[1] 4242 and more\n$ echo after\nafter", Status.FAILED),
    ],
)
def test_a_transcript_shows_a_job_with_any_process(
    rehearsed: Rehearse, promised: str, status: Status
) -> None:
    """Its number is the document's own."""
    first, *_ = rehearsed(f"```console\n$ sleep 5 &\n{promised}\n```\n")
    assert first.status is status


@pytest.mark.engine
def test_a_job_that_dies_warns_at_the_command_that_runs_then(rehearsed: Rehearse) -> None:
    """And a line of an earlier job among what is promised is no other cause."""
    _, waiting, _ = rehearsed("```bash\n(sleep 0.3; exit 3) &\nsleep 0.8\necho up\n```\n")
    assert waiting.warnings == (
        "a job in the background, `( sleep 0.3; exit 3 )`, has ended with exit status 3",
    )
    text = "```console\n$ (sleep 0.3; echo GET /) &\n$ sleep 1; echo hello\nhello\n```\n"
    outcome = rehearsed(text)[-1]
    assert outcome.status is Status.FAILED
    assert "the job of runbook.md:2 (`(sleep 0.3; echo GET /) &`)" in outcome.hint
