"""The hazards of input and output, each as a small whole runbook in a real container."""

import resource
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freshrun.document.reading import parse
from freshrun.machine.machine import Machine
from freshrun.model.outcome import Outcome, Status
from freshrun.rehearsal.rehearsal import played_in
from freshrun.session.protocol import KEPT

pytestmark = pytest.mark.engine

Example = Callable[[str], tuple[Outcome, ...]]


def statuses(outcomes: tuple[Outcome, ...]) -> list[str]:
    """Return the statuses' words, in order."""
    return [outcome.status.value for outcome in outcomes]


def test_much_output_passes_within_bounded_memory(example: Example) -> None:
    """200 MB, 1,000,000 lines and a line of 50 MB: size, head and tail are kept, no more."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    zeros, lines, long, after = outcomes = example("hazard-large-output")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert statuses(outcomes) == ["passed"] * 4
    assert [o.stdout.size for o in outcomes] == [200_000_000, 6_888_896, 50_000_000, 6]
    assert lines.stdout.head.startswith(b"1\n2\n3\n")
    assert lines.stdout.tail.endswith(b"999999\n1000000\n")
    assert (zeros.stdout.head, long.stdout.tail) == (bytes(KEPT), b"x" * KEPT)
    assert after.stdout.text == "after\n"
    assert grown < 64 * 1024, f"{grown} KiB more than before"


def test_output_of_a_job_is_kept_and_hides_no_other_commands(example: Example) -> None:
    """What comes late is told with the command that runs then, on its own stream."""
    job, first, waiting, last = outcomes = example("hazard-late-output")
    assert statuses(outcomes) == ["passed"] * 4
    assert (job.stdout.size, first.stdout.text) == (0, "first\n")
    assert waiting.stdout.text == "late\n"
    assert waiting.stderr.text.startswith("late error\n[1]+  Done ")
    assert last.stdout.text == "last\n"


def test_interleaved_streams_are_told_apart_to_the_byte(example: Example) -> None:
    """Each stream is in its own order, and whole."""
    (outcome,) = example("hazard-interleaved")
    assert outcome.stdout.text == "".join(f"out {n}\n" for n in range(1, 2001))
    assert outcome.stderr.text == "".join(f"err {n}\n" for n in range(1, 2001))


def test_an_installation_that_asks_fails_at_the_end_of_its_input(example: Example) -> None:
    """`apt-get install` without `-y` gets no answer, aborts, and installs nothing."""
    updated, asked, never = example("hazard-apt-asks")
    assert updated.status is Status.PASSED
    assert (asked.status, asked.exit_code) == (Status.FAILED, 1)
    assert asked.stdout.text.endswith("Do you want to continue? [Y/n] Abort.\n")
    assert never.status is Status.NOT_REACHED


def test_a_pager_without_a_terminal_prints_and_passes(example: Example) -> None:
    """`less` acts as `cat` where its output is no terminal."""
    outcomes = example("hazard-pager")
    assert statuses(outcomes) == ["passed"] * 4
    assert outcomes[3].stdout.text == "text\n"


def test_programs_that_would_ask_end_at_the_end_of_their_input(example: Example) -> None:
    """`cat` passes with nothing to do; `read`, `select` and a terminal fail."""
    outcomes = example("hazard-prompts")
    assert statuses(outcomes) == ["passed"] * 5
    assert [o.exit_code for o in outcomes] == [0, 1, 1, 1, 0]
    assert outcomes[2].stderr.text.startswith("1) a\n2) b\n")
    assert "/dev/tty: No such device" in outcomes[3].stderr.text


def test_a_block_of_5000_commands_gives_5000_results_in_order(
    rehearsed: Callable[[str], tuple[Outcome, ...]],
) -> None:
    """Each has its own output; the failure at the end is the last one's."""
    commands = "".join(f"echo {number}\n" for number in range(4_999))
    outcomes = rehearsed(f"```bash\n{commands}false\n```\n")
    assert [o.stdout.text for o in outcomes[:-1]] == [f"{number}\n" for number in range(4_999)]
    assert statuses(outcomes) == [*["passed"] * 4_999, "failed"]
    assert outcomes[-1].command.line == 5_001


def test_a_document_from_the_wild_is_judged_without_any_option(
    rehearsed: Callable[[str], tuple[Outcome, ...]],
) -> None:
    """Foreign info strings and prompts are read; only what fails is red."""
    text = (
        "# Quick start\n\nGet it:\n\n```sh\n$ mkdir -p /tmp/wild && cd /tmp/wild\n```\n\n"
        '```bash title="build" {1}\necho "int main;" > main.c\n```\n\n'
        "```\nnot marked\n```\n\n```yaml\nnot: run\n```\n\n"
        "1. Then:\n\n   ```shell\n   frobnicate --all\n   ```\n"
    )
    outcomes = rehearsed(text)
    assert statuses(outcomes) == ["passed", "passed", "failed"]
    assert (outcomes[2].exit_code, outcomes[2].command.text) == (127, "frobnicate --all")


def _printing(data: bytes, redirection: str) -> str:
    escaped = "".join(f"\\0{byte:03o}" for byte in data)
    return f"printf '%b' '{escaped}'{redirection}"


# Beside any bytes, those that marks are made of and end with.
payload = st.binary(max_size=60) | st.lists(st.sampled_from(b"\0\1\nm0"), max_size=12).map(bytes)
streams = st.lists(st.tuples(payload, payload), max_size=6)


@settings(max_examples=30, deadline=None)
@given(printed=streams)
def test_random_bytes_come_back_exactly_and_with_their_own_command(
    machine: Machine, printed: list[tuple[bytes, bytes]]
) -> None:
    """Through a real shell and engine no byte is lost, added, or given to another command."""
    lines = [f"{{ {_printing(out, '')}; {_printing(err, ' >&2')}; }}\n" for out, err in printed]
    text = f"```bash\n{''.join(lines)}true\n```\n"
    outcomes = list(played_in(parse(text, path="runbook.md"), machine))
    assert [(o.stdout.head, o.stderr.head) for o in outcomes] == [*printed, (b"", b"")]


STATEMENTS = {
    "true": 0,
    "false": 1,
    "(exit 42)": 42,
    "false || true": 0,
    "true && (exit 3)": 3,
    "! true": 1,
    "! (exit 9)": 0,
    "exit 5 | cat": 0,
    "true | (exit 6)": 6,
    "if then": 2,
    "echo $((1/0))": 1,
    "no-such-program-anywhere": 127,
    "/etc/passwd": 126,
    "f() { return 8; }; f": 8,
    "for n in 1 2; do (exit $n); done": 2,
    "cat <<END\n$(exit 7)\nEND": 0,
    "bash -c 'kill -9 $$'": 137,
    "sleep 60 &": 0,
}
"""Statements and the status that bash gives each, wherever it stands."""


@settings(max_examples=30, deadline=None)
@given(statements=st.lists(st.sampled_from(sorted(STATEMENTS)), min_size=1, max_size=12))
def test_random_statements_keep_their_own_status(machine: Machine, statements: list[str]) -> None:
    """Every verdict is by the command's own status, whatever stood before it."""
    blocks = (f"```bash exit={STATEMENTS[text]}\n{text}\n```\n" for text in statements)
    outcomes = list(played_in(parse("\n".join(blocks), path="runbook.md"), machine))
    assert all(o.status is Status.PASSED for o in outcomes), [o.reason for o in outcomes]
    kept = [o for o in outcomes if not o.command.text.startswith("f()")]
    assert [o.exit_code for o in kept] == [o.command.options.exit for o in kept]
    assert len(outcomes) >= len(statements)


def test_what_another_document_means_by_a_prompt_is_told(
    example: Example,
) -> None:
    """Indented prompts are typed; what a green would hide is a warning; a missed command fails."""
    indented, inner, emptied, missed = example("document-prompts")
    assert indented.stdout.text == "indented\n"
    assert "nosuch-program: command not found" in " ".join(inner.warnings)
    assert "is `> ` meant as a prompt?" in " ".join(emptied.warnings)
    assert (missed.status, missed.cause) == (Status.FAILED, "command not found")
