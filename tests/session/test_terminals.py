"""Real terminals, what waits at one, and what a machine does that is full."""

from collections.abc import Callable
from pathlib import Path

import pytest

from freshrun.document.reading import read
from freshrun.machine.container import Limits
from freshrun.machine.engine import Engine
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine
from freshrun.model.outcome import Ending, Outcome, Status
from freshrun.rehearsal.rehearsal import played_in

pytestmark = pytest.mark.engine

Example = Callable[[str], tuple[Outcome, ...]]

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_a_command_with_tty_has_a_real_terminal_in_the_same_shell(example: Example) -> None:
    """Its streams are one, its state lives on, and it is given what it asks for."""
    outcomes = example("hazard-terminal")
    assert [o.status for o in outcomes] == [Status.PASSED] * len(outcomes)
    out = {outcome.command.line: outcome.stdout.text for outcome in outcomes}
    assert out[10] == "24 80\r\n"
    assert out[15] == "no terminal here\n"
    assert out[20] == "What? fred\r\ngot fred\r\n"
    assert out[24] == "one\r\none\r\ntwo\r\ntwo\r\n"
    assert out[28] == "slept\r\n"
    assert out[32] == "Password: \r\n6\r\n"
    assert out[45] == "fred\n"


def test_what_waits_for_a_person_is_named_and_ended_at_once(example: Example) -> None:
    """A line, a key or a screen is waited for: no time-out is; a mere silence is none of these."""
    outcomes = [
        outcome for outcome in example("hazard-waits") if outcome.ending is not Ending.EXITED
    ]
    assert [o.ending for o in outcomes] == [*[Ending.WAITING] * 5, Ending.TIMED_OUT]
    question, keys, many, screen, late, silence = outcomes
    assert question.reason.startswith('`bash` waits for input at "Which one?"')
    assert keys.reason == '`python3` waits for input at "press"'
    assert many.reason.endswith('Answer 3:", and all of `stdin=` was typed')
    assert screen.reason == "`sleep` waits for input"
    assert late.reason.startswith('`bash` waits for input at "Now?"')
    assert screen.stdout.text == "\033[?1049hdrawn"
    assert {o.cause for o in (question, keys, many, screen)} == {"waits for input"}
    assert "full-screen" in screen.hint
    assert silence.reason == "timed out: after 3 s"


def test_a_shell_is_itself_after_it_was_interrupted_at_a_question(example: Example) -> None:
    """The last section, in the same shell, passes its second command."""
    last = example("hazard-waits")[-1]
    assert (last.status, last.stdout.text) == (Status.PASSED, "Quick? the shell lives\r\n")


def test_a_machine_that_is_full_of_processes_can_still_be_judged(
    engine: Engine, fresh_image: Image
) -> None:
    """Nothing new can be started in it; the command is ended all the same, and fails."""
    with Machine(fresh_image, engine=engine, limits=Limits(processes=256)) as small:
        *_, outcome = played_in(read(EXAMPLES / "hazard-processes.md"), small)
        assert small.run(("true",)).exit_code == 0
    assert (outcome.status, outcome.ending) == (Status.FAILED, Ending.TIMED_OUT)
    assert outcome.cause == "too many processes"


def test_nothing_that_the_document_sets_is_needed_by_the_driver(example: Example) -> None:
    """A readonly IFS, odd options, shadowed builtins and `set -v` cost no command and no line."""
    outcomes = example("hazard-driver-state")
    assert [o.status for o in outcomes] == [Status.PASSED] * len(outcomes)
    printed = [outcome.stdout.text for outcome in outcomes if outcome.stdout.size]
    assert printed == ["one\n", "two\n", "three\n", "four\n"]
    assert [o.stderr.text for o in outcomes if o.stderr.size] == ["echo four\n", "set +v\n"]


@pytest.mark.parametrize("taken", ["exec 198>/tmp/taken", "exec 199>&1", "exec 197</dev/null"])
def test_a_descriptor_of_the_harness_that_is_taken_is_no_failure_of_the_document(
    rehearsed: Example, taken: str
) -> None:
    """The shell can't be talked to any more: that is said at once, and is never a pass."""
    outcomes = rehearsed(f"```bash\n{taken}\necho lost\n```\n")
    assert outcomes[0].status is Status.BROKEN or outcomes[1].status is Status.BROKEN
    assert Status.FAILED not in {outcome.status for outcome in outcomes}
    broken = next(outcome for outcome in outcomes if outcome.status is Status.BROKEN)
    assert "private descriptors (197 to 199)" in broken.reason


def test_a_server_that_reads_keys_is_a_server(rehearsed: Example) -> None:
    """What listens on a port and is quiet is left running, also where it would take a key."""
    program = (
        "import socket, sys, tty; s = socket.socket(); s.bind(('', 8141)); s.listen(); "
        "tty.setraw(0); sys.stdin.read(1)"
    )
    server, following = rehearsed(
        f'```bash tty\npython3 -c "{program}"\n```\n```bash\necho on\n```\n'
    )
    assert (server.ending, server.ports) == (Ending.SERVING, (8141,))
    assert following.stdout.text == "on\n"


def test_a_program_that_takes_the_shells_place_may_close_what_it_likes(rehearsed: Example) -> None:
    """`exec` of a daemon that closes its descriptors and idles is a time-out, and not our fault."""
    program = "import os, time; os.closerange(3, 256); time.sleep(60)"
    (outcome,) = rehearsed(f'```bash timeout=4s\nexec python3 -c "{program}"\n```\n')
    assert (outcome.status, outcome.ending) == (Status.FAILED, Ending.TIMED_OUT)


def test_an_editor_is_named_and_ended_and_can_be_left_by_its_keys(example: Example) -> None:
    """Without a terminal and at one it waits for keys; the ones in `stdin=` are typed."""
    *_, without, at_one, left, written = example("hazard-editor")
    for outcome in (without, at_one):
        assert (outcome.status, outcome.ending) == (Status.FAILED, Ending.WAITING)
        assert outcome.reason == "`vim.tiny` waits for input"
        assert (outcome.cause, outcome.hint[:13]) == ("waits for input", "a full-screen")
    assert (left.status, left.ending) == (Status.PASSED, Ending.EXITED)
    assert (written.status, written.stdout.text) == (Status.PASSED, "hello\n")
