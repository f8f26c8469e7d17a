"""Each hazard of literal execution, as a small whole runbook in a real container."""

from collections.abc import Callable

import pytest

from freshrun.document.reading import parse
from freshrun.machine.engine import Engine, connected
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine
from freshrun.model.outcome import Ending, Outcome, Status
from freshrun.rehearsal.options import Choices
from freshrun.rehearsal.rehearsal import played_in
from freshrun.rehearsal.setup import decided

pytestmark = pytest.mark.engine

Example = Callable[[str], tuple[Outcome, ...]]


def statuses(outcomes: tuple[Outcome, ...]) -> list[str]:
    """Return the statuses' words, in order."""
    return [outcome.status.value for outcome in outcomes]


def printed(outcomes: tuple[Outcome, ...]) -> list[str]:
    """Return what each command printed on stdout."""
    return [outcome.stdout.text for outcome in outcomes]


def test_a_failure_in_the_middle_of_a_block_fails_and_stops_the_rest(example: Example) -> None:
    """The first non-zero status is the verdict; nothing after it is run, or called green."""
    outcomes = example("failure-in-the-middle")
    assert statuses(outcomes) == ["passed", "failed", "not reached", "not reached"]
    assert outcomes[1].reason == "exit status 1, expected 0"
    assert outcomes[1].command.line == 5
    assert outcomes[3].reason == "runbook.md:5 failed"


def test_a_subshell_that_printed_ok_and_exits_3_fails(example: Example) -> None:
    """Output never makes up for an exit status."""
    (outcome,) = example("subshell-exit")
    assert (outcome.status, outcome.exit_code) == (Status.FAILED, 3)
    assert outcome.stdout.text == "ok\n"


def test_a_failing_first_stage_passes_with_a_warning_that_names_it(example: Example) -> None:
    """A pipeline's status is its last stage's; an earlier failure is told."""
    first, second, third = example("pipeline-first-stage")
    assert statuses((first, second, third)) == ["passed"] * 3
    assert first.pipe_status == (1, 0)
    assert first.warnings == ("stage 1 of the pipeline, `false`, ended with exit status 1",)
    assert second.warnings == ("stage 1 of the pipeline, `(exit 3)`, ended with exit status 3",)
    assert third.warnings == ()


def test_failures_that_the_document_handles_pass(example: Example) -> None:
    """`|| true`, `!` and `if` are the document's own judgement."""
    assert statuses(example("tolerated-failures")) == ["passed"] * 3


def test_a_documented_exit_status_is_met_or_missed(example: Example) -> None:
    """`exit=3` passes on 3; `exit=1` fails on 0."""
    met, missed = example("exit-option")
    assert met.status is Status.PASSED
    assert (missed.status, missed.reason) == (Status.FAILED, "exit status 0, expected 1")


def test_state_lives_on_from_command_to_command_and_section_to_section(example: Example) -> None:
    """One shell: directory, variables, arrays, functions, aliases, umask, options, descriptors."""
    outcomes = example("state")
    assert statuses(outcomes) == ["passed"] * len(outcomes)
    assert printed(outcomes)[10:] == [
        "/srv 1 2 b\n",
        "hello you\n",
        "said it\n",
        "0077\n",
        "noclobber      \ton\n",
        "three\n",
        "2\n",
        "a-b-",
        "status 4\n",
    ]
    assert outcomes[0].cwd == "/srv"


def test_the_previous_status_is_seen_by_the_next_command(example: Example) -> None:
    """`$?` is what a person at a terminal would see."""
    assert example("previous-status")[1].stdout.text == "status 5\n"


def test_shadowed_builtins_change_the_document_and_not_the_harness(example: Example) -> None:
    """Functions and aliases named as the driver's own steps do their work for the document only."""
    outcomes = example("shadowed-builtins")
    assert statuses(outcomes) == ["passed"] * len(outcomes)
    printed_so = [text.removesuffix("prompted\n") for text in printed(outcomes)[-3:]]
    assert printed_so == ["E: one\n", "E: two\n", "shadowed\n"]
    assert [text.endswith("prompted\n") for text in printed(outcomes)] == [False] * 5 + [True] * 5
    assert not [outcome for outcome in outcomes if "prompt> " in outcome.stderr.text]


def test_nounset_fails_the_command_and_not_the_shell(example: Example) -> None:
    """An unset variable is an error of one command; tracing shows the document's commands only."""
    outcomes = example("shell-options")
    assert statuses(outcomes) == ["passed"] * len(outcomes)
    assert outcomes[1].stderr.text == "+ echo traced\n"
    assert outcomes[4].stderr.text == "bash: NOPE: unbound variable\n"


def test_exit_3_fails_and_says_that_the_shell_ended(example: Example) -> None:
    """The rest of the document is not reached."""
    outcomes = example("exit-status-3")
    assert statuses(outcomes) == ["passed", "failed", "not reached"]
    assert (outcomes[1].ending, outcomes[1].exit_code) == (Ending.SHELL_ENDED, 3)


def test_exit_0_passes_with_a_warning_and_the_next_command_gets_a_new_shell(
    example: Example,
) -> None:
    """A reader would open a new terminal; what was in the old one is gone."""
    outcomes = example("exit-status-0")
    assert statuses(outcomes) == ["passed"] * 3
    assert outcomes[1].ending is Ending.SHELL_ENDED
    assert outcomes[1].warnings
    assert outcomes[2].stdout.text == "marker: gone\n"


@pytest.mark.parametrize(("name", "code"), [("errexit", 1), ("killed-shell", 137)])
def test_a_shell_that_ends_by_itself_fails_with_its_status(
    example: Example, name: str, code: int
) -> None:
    """`set -e` and `kill -9 $$` take the shell away."""
    failed = next(o for o in example(name) if o.status is Status.FAILED)
    assert (failed.ending, failed.exit_code) == (Ending.SHELL_ENDED, code)


def test_exec_of_a_program_ends_the_shell_with_the_programs_status(example: Example) -> None:
    """`exec true` is a pass that leaves no shell; the next command gets one."""
    replaced, following = example("exec-program")
    assert (replaced.status, replaced.ending) == (Status.PASSED, Ending.SHELL_ENDED)
    assert following.stdout.text == "new shell\n"


def test_a_syntax_error_is_a_failing_command_and_no_more(example: Example) -> None:
    """Bash itself gives the verdict, and the shell lives."""
    outcomes = example("syntax-errors")
    assert statuses(outcomes) == ["passed"] * 3
    assert outcomes[0].stderr.text.startswith("bash: syntax error near unexpected token `then'")


def test_an_unclosed_heredoc_prints_its_body_and_nothing_of_the_driver(example: Example) -> None:
    """Bash takes the end of the text as the end of the heredoc; a reader is left at `> `."""
    _, unclosed, following = example("unclosed-heredoc")
    assert (unclosed.status, following.status) == (Status.FAILED, Status.PASSED)
    assert "never closed" in unclosed.reason
    assert unclosed.stdout.text == "body\n"
    assert "delimited by end-of-file" in unclosed.stderr.text
    assert following.stdout.text == "alive\n"


def test_redirected_and_closed_streams_hide_no_result(example: Example) -> None:
    """`exec >log` and `exec >&-` last, and every command is still reported."""
    outcomes = example("closed-streams")
    assert statuses(outcomes) == ["passed"] * 6
    assert printed(outcomes) == [""] * 6


def test_input_is_empty_unless_the_document_gives_some(example: Example) -> None:
    """A command that reads gets end-of-file at once; `stdin=` is for its block alone."""
    cat, failing_read, read, answer, cat_again = example("reads-input")
    assert (cat.status, failing_read.status, read.status) == (Status.PASSED,) * 3
    assert answer.stdout.text == "yes please\n"
    assert cat_again.stdout.text == ""


def test_output_is_kept_byte_for_byte_and_stream_by_stream(example: Example) -> None:
    """No final newline, NUL, bad UTF-8, colours, carriage returns, other scripts."""
    outcomes = example("output-bytes")
    assert [outcome.stdout.head for outcome in outcomes] == [
        b"",
        b"no newline",
        b"a\0b\xffc",
        b"\x1b[31mred\x1b[0m\r10%\r100%\n",
        b"out\n",
        "é ü 漢字\n".encode(),
    ]
    assert outcomes[4].stderr.head == b"err\n"


def test_output_that_looks_like_a_marker_is_output(example: Example) -> None:
    """Without the salt it is nothing special."""
    lookalike, following = example("marker-lookalike")
    assert lookalike.stdout.head == b"\0m0123456789abcdef0123456789abcdef\x021\x000\0"
    assert following.status is Status.PASSED


def test_a_hang_ends_at_its_timeout_with_all_that_it_started(
    example: Example, machine: Machine
) -> None:
    """The tree is gone, also what left the process group, and what was printed is kept."""
    hang, following = example("hang")
    assert (hang.status, hang.ending) == (Status.FAILED, Ending.TIMED_OUT)
    assert hang.stdout.text == "started\n"
    assert hang.reason.startswith("timed out: after 1 s")
    assert following.status is Status.NOT_REACHED
    processes = machine.run(["bash", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"]).stdout
    assert b"docker-init" in processes
    assert not [number for number in (b"444", b"445", b"446") if b"sleep " + number in processes]


def test_a_loop_of_the_shell_itself_costs_the_shell(example: Example) -> None:
    """Nothing else would end it; the outcome says so."""
    hang = example("hang-in-the-shell")[-1]
    assert hang.ending is Ending.TIMED_OUT
    assert hang.reason == "timed out: after 1 s and ended its shell"


def test_a_background_job_holds_up_nothing(example: Example) -> None:
    """The next command runs at once."""
    job, following = example("background-job")
    assert job.seconds < 5
    assert following.stdout.text.startswith("job ")


def test_heredocs_continuations_and_compound_commands_are_whole(example: Example) -> None:
    """Statements are cut where the shell would end them, never by lines."""
    outcomes = example("heredocs")
    assert statuses(outcomes) == ["passed"] * len(outcomes)
    assert "".join(printed(outcomes)) == ("$HOME\ntab\none two\nn 1\nn 2\nhello\nok\nlast\n")


def test_a_command_outside_its_band_fails(example: Example) -> None:
    """A runtime that the document promises is a promise."""
    (outcome,) = example("band")
    assert outcome.status is Status.FAILED
    assert "below the documented band of 5 s to 60 s" in outcome.reason


def test_a_skipped_step_is_skipped_with_its_reason(example: Example) -> None:
    """It is not run, and not called green."""
    skipped, following = example("skipped")
    assert (skipped.status, skipped.ending) == (Status.SKIPPED, Ending.NOT_RUN)
    assert "needs a screen" in skipped.reason
    assert following.status is Status.PASSED


def test_return_break_and_local_behave_as_typed_at_a_prompt(example: Example) -> None:
    """No function or loop of the driver is around a command."""
    outcomes = example("jump-out")
    assert statuses(outcomes) == ["passed"] * 5
    assert "can only `return' from a function" in outcomes[0].stderr.text
    assert "only meaningful in a `for'" in outcomes[1].stderr.text


def test_a_transcript_passes_where_its_output_is_printed_and_fails_with_a_diff(
    example: Example,
) -> None:
    """Exit status 0 is not enough where the document shows what is printed."""
    outcomes = example("transcript")
    assert statuses(outcomes)[:3] == ["passed"] * 3
    failed = next(o for o in outcomes if o.status is Status.FAILED)
    assert failed.reason == "the output is not the promised one"
    assert "-colour red\n+colour green" in failed.diff


def test_a_machine_that_is_killed_is_broken_and_not_the_documents_failure(
    engine: Engine, fresh_image: Image
) -> None:
    """What someone else does to the container is never blamed on the command that ran in it."""
    text = "```bash\necho fine\nsleep 60\necho never\n```\n"
    with Machine(fresh_image, engine=engine) as doomed:
        outcomes = played_in(parse(text, path="runbook.md"), doomed)
        first = next(outcomes)
        with connected(engine) as client:
            client.containers.get(doomed.id).kill()
        broken, never = outcomes
    assert first.status is Status.PASSED
    assert (broken.status, broken.ending) == (Status.BROKEN, Ending.LOST)
    assert "machine was stopped or removed" in broken.reason
    assert never.status is Status.NOT_REACHED


def test_a_server_that_nobody_announced_is_left_running(example: Example) -> None:
    """It listens and is quiet; the next terminal has its directory and its variables."""
    outcomes = example("server-without-options")
    assert statuses(outcomes) == ["passed"] * len(outcomes)
    server = outcomes[4]
    assert (server.ending, server.ports, server.exit_code) == (Ending.SERVING, (8123,), None)
    assert server.warnings == (
        "it is left running, listening on port 8123; the next command gets a new terminal",
    )
    assert printed(outcomes)[5:] == ["/home/newcomer/site hello\n", "hello\n"]


def test_a_command_that_listens_and_works_is_no_server(rehearsed: Example) -> None:
    """A silent test run with a server of its own is waited for: its failure is never green."""
    program = (
        "import socket, sys, time; s = socket.socket(); s.bind(('', 8129)); s.listen(); "
        "end = time.monotonic() + 14\nwhile time.monotonic() < end: pass\nsys.exit(3)"
    )
    (outcome,) = rehearsed(f'```bash\npython3 -c "{program}"\n```\n')
    assert (outcome.status, outcome.exit_code) == (Status.FAILED, 3)


def test_a_server_that_nobody_announced_fails_where_servers_are_refused(machine: Machine) -> None:
    """`--servers fail` is for documents whose every command has to end."""
    text = "```bash\npython3 -m http.server 8128\n```\n"
    runbook = parse(text, path="runbook.md")
    (outcome,) = played_in(runbook, machine, setup=decided(runbook, Choices(servers="fail")))
    assert outcome.status is Status.FAILED
    assert outcome.reason == "it listens on port 8128 and does not end"


def test_terminals_have_their_own_state_in_the_same_machine(example: Example) -> None:
    """A server in the second terminal is there for the first, which goes on as it was."""
    outcomes = example("terminals")
    assert statuses(outcomes) == ["passed"] * len(outcomes)
    assert outcomes[3].ending is Ending.SERVING
    assert printed(outcomes)[4:] == ["200\n", "/srv 1\n", "/home/newcomer unset\n"]


def test_every_signal_of_readiness_is_waited_for(example: Example) -> None:
    """tcp, log and file; without one, a command in the background only has to live."""
    outcomes = example("ready-signals")
    assert statuses(outcomes) == ["passed"] * len(outcomes)
    assert outcomes[0].ports == (8125,)
    assert all(outcome.seconds >= 1 for outcome in outcomes[:3])
    assert [outcome.ending for outcome in outcomes[:4]] == [Ending.SERVING] * 4
    assert outcomes[-1].stdout.text == "on\n"


def test_a_server_that_dies_before_it_is_ready_fails_with_its_output(example: Example) -> None:
    """Even exit status 0 is no readiness."""
    (outcome,) = example("dies-before-ready")
    assert outcome.status is Status.FAILED
    assert outcome.reason == "it ended with exit status 0 before it was ready (tcp:8126)"
    assert outcome.stderr.text == "cannot bind\n"


def test_a_server_that_never_gets_ready_times_out(example: Example) -> None:
    """The signal that did not come is named."""
    (outcome,) = example("never-ready")
    assert (outcome.status, outcome.ending) == (Status.FAILED, Ending.TIMED_OUT)
    assert outcome.reason == "timed out: not ready (tcp:8127) after 2 s"


def test_output_without_end_meets_a_cap(example: Example) -> None:
    """A flood is ended long before its timeout."""
    (outcome,) = example("endless-output")
    assert (outcome.status, outcome.ending) == (Status.FAILED, Ending.FLOODED)
    assert outcome.reason == "it printed more than 1024 MiB"
    assert outcome.stdout.truncated


@pytest.mark.parametrize("closing", ["exec 197<&-", "exec 198>&-", "exec 199>&-"])
def test_lost_private_descriptors_are_broken_at_once(rehearsed: Example, closing: str) -> None:
    """What was not run is never green, and nobody waits for a timeout to hear of it."""
    outcomes = rehearsed(f"```bash\n{closing}\ntouch never-run\n```\n")
    assert Status.BROKEN in {outcome.status for outcome in outcomes}
    assert outcomes[-1].status is not Status.PASSED
    broken = next(outcome for outcome in outcomes if outcome.status is Status.BROKEN)
    assert "private descriptors" in broken.reason
    assert broken.seconds < 60


def test_errexit_and_err_traps_are_the_documents_own(rehearsed: Example) -> None:
    """A failure that `set -e` exempts leaves the shell alive; an ERR trap fires once."""
    text = "```bash\nset -e\n```\n```bash exit=1\n[ -f /nonexistent ] && echo found\n```\n"
    text += "```bash\nset +e\ntrap 'echo trapped' ERR\n```\n```bash exit=1\n(exit 1)\n```\n"
    outcomes = rehearsed(text)
    assert statuses(outcomes) == ["passed"] * 5
    assert [outcome.ending for outcome in outcomes] == [Ending.EXITED] * 5
    assert outcomes[-1].stdout.text == "trapped\n"


def test_a_shell_without_its_clock_still_times_out(rehearsed: Example) -> None:
    """A document can unset EPOCHREALTIME; then seconds are whole, and a hang still ends."""
    slow = "```bash\nunset EPOCHREALTIME\n```\n```bash timeout=1s\nsleep 100\n```\n"
    unset, hang = rehearsed(slow)
    assert (unset.status, hang.ending) == (Status.PASSED, Ending.TIMED_OUT)


def test_the_drivers_function_can_not_be_taken_away(rehearsed: Example) -> None:
    """A command is never evaluated twice."""
    unset = "{ unset -f $(declare -F | cut -d' ' -f3); echo once >> runs; }"
    outcomes = rehearsed(f"```bash\n{unset}\ncat runs\n```\n")
    assert outcomes[-1].stdout.text == "once\n"


def test_a_server_that_ends_after_it_was_left_is_told(rehearsed: Example) -> None:
    """The next outcome says so: what counted on the server can't any more."""
    text = "---\nfreshrun: {}\n---\n```bash background ready=log:up\n"
    text += "bash -c 'echo up; sleep 2; exit 3'\n```\n```bash\nsleep 4\necho after\n```\n"
    served, slept, _ = rehearsed(text)
    assert served.ending is Ending.SERVING
    assert slept.warnings == (
        "the command of runbook.md:5, left running, has ended with exit status 3",
    )


def test_a_port_that_is_taken_is_the_second_servers_failure(example: Example) -> None:
    """It ends at once, and the cause names the port."""
    first, second = example("port-taken")
    assert (first.status, first.ports) == (Status.PASSED, (8131,))
    assert (second.status, second.cause) == (Status.FAILED, "port taken")
    assert "runbook.md:4 names it too" in second.hint


SHADOWS = (
    "builtin() { echo no; }",
    "builtin() { return 0; }; readonly -f builtin",
    "builtin() { while :; do :; done; }",
    'builtin() { builtin "$@"; }',
    "builtin() { sleep 100; }",
    "enable -n builtin",
    "enable -n builtin exit exec",
    "enable -n eval",
    "enable -n mapfile",
    'for f in builtin eval printf read kill return exit break; do eval "$f() { true; }"; done',
)


@pytest.mark.parametrize("shadow", SHADOWS)
def test_a_driver_that_lost_its_builtins_says_so_at_once(rehearsed: Example, shadow: str) -> None:
    """It does not spin until a timeout, and what was not run is never green."""
    outcomes = rehearsed(f"```bash timeout=10m\n{shadow}\n```\n```bash\ntouch never-run\n```\n")
    broken = next(outcome for outcome in outcomes if outcome.status is Status.BROKEN)
    assert "`builtin`" in broken.reason
    assert outcomes[-1].status in {Status.BROKEN, Status.NOT_REACHED}
    assert broken.seconds < 60


@pytest.mark.parametrize("traced", ["set -T", "shopt -s extdebug", "set -T; FUNCNEST=50"])
@pytest.mark.parametrize("shadow", ["while :; do :; done", "sleep 100", 'builtin "$@"', ":"])
def test_a_traced_shell_that_lost_builtin_says_so_at_once(
    rehearsed: Example, traced: str, shadow: str
) -> None:
    """Functions are called in the driver there, for a DEBUG trap; the document's `builtin` not."""
    text = (
        f"{traced}; trap ': \"$BASH_COMMAND\"' DEBUG\nbuiltin() {{ {shadow}; }}\ntouch never-run\n"
    )
    outcomes = rehearsed(f"```bash timeout=20s\n{text}```\n")
    broken = next(outcome for outcome in outcomes if outcome.status is not Status.PASSED)
    assert broken.status is Status.BROKEN
    assert "`builtin`" in broken.reason
    assert broken.seconds < 10


@pytest.mark.parametrize("gone", ["export", "export readonly", "export exit readonly exec set"])
@pytest.mark.parametrize("shadow", ["while :; do :; done", 'builtin "$@"', ":"])
def test_a_traced_shell_that_lost_export_too_says_so_at_once(
    rehearsed: Example, gone: str, shadow: str
) -> None:
    """Where nothing can tell any more whose `builtin` it is, that is said before it is called."""
    text = f"set -T; trap ': \"$BASH_COMMAND\"' DEBUG\nenable -n {gone}\n"
    text += f"builtin() {{ {shadow}; }}\ntouch never-run\n"
    outcomes = rehearsed(f"```bash timeout=20s\n{text}```\n")
    broken = next(outcome for outcome in outcomes if outcome.status is not Status.PASSED)
    assert broken.status is Status.BROKEN
    assert "`builtin`" in broken.reason
    assert broken.seconds < 10


@pytest.mark.parametrize("gone", ["export", "readonly"])
def test_a_traced_shell_without_export_goes_on(rehearsed: Example, gone: str) -> None:
    """One of the two is enough to tell that nothing has taken the place of `builtin`."""
    outcomes = rehearsed(f"```bash\nset -T\nenable -n {gone}\necho one\necho two\n```\n")
    assert statuses(outcomes) == ["passed"] * 4


def test_a_traced_shell_goes_on_with_its_traps_and_its_builtins(rehearsed: Example) -> None:
    """Whoever sets -T keeps the limit, the mode and the functions that were there."""
    text = "```bash\nf() { seen=1; }\ntrap f DEBUG; set -T\nFUNCNEST=50\necho $FUNCNEST $seen\n"
    text += "echo ${POSIXLY_CORRECT-none}\n```\n"
    outcomes = rehearsed(text)
    assert statuses(outcomes) == ["passed"] * len(outcomes)
    assert printed(outcomes)[-2:] == ["50 1\n", "none\n"]


def test_an_alias_named_builtin_is_the_documents_own(rehearsed: Example) -> None:
    """It neither shows the driver nor keeps a command from being run."""
    aliased, after = rehearsed("```bash\nalias builtin='echo no'\necho after\n```\n")
    assert aliased.status is Status.PASSED
    assert (after.stdout.text, after.status) == ("after\n", Status.PASSED)


def test_two_equal_servers_of_one_line_are_two(rehearsed: Example) -> None:
    """Each keeps its terminal, and the end of each is told."""
    serve = "python3 -c 'import socket, time; s = socket.create_server((\"\", 0)); time.sleep(60)'"
    found = "grep -la create_server /proc/[0-9]*/cmdline | cut -d/ -f3"
    end = f"for process in $({found}); do kill $process 2> /dev/null || true; done"
    text = f"```bash\n{serve}; {serve}\n```\n```bash\n{end}\nsleep 2\n```\n"
    first, second, *rest = rehearsed(text)
    assert (first.ending, second.ending) == (Ending.SERVING, Ending.SERVING)
    assert first.command.number != second.command.number
    told = [warning for outcome in rest for warning in outcome.warnings]
    assert len([warning for warning in told if "left running, has ended" in warning]) == 2


@pytest.mark.parametrize("word", ["if", "then", "else", "fi", "case", "done", "while", "{", "!"])
def test_an_alias_of_a_reserved_word_is_the_documents_own(rehearsed: Example, word: str) -> None:
    """Bash takes it, so that it changes what is typed after it, and nothing of the driver."""
    text = f"```bash\nalias '{word}=echo no'\nset -e\necho a | cat\n```\n"
    text += "```bash exit=3\n(exit 3)\n```\n```bash\necho b >&2\n```\n".replace("set -e", "")
    outcomes = rehearsed(text.replace("set -e\n", ""))
    assert statuses(outcomes) == ["passed"] * 4
    assert [outcome.stdout.text + outcome.stderr.text for outcome in outcomes[1:]] == [
        "a\n",
        "",
        "b\n",
    ]


def test_the_status_before_a_command_is_the_documents_own(rehearsed: Example) -> None:
    """`$?` is that of the command before, whichever it was, also where a failure is promised."""
    block = "```bash exit={0}\n(exit {0})\n```\n```bash\necho $?\n```\n"
    outcomes = rehearsed("".join(block.format(code) for code in (0, 3, 0, 0, 7, 1, 0, 2)))
    assert statuses(outcomes) == ["passed"] * 16
    assert printed(outcomes[1::2]) == [f"{code}\n" for code in (0, 3, 0, 0, 7, 1, 0, 2)]


def test_a_limit_of_nested_functions_is_the_documents_own(rehearsed: Example) -> None:
    """The driver sets one for a moment, and leaves what was there; traps and functions go on."""
    text = "```bash\necho ${FUNCNEST-unset}\nFUNCNEST=50\necho $FUNCNEST\nunset FUNCNEST\n```\n"
    text += "```bash\nf() { g; }; g() { echo g; }\ntrap f USR1\nkill -USR1 $$\n"
    text += "trap f DEBUG; set -T\necho a\ntrap - DEBUG\nset +T\nf\n```\n"
    outcomes = rehearsed(text)
    assert statuses(outcomes) == ["passed"] * len(outcomes)
    assert printed(outcomes)[:3] == ["unset\n", "", "50\n"]
    assert printed(outcomes)[7] == "g\n"
    assert "a\n" in printed(outcomes)[10]
    assert printed(outcomes)[-1] == "g\n"


@pytest.mark.parametrize("option", ["x", "v", "xv", "xT", "u"])
def test_a_status_is_found_and_the_driver_is_not_seen_whatever_is_set(
    rehearsed: Example, option: str
) -> None:
    """What a shell shows of its commands is the document's, also behind one that failed."""
    text = (
        f"```bash\nset -{option}\n```\n```bash exit=3\n(exit 3)\n```\n```bash\necho $?\necho $?\n"
    )
    outcomes = rehearsed(f"{text}set +{option}\n```\n")
    assert statuses(outcomes) == ["passed"] * 5
    assert printed(outcomes)[2:4] == ["3\n", "0\n"]
    shown = [outcome.stderr.text for outcome in outcomes]
    assert not [text for text in shown if "__f" in text or "builtin" in text]
    assert ("\n+ echo 3\n" in f"\n{shown[2]}") == ("x" in option)
    assert ("echo $?\n" in shown[2]) == ("v" in option)


def test_a_failure_that_is_promised_springs_no_trap_of_the_next_command(rehearsed: Example) -> None:
    """Its status is handed on and is no failure again, neither for `set -e` nor for ERR."""
    text = "```bash\ntrap 'echo trapped' ERR; set -E\n```\n```bash exit=3\n(exit 3)\n```\n"
    text += "```bash\necho $?\nset -e\n```\n"
    text += "```bash exit=1\n[ -f /none ] && echo found\n```\n```bash\necho $?\n```\n"
    outcomes = rehearsed(text)
    assert statuses(outcomes) == ["passed"] * 7
    assert printed(outcomes) == ["", "", "trapped\n", "3\n", "", "", "1\n"]
