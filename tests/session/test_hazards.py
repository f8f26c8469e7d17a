"""The shell's own hazards, each as a small whole runbook in a real container."""

from collections.abc import Callable
from pathlib import Path

import docker.errors
import pytest

from freshrun.document.reading import read
from freshrun.machine.container import Limits
from freshrun.machine.engine import Engine, connected
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine
from freshrun.model.outcome import Ending, Outcome, Status
from freshrun.rehearsal.rehearsal import played_in

pytestmark = pytest.mark.engine

Example = Callable[[str], tuple[Outcome, ...]]

EXAMPLES = Path(__file__).parents[1] / "examples"


def statuses(outcomes: tuple[Outcome, ...]) -> list[str]:
    """Return the statuses' words, in order."""
    return [outcome.status.value for outcome in outcomes]


def out(outcomes: tuple[Outcome, ...], command: str) -> str:
    """Return what the first command that begins with `command` printed on stdout."""
    return next(o.stdout.text for o in outcomes if o.command.text.startswith(command))


def test_term_is_ignored_int_fails_one_command_and_hup_ends_the_shell(example: Example) -> None:
    """Signals do to the shell what they do to one at a terminal."""
    ignored, alive, interrupted, ended, never = example("hazard-terminated")
    assert (ignored.status, alive.stdout.text) == (Status.PASSED, "alive 0\n")
    assert (interrupted.status, interrupted.ending) == (Status.PASSED, Ending.EXITED)
    assert (ended.status, ended.ending) == (Status.FAILED, Ending.SHELL_ENDED)
    assert ended.exit_code == 129
    assert never.status is Status.NOT_REACHED


def test_kill_0_spares_the_harness_and_kill_9_0_fails_as_the_end_of_the_shell(
    example: Example,
) -> None:
    """The parent of the shell is in another process group, and tells how the shell died."""
    outcomes = example("hazard-nested-shell")
    assert statuses(outcomes) == ["passed", "passed", "failed", "not reached"]
    assert (outcomes[2].ending, outcomes[2].exit_code) == (Ending.SHELL_ENDED, 137)


def test_a_failure_is_seen_where_all_output_goes_to_a_file(example: Example) -> None:
    """`exec >log 2>&1` takes the output, and no verdict."""
    outcomes = example("hazard-output-to-a-file")
    assert statuses(outcomes) == [*["passed"] * 4, "failed", "not reached"]
    assert [o.stdout.size + o.stderr.size for o in outcomes] == [0] * 6


def test_nothing_after_a_failure_is_run_although_it_was_sent_ahead(
    example: Example, machine: Machine
) -> None:
    """The shell itself stops; "not reached" is true of the machine, and not only of the report."""
    outcomes = example("hazard-failure-stops")
    assert statuses(outcomes) == ["passed", "failed", "not reached"]
    assert not machine.exists("/tmp/hazard-ran")  # noqa: S108 - a path in the machine


def test_exhausted_memory_fails_the_command_and_not_the_machine(
    engine: Engine, fresh_image: Image
) -> None:
    """A program that is killed for its memory fails alone; a shell that is killed ends."""
    runbook = read(EXAMPLES / "hazard-memory.md")
    with Machine(fresh_image, engine=engine, limits=Limits(memory="96m")) as small:
        outcomes = tuple(played_in(runbook, small))
        assert small.alive()
    assert statuses(outcomes) == ["passed", "passed", "failed", "not reached"]
    assert outcomes[1].stdout.text == "the shell lives\n"
    assert (outcomes[2].ending, outcomes[2].exit_code) == (Ending.SHELL_ENDED, 137)


def test_a_full_file_system_fails_the_command_that_fills_it_only(example: Example) -> None:
    """The harness itself needs no room there: `stdin=` comes through with `TMPDIR` full."""
    outcomes = example("hazard-full-tmpfs")
    assert statuses(outcomes) == ["passed"] * len(outcomes)
    assert "No space left on device" in outcomes[0].stderr.text
    assert out(outcomes, "cat") == "given\n"
    assert out(outcomes, "cat /dev/shm") == "room again\n"


def test_a_hang_that_ignores_int_and_term_fails_and_spares_the_shell(example: Example) -> None:
    """KILL ends it; what it printed is kept."""
    hang, never = example("hazard-ignored-signals")
    assert (hang.status, hang.ending) == (Status.FAILED, Ending.TIMED_OUT)
    assert hang.stdout.text == "started\n"
    assert hang.cwd is not None
    assert "ended its shell" not in hang.reason
    assert never.status is Status.NOT_REACHED


def test_the_drivers_own_text_printed_back_is_only_output(example: Example) -> None:
    """`declare -f` and `set` show the driver, marks and all; the failure after them is seen."""
    outcomes = example("hazard-driver-text")
    assert statuses(outcomes) == [*["passed"] * 3, "failed"]
    assert "__f" in outcomes[0].stdout.text
    assert outcomes[1].stdout.size > outcomes[0].stdout.size
    assert outcomes[2].stderr.size >= outcomes[0].stdout.size


def test_modes_of_the_shell_hide_no_failure(example: Example) -> None:
    """Under posix, failglob, verbose and the other modes each command has its own verdict."""
    outcomes = example("hazard-modes")
    assert statuses(outcomes) == [*["passed"] * (len(outcomes) - 2), "failed", "not reached"]
    assert "no match: /nonexistent-hazard*" in outcomes[5].stderr.text
    assert out(outcomes, 'echo "$MODE"') == "posix\n"
    assert out(outcomes, "echo verbose") == "verbose\n"
    assert out(outcomes, 'echo "$#') == "2 b\n"


def test_traps_run_and_change_only_what_they_would_at_a_terminal(example: Example) -> None:
    """A trap's own status is no verdict, but an EXIT trap's `exit` is the shell's status."""
    outcomes = example("hazard-traps")
    assert statuses(outcomes) == [*["passed"] * (len(outcomes) - 1), "failed"]
    assert out(outcomes, "echo one") == "one\n"
    assert out(outcomes, "kill -USR1") == "usr1\n"
    assert out(outcomes, "(exit 5)") == "err 5\n"
    assert outcomes[-1].stdout.text == "bye\n"
    assert (outcomes[-1].ending, outcomes[-1].exit_code) == (Ending.SHELL_ENDED, 7)


def test_a_readonly_variable_fails_the_assignment_and_not_the_shell(example: Example) -> None:
    """Documented, it passes; undocumented, it fails; the value stays."""
    outcomes = example("hazard-readonly")
    assert statuses(outcomes) == ["passed", "passed", "passed", "failed", "not reached"]
    assert outcomes[1].stderr.text == "bash: HAZARD: readonly variable\n"
    assert outcomes[2].stdout.text == "1\n"


def test_a_decimal_comma_changes_no_time_and_no_verdict(example: Example) -> None:
    """Bash's clock has the locale's decimal sign; the band is held against the true seconds."""
    outcomes = example("hazard-locale")
    assert statuses(outcomes) == [*["passed"] * 6, "failed"]
    assert outcomes[4].stdout.text == "1,5\n"
    assert 0.2 <= outcomes[5].seconds < 60


def test_a_virtual_environment_lasts_until_it_is_left(example: Example) -> None:
    """`source venv/bin/activate` acts on the commands after it."""
    outcomes = example("hazard-venv")
    assert statuses(outcomes) == ["passed"] * 5
    assert [outcomes[n].stdout.text for n in (2, 4)] == ["/tmp/hazard-venv\n", "/usr\n"]  # noqa: S108 - a path in the machine


def test_a_descriptor_lasts_until_it_is_closed(example: Example) -> None:
    """A closed descriptor is an error of one command."""
    outcomes = example("hazard-descriptors")
    assert statuses(outcomes) == ["passed"] * 8
    assert [outcomes[n].stdout.text for n in (3, 7)] == ["three\n", "three\n"]


def test_an_environment_that_is_too_large_fails_programs_and_not_the_shell(
    example: Example,
) -> None:
    """The driver starts no program, so it works on where none can be started."""
    outcomes = example("hazard-environment")
    assert statuses(outcomes) == ["passed"] * 6
    assert "Argument list too long" in outcomes[3].stderr.text
    assert outcomes[5].stdout.text == "room again\n"


def test_a_removed_directory_holds_nothing_up_and_a_new_shell_starts_at_home(
    example: Example,
) -> None:
    """The shell stays where there is nothing; the next shell can't."""
    outcomes = example("hazard-removed-directory")
    assert statuses(outcomes) == ["passed"] * 6
    assert out(outcomes, "echo still") == "still\n"
    assert outcomes[2].stdout.text.endswith("/hazard/here\n")
    assert outcomes[5].stdout.text == "/home/newcomer\n"


def test_root_works_by_sudo_and_its_failures_fail(example: Example) -> None:
    """The status of what ran as root is the command's."""
    outcomes = example("hazard-sudo")
    assert statuses(outcomes) == [*["passed"] * 4, "failed", "not reached"]
    assert [outcomes[n].stdout.text for n in (0, 1)] == ["0\n", "root\n"]


def test_hangs_of_one_section_leave_the_others_meaningful(example: Example) -> None:
    """Three timeouts in a row, one of which costs the shell; each is told of its own command."""
    outcomes = example("hazard-independent")
    assert statuses(outcomes) == [
        *["passed"] * 3,
        *["failed", "not reached", "failed", "passed", "failed"],
        "passed",
    ]
    hangs = [o for o in outcomes if o.ending is Ending.TIMED_OUT]
    assert [o.command.text.rstrip(";") for o in hangs] == [
        "sleep 100",
        "while :; do :; done",
        "while :; do :; done",
    ]
    assert [o.cwd for o in hangs] == ["/srv", "/srv", None]
    assert outcomes[-1].stdout.text == "alive\n"


def test_a_command_above_its_band_fails(example: Example) -> None:
    """A runtime that the document promises is a promise."""
    (outcome,) = example("hazard-band-above")
    assert outcome.status is Status.FAILED
    assert "above the documented band of 0.001 s to 0.1 s" in outcome.reason


def test_jobs_hold_up_nothing_and_end_with_the_machine(engine: Engine, fresh_image: Image) -> None:
    """Jobs of the shell, of nohup and of setsid run on, disowned or not, and are listed."""
    runbook = read(EXAMPLES / "hazard-jobs.md")
    with Machine(fresh_image, engine=engine) as own:
        outcomes = tuple(played_in(runbook, own))
        command = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
        running = own.run(["bash", "-c", command]).stdout.decode()
        container = own.id
    assert statuses(outcomes) == ["passed"] * len(outcomes)
    assert out(outcomes, "jobs").count("Running") >= 2
    assert [outcome.job is not None for outcome in outcomes[:5]] == [True] * 3 + [False] * 2
    assert len({outcome.job for outcome in outcomes[:3]}) == 3
    assert all(f"sleep {number}" in running for number in (302, 303))
    with connected(engine) as client, pytest.raises(docker.errors.NotFound):
        client.containers.get(container)
