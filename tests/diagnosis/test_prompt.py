"""What bash at a prompt refuses or waits for: the cause, and the line that has to change."""

from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.diagnosis.deciding import diagnose
from freshrun.document.reading import parse
from freshrun.model.outcome import Ending, Outcome, Output, Status


def diagnosed(script: str, *, stderr: str, status: int = 0) -> Diagnosis:
    """Return why the first command of a script failed."""
    runbook = parse(f"# Title\n\n```bash\n{script}\n```\n", path="x.md")
    data = stderr.encode()
    printed = Output(data, size=len(data))
    ended = Outcome(runbook.commands[0], Status.FAILED, exit_code=status, stderr=printed)
    return diagnose(ended, runbook)


def test_an_event_of_the_history_is_named_with_its_line_and_the_fix() -> None:
    """The line was not typed."""
    runbook = parse('```bash\necho one \\\n "two!three"\n```\n', path="x.md")
    refused = Outcome(runbook.commands[0], Status.FAILED, Ending.NOT_RUN)
    found = diagnose(refused, runbook)
    assert found.cause is Cause.HISTORY
    assert found.hint.startswith("x.md:3: bash at a prompt takes `!three` for a command")
    assert "single quotes" in found.hint


def test_a_command_that_was_typed_is_not_blamed_on_its_exclamation_mark() -> None:
    """It failed for another reason."""
    said = "ls: cannot access 'no!such': No such file or directory"
    found = diagnosed("ls 'no!such'", stderr=said, status=2)
    assert found.cause is Cause.NO_SUCH_FILE


def test_a_here_document_that_is_never_closed_is_named_with_the_line_that_was_meant() -> None:
    """Bash closes it at the end of what it is given, with a warning."""
    warning = "bash: warning: here-document at line 9 delimited by end-of-file (wanted `EOF')\n"
    found = diagnosed("cat << EOF\nx\nEOF > f", stderr=warning)
    assert found.cause is Cause.SYNTAX_ERROR
    assert found.hint == (
        "the here-document is never closed: a line that is `EOF` and nothing else closes it;"
        ' x.md:6 has "EOF > f"'
    )
    assert diagnosed("cat << EOF\nx", stderr=warning).hint.endswith("nothing else closes it")


def test_a_program_that_prints_that_warning_of_its_own_script_is_no_open_document() -> None:
    """The command itself is whole."""
    warning = "here-document at line 1 delimited by end-of-file (wanted `E')"
    said = f"x.sh: line 3: warning: {warning}\n"
    assert diagnosed("bash x.sh && false", stderr=said, status=1).cause is not Cause.SYNTAX_ERROR
