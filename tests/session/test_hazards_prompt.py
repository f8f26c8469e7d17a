"""What bash at a reader's prompt refuses, or waits for, in a real container."""

import pytest

from freshrun.document.reading import parse
from freshrun.machine.machine import Machine
from freshrun.model.outcome import Ending, Outcome, Status
from freshrun.rehearsal.rehearsal import played_in

pytestmark = pytest.mark.engine


def rehearsed(script: str, machine: Machine, *, front: str = "") -> tuple[Outcome, ...]:
    """Type a script."""
    return tuple(played_in(parse(f"{front}```bash\n{script}\n```\n", path="x.md"), machine))


def test_a_line_that_a_prompt_refuses_is_not_typed(machine: Machine) -> None:
    """Nothing of it runs, and nothing after it."""
    before, refused, after = rehearsed('touch one\ntouch "two!three"\ntouch four', machine)
    assert (before.status, refused.status, after.status) == (
        Status.PASSED,
        Status.FAILED,
        Status.NOT_REACHED,
    )
    assert (refused.ending, refused.exit_code) == (Ending.NOT_RUN, None)
    assert refused.reason == "bash at a prompt refuses it: !three: event not found"
    assert refused.cause == "history expansion"


def test_what_only_a_history_tells_fails_with_the_reason(machine: Machine) -> None:
    """A number, say: never passed, and never guessed at."""
    _, asked = rehearsed("true\nsudo !3", machine)
    assert asked.status is Status.FAILED
    assert asked.reason == "can't tell what `!3` is in a reader's history"


def test_a_line_that_names_an_earlier_one_is_carried_out(machine: Machine) -> None:
    """Shown first, as it is; the record keeps what the document has."""
    _, again = rehearsed("echo one\nprintf '<%s>' !!", machine)
    assert (again.status, again.command.text) == (Status.PASSED, "printf '<%s>' !!")
    assert (again.stdout.text, again.stderr.text) == ("<echo><one>", "printf '<%s>' echo one\n")


@pytest.mark.parametrize("text", ["exec <f", "exec 3<&0 <f", "exec 0< f >out"])
def test_a_shell_that_goes_on_from_a_file_fails_with_the_reason(
    text: str, machine: Machine
) -> None:
    """A reader's ends with the file; the harness's own has its lines from elsewhere."""
    _, left, after = rehearsed(f"echo true >f\n{text}\ntrue", machine)
    assert (left.ending, after.status) == (Ending.NOT_RUN, Status.NOT_REACHED)
    assert left.reason == "a reader's shell takes its next lines from that file, and ends with it"
    assert left.cause == "shell ended"


def test_an_earlier_command_that_is_fetched_is_not_guessed_at(machine: Machine) -> None:
    """`fc` types what a reader typed before, or opens an editor with it."""
    _, asked = rehearsed("true\nfc -s", machine)
    assert asked.status is Status.FAILED
    assert asked.reason == "can't tell what `fc` finds in a reader's history"


def test_marks_that_bash_leaves_alone_are_typed(machine: Machine) -> None:
    """Quotes, tests, here-documents; all of them after `set +H`."""
    script = "echo 'a!b'\n[[ a != b ]]\ncat <<E\na!b\nE\nset +H\necho \"a!b\""
    outcomes = rehearsed(script, machine)
    assert {outcome.status for outcome in outcomes} == {Status.PASSED}
    assert outcomes[-1].stdout.text == "a!b\n"


def test_other_sections_are_typed_all_the_same(machine: Machine) -> None:
    """Where the document says that they are independent."""
    front = (
        "---\nfreshrun:\n  sections: independent\n---\n# Setup\n\n```bash\ntrue\n```\n\n## One\n\n"
    )
    script = 'echo "a!b"\n```\n\n## Two\n\n```bash\necho two'
    statuses = [outcome.status for outcome in rehearsed(script, machine, front=front)]
    assert statuses == [Status.PASSED, Status.FAILED, Status.PASSED]


def test_a_here_document_that_no_line_closes_fails(machine: Machine) -> None:
    """A reader is left at `> `, although bash without one goes on."""
    opened, after = rehearsed("cat << EOF\nx\nEOF > f\n```\n\n```bash\ntrue", machine)
    assert (opened.status, opened.exit_code) == (Status.FAILED, 0)
    assert opened.reason.startswith("its here-document is never closed: a reader is left at `> `")
    assert opened.cause == "syntax error"
    assert after.status is Status.NOT_REACHED
