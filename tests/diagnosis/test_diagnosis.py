"""A failed command's cause is told from what real programs print, and from the document."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from cases import cases

from freshrun.diagnosis.__main__ import table
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.diagnosis.deciding import diagnose
from freshrun.diagnosis.hidden import hidden_failure
from freshrun.document.reading import parse
from freshrun.model.outcome import Ending, Outcome, Output, Status
from freshrun.model.runbook import Block, BlockKind, Command, Options, Runbook, Section, Settings

CASES = Path(__file__).parent / "cases"
FILE = "runbook/x.md"
# An interactive bash without a terminal says these two things first; a session keeps them away.
_NO_TERMINAL = (b"bash: cannot set terminal process group", b"bash: no job control")


def typed(text: str, *, cwd: Path, unprivileged: bool = False) -> Outcome:
    """Return what the text gave to a real interactive bash in an empty directory."""
    system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    own = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-i", "-c", text],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env={"PATH": system if unprivileged else own, "LANG": "C.UTF-8", "HOME": str(cwd)},
        user="nobody" if unprivileged and os.geteuid() == 0 else None,
    )
    lines = done.stderr.splitlines(keepends=True)
    stderr = b"".join(line for line in lines if not line.startswith(_NO_TERMINAL))
    return outcome(text, stderr, done.stdout, exit_code=done.returncode)


def outcome(
    text: str,
    stderr: bytes = b"",
    stdout: bytes = b"",
    *,
    exit_code: int | None = 1,
    options: Options | None = None,
) -> Outcome:
    """Return a failed outcome of a command at line 20."""
    return Outcome(
        Command(text, FILE, 20, 20 + text.count("\n"), "Smoke", options or Options()),
        Status.FAILED,
        exit_code=exit_code,
        stdout=Output(stdout, size=len(stdout)),
        stderr=Output(stderr, size=len(stderr)),
    )


def runbook(*commands: Command, text: str = "", blocks: tuple[Block, ...] = ()) -> Runbook:
    """Return a document of these commands, one block for all, and of other blocks."""
    block = Block(BlockKind.SCRIPT, "bash", 10, 90, "", commands=commands)
    section = Section("Smoke", 2, 1, (block, *blocks))
    return Runbook(FILE, "0" * 64, (section,), text=text)


def at(line: int, text: str) -> Command:
    """Return a command at a line."""
    return Command(text, FILE, line, line + text.count("\n"), "Smoke")


def commands(rows: list[dict[str, str]]) -> list[Command]:
    """Return the commands that a case lists."""
    return [at(int(row["line"]), row["text"]) for row in rows]


EMPTY = runbook()


_NOT_EVERYWHERE = "apt-get|curl|docker|gh|git|jq|make|node|npm|psql|ruff|wget"


def skip_without_programs(text: str) -> None:
    """Skip a test whose text uses a program that this machine lacks."""
    for program in re.findall(rf"(?<![^ ])(?:{_NOT_EVERYWHERE})(?![^ ])", text):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


@cases(CASES / "true_text.yaml", cause=Cause)
def test_true_text(text: str, cause: Cause, hint: str, tmp_path: Path) -> None:
    """What a real program prints when it fails for this cause is told as this cause."""
    skip_without_programs(text)
    failed = typed(text, cwd=tmp_path)
    diagnosis = diagnose(failed, EMPTY)
    assert (diagnosis.cause, failed.stderr.text) == (cause, failed.stderr.text)
    assert diagnosis.hint.startswith(hint.format(cwd=tmp_path))
    assert "\n" not in diagnosis.hint


@cases(CASES / "permission_denied.yaml")
def test_permission_denied(text: str, hint: str) -> None:
    """What a real program prints to a user who is not root is told as a permission denied."""
    skip_without_programs(text)
    diagnosis = diagnose(typed(text, cwd=Path("/"), unprivileged=True), EMPTY)
    assert diagnosis.cause is Cause.PERMISSION_DENIED
    assert diagnosis.hint.startswith(hint)


@cases(CASES / "recorded_text.yaml", stderr=str.encode, cause=Cause)
def test_recorded_text(text: str, stderr: bytes, cause: Cause, hint: str) -> None:
    """What a program was seen to print on another machine is told as its cause."""
    diagnosis = diagnose(outcome(text, stderr), EMPTY)
    assert diagnosis.cause is cause
    assert diagnosis.hint.startswith(hint)


def hint_of(stderr: bytes, document: Runbook, *, text: str = "drv", cwd: str | None = None) -> str:
    """Return the hint for a command at line 20 of the document."""
    failed = replace(outcome(text, stderr), cwd=cwd)
    return diagnose(failed, document).hint


NOT_FOUND = b"bash: drv: command not found\n"
NOT_SET = b"bash: REGION: unbound variable\n"
NOT_THERE = b"cat: settings.yml: No such file or directory\n"


@cases(CASES / "command_in_its_document.yaml", document=commands)
def test_command_in_its_document(document: list[Command], said: str) -> None:
    """A missing command's hint says which step would have provided it, and none that would not."""
    assert hint_of(NOT_FOUND, runbook(*document)).startswith("`drv` is not found" + said)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([at(12, "export REGION=eu")], " here, although runbook/x.md:12 sets it for itself"),
        (
            [at(20, "drv"), at(40, "true\nexport REGION=eu")],
            ": runbook/x.md:41 sets it, but only l",
        ),
        ([at(20, "drv"), at(40, "read -r REGION")], ": runbook/x.md:40 sets it, but only later"),
        ([at(20, "drv"), at(40, "for REGION in a b; do :; done")], ": runbook/x.md:40 sets it"),
        ([at(20, "drv"), at(40, "echo $REGION=1 MYREGION=2")], ": no earlier step sets it ("),
    ],
)
def test_variable_in_its_document(document: list[Command], said: str) -> None:
    """An unset variable's hint says which step sets it, and none that only reads it."""
    assert hint_of(NOT_SET, runbook(*document)).startswith("`REGION` is not set" + said)


def test_variable_that_is_a_secret() -> None:
    """An unset variable that the front matter lists as a secret has to come from the caller."""
    document = replace(EMPTY, settings=Settings(secrets=("REGION",)))
    assert ": the document lists it as a secret, so export it before" in hint_of(NOT_SET, document)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], ": no earlier step makes it by name ("),
        (
            [at(12, "cp a.yml conf/settings.yml")],
            ", although runbook/x.md:12 makes something of th",
        ),
        (
            [at(20, "drv"), at(40, "echo a: 1 > settings.yml")],
            ": runbook/x.md:40 makes it, but onl",
        ),
        ([at(20, "drv"), at(40, "cat settings.yml")], ": no earlier step makes it by name ("),
    ],
)
def test_file_in_its_document(document: list[Command], said: str) -> None:
    """A missing file's hint says where it was looked for and which step makes it."""
    hint = hint_of(NOT_THERE, runbook(*document), cwd="/home/newcomer")
    assert hint.startswith("`settings.yml` is not there in /home/newcomer" + said)


@pytest.mark.parametrize(
    ("text", "path", "cause", "said"),
    [
        (
            'tar xzf "drv-${RELEASE}-amd64.tar.gz"',
            "drv--amd64.tar.gz",
            Cause.UNSET_VARIABLE,
            "`drv--amd64.tar.gz` is not there, for `RELEASE` in `drv-${RELEASE}-amd64.tar.gz` is",
        ),
        (
            "cat $DIR/settings.yml",
            "/settings.yml",
            Cause.UNSET_VARIABLE,
            "`/settings.yml` is not there, for `DIR` in `$DIR/settings.yml` is empty: no earlier",
        ),
        (
            "cat $DIR/settings.yml",
            "conf/settings.yml",
            Cause.NO_SUCH_FILE,
            "`conf/settings.yml` is not there: no earlier step makes it by name (",
        ),
    ],
)
def test_variable_that_was_empty(text: str, path: str, cause: Cause, said: str) -> None:
    """A path that lacks just what a variable should have given is told as that variable's."""
    line = f"cat: {path}: No such file or directory\n".encode()
    diagnosis = diagnose(outcome(text, line), EMPTY)
    assert diagnosis.cause is cause
    assert diagnosis.hint.startswith(said)


@cases(CASES / "words_of_its_own.yaml", line=str.encode)
def test_words_of_its_own(text: str, line: bytes, said: str) -> None:
    """A line that a more general sign could read as well is told in the words that fit it."""
    assert diagnose(outcome(text, line), EMPTY).hint.startswith(said)


def test_file_that_a_block_only_shows() -> None:
    """A missing file that a block for the reader's eyes shows is named with that line."""
    block = Block(BlockKind.OTHER, "yaml", 30, 33, "# settings.yml\na: 1")
    document = runbook(at(20, "drv"), blocks=(block,))
    assert "; runbook/x.md:31 only shows it, in a `yaml` block (" in hint_of(NOT_THERE, document)


def test_what_the_prose_only_mentions() -> None:
    """A missing file, variable or command that only the prose has is named with that line."""
    text = "# X\n\nPut your answers into settings.yml, set REGION,\nand have `drv` at hand.\n"
    document = runbook(at(20, "drv"), text=text)
    assert "; runbook/x.md:3 only mentions it (" in hint_of(NOT_THERE, document)
    assert "; runbook/x.md:3 only mentions it (" in hint_of(NOT_SET, document)
    assert "; runbook/x.md:4 only mentions it (" in hint_of(NOT_FOUND, document)


def test_package_manager_of_another_system() -> None:
    """No package is named for a manager of another system, although Debian has one."""
    hint = hint_of(b"sudo: dnf: command not found\n", EMPTY, text="sudo dnf install drv")
    assert "; it is the package manager of another system (" in hint
    assert "package `snapd` (" in hint_of(b"bash: snap: command not found\n", EMPTY)


def test_program_that_was_installed_where_nobody_looks() -> None:
    """A missing command that a step installs may be off the path; a missing file can't be."""
    installed = runbook(at(12, "pip install --user drv"), at(20, "drv"))
    assert ", so it may be in a folder that `PATH` lacks (" in hint_of(NOT_FOUND, installed)
    made = runbook(at(12, "cp a.yml conf/settings.yml"), at(20, "drv"))
    assert "PATH" not in hint_of(NOT_THERE, made)


def test_known_program_is_no_slip_of_the_pen() -> None:
    """A program that the distribution has is not taken for a misspelt other one."""
    used_before = runbook(at(12, "sh a.sh"), at(20, "ssh a"))
    assert "did you mean" not in hint_of(b"bash: ssh: command not found\n", used_before)


def test_command_of_the_prose_that_would_install_it() -> None:
    """A missing command that a command of the prose would install is named with that one."""
    text = "# X\n\nThe \u00b5drv making.\n`drv` is small, and `pip install drv` has it.\n"
    document = runbook(at(20, "drv"), text=text)
    said = "; runbook/x.md:4 says `pip install drv`, but only in the prose ("
    assert said in hint_of(NOT_FOUND, document)


def test_step_that_gives_a_download_to_a_shell() -> None:
    """A missing command may be what a script from the network should have installed."""
    piped = runbook(at(12, "curl -sSL https://get.x.org | sudo -E bash -"), at(20, "drv"))
    assert ", unless the script that runbook/x.md:12 downloads sh" in hint_of(NOT_FOUND, piped)
    saved = runbook(at(12, "curl -sSLO https://get.x.org/a.sh"), at(20, "drv"))
    assert "unless" not in hint_of(NOT_FOUND, saved)


def test_programs_of_one_pipeline() -> None:
    """The programs of a pipeline that are not there either are named, too."""
    lines = b"bash: fzf: command not found\nbash: ps: command not found\n"
    hint = hint_of(lines + b"xargs: drv: No such file or directory\n", EMPTY, text="ps | fzf | a")
    assert "; `ps` and `fzf` are not found either (" in hint
    mixed = b"xargs: a: No such file or directory\nbash: drv: command not found\n"
    assert "; `a` is not found either (" in hint_of(mixed, EMPTY, text="drv | xargs a")
    assert "either" not in hint_of(NOT_FOUND * 2, EMPTY)


def test_package_of_a_command_of_git() -> None:
    """A command that a package adds to git is told with the package."""
    line = b"git: 'lfs' is not a git command. See 'git --help'.\n"
    assert "no command `lfs`; Debian 12 has one of that name in its package `git-lfs` (" in (
        hint_of(line, EMPTY, text="git lfs track a")
    )


def test_error_before_the_name_of_a_log() -> None:
    """Where the last line only names a log, the line that tells the error is quoted."""
    log = b"npm ERR! A complete log of this run can be found in:\nnpm ERR!     /a/_logs/0.log\n"
    told = diagnose(
        outcome("npm init drv", b"TypeError: no region\nnpm ERR! code 1\n" + log), EMPTY
    )
    assert told.hint == 'can\'t tell: exit status 1; it printed: "TypeError: no region"'
    untold = diagnose(outcome("npm init drv", b"npm ERR! code 1\n" + log), EMPTY)
    assert untold.hint.endswith('it printed last: "npm ERR!     /a/_logs/0.log"')


def test_prose_is_not_the_commands() -> None:
    """The lines of shell blocks are not taken for prose."""
    text = "\n" * 19 + "cat settings.yml\n"
    assert "mentions" not in hint_of(NOT_THERE, runbook(at(20, "drv"), text=text))


def test_package_lists_are_there() -> None:
    """A step that updates apt's lists is seen, so that only the name can be wrong."""
    stderr = b"E: Unable to locate package postgresq\n"
    text = "sudo apt-get install -y \\\n  git \\\n  postgresq"
    hint = hint_of(stderr, runbook(at(12, "sudo apt-get update -q")), text=text)
    assert hint.startswith("apt knows no package `postgresq`, at runbook/x.md:22 (")


def test_network_that_the_document_shuts() -> None:
    """A name that can't be resolved where the document shuts the network is no surprise."""
    document = replace(EMPTY, settings=Settings(network="none"))
    hint = hint_of(b"curl: (6) Could not resolve host: x.org\n", document)
    assert ": the document shuts the network (`network: none`) (" in hint


def test_nearest_to_the_end() -> None:
    """Of two signs the later line is the cause, as the last command decides the exit status."""
    assert diagnose(outcome("drv", NOT_FOUND + NOT_THERE), EMPTY).cause is Cause.NO_SUCH_FILE
    assert diagnose(outcome("drv", NOT_THERE + NOT_FOUND), EMPTY).cause is Cause.COMMAND_NOT_FOUND


def test_before_a_long_usage_text() -> None:
    """A message before a usage text of any length is found, also on stdout and in colour."""
    usage = b"  --flag string  what it is for\n" * 5_000
    printed = b"\x1b[31munknown flag: --severity\x1b[0m\n" + usage
    assert diagnose(outcome("drv", printed), EMPTY).cause is Cause.UNKNOWN_OPTION
    assert diagnose(outcome("drv", b"", printed), EMPTY).cause is Cause.UNKNOWN_OPTION


def test_timed_out() -> None:
    """A killed command's cause is the timeout, whatever it printed, with its last words."""
    failed = outcome("drv", NOT_THERE + b"waiting\n", exit_code=None, options=Options(timeout=10))
    diagnosis = diagnose(replace(failed, ending=Ending.TIMED_OUT), EMPTY)
    assert diagnosis.cause is Cause.TIMED_OUT
    assert diagnosis.hint.startswith("it had not ended after 10 s, and nothing tells")
    assert diagnosis.hint.endswith('it printed last: "waiting"')


def test_unexpected_success() -> None:
    """A command that succeeds where the document promises a failure says both."""
    diagnosis = diagnose(outcome("drv", NOT_THERE, exit_code=0, options=Options(exit=3)), EMPTY)
    assert diagnosis.cause is Cause.UNEXPECTED_SUCCESS
    assert diagnosis.hint == "the document promises exit status 3, but the command succeeds"


def test_outside_its_band() -> None:
    """A command that ends as promised, but too early or too late, says both times."""
    failed = outcome("drv", NOT_THERE, exit_code=0, options=Options(band=(5, 120)))
    diagnosis = diagnose(replace(failed, seconds=0.2), EMPTY)
    assert diagnosis.cause is Cause.OUTSIDE_BAND
    assert diagnosis.hint == "it took 0.20 s, and the document says 5 s to 120 s"
    assert diagnose(replace(failed, seconds=7.0), EMPTY).cause is Cause.UNKNOWN


def test_other_output() -> None:
    """A command that ended as promised and printed something else is told by its diff."""
    failed = replace(outcome("drv", NOT_THERE, exit_code=0), diff="-a\n+b\n")
    diagnosis = diagnose(failed, EMPTY)
    assert diagnosis.cause is Cause.OTHER_OUTPUT
    assert diagnosis.hint.startswith("the diff shows")


def test_other_promise() -> None:
    """A command that ended as promised is not blamed for the warnings that it printed."""
    failed = replace(outcome("drv", NOT_THERE, exit_code=0), reason="the output is another")
    diagnosis = diagnose(failed, EMPTY)
    assert diagnosis.cause is Cause.UNKNOWN
    assert "exit status 0 as documented; the output is another" in diagnosis.hint


@pytest.mark.parametrize(
    ("text", "document", "hint"),
    [
        ("exit 3", [], "`exit` closed the shell (exit status 3), so the next command finds a new"),
        ("exec sh -c 'exit 3'", [], "`exec` closed the shell (exit status 3), so"),
        (
            "false",
            [at(12, "set -euo pipefail")],
            "`set -e` (runbook/x.md:12) closed the shell when",
        ),
        ("false", [], "the shell ended with the command (exit status 3); it printed nothing"),
    ],
)
def test_shell_ended(text: str, document: list[Command], hint: str) -> None:
    """A shell that ended says which word closed it."""
    failed = replace(outcome(text, exit_code=3), ending=Ending.SHELL_ENDED)
    diagnosis = diagnose(failed, runbook(*document))
    assert diagnosis.cause is Cause.SHELL_ENDED
    assert diagnosis.hint.startswith(hint)


@cases(CASES / "unknown.yaml", stderr=str.encode, stdout=str.encode)
def test_unknown(stderr: bytes, stdout: bytes, exit_code: int, hint: str) -> None:
    """Where no evidence names a cause, the hint says so, with the status and the last words."""
    diagnosis = diagnose(outcome("drv", stderr, stdout, exit_code=exit_code), EMPTY)
    assert diagnosis.cause is Cause.UNKNOWN
    assert diagnosis.hint.startswith(hint)


@cases(CASES / "no_sign.yaml", line=str.encode)
def test_no_sign(line: bytes) -> None:
    """A line that only sounds like a cause is not taken for one."""
    assert diagnose(outcome("drv", line), EMPTY).cause is Cause.UNKNOWN


@cases(CASES / "seen_text.yaml", cause=Cause)
def test_seen_text(text: str, cause: Cause, printed: str) -> None:
    """What was seen in a container, or nearly so, is told as its cause and as no other."""
    diagnosis = diagnose(outcome(text, printed.encode()), EMPTY)
    assert (diagnosis.cause, diagnosis.hint) == (cause, diagnosis.hint)
    assert "\n" not in diagnosis.hint


@cases(CASES / "prompt_without_an_answer.yaml", cause=Cause)
def test_prompt_without_an_answer(text: str, stdout: str, cause: Cause) -> None:
    """A prompt at the very end of the output waits for input; one that was answered does not."""
    assert diagnose(outcome(text, b"", stdout.encode()), EMPTY).cause is cause


@pytest.mark.parametrize(
    ("text", "ending", "cause"),
    [
        ("python3 a.py", Ending.EXITED, Cause.OUT_OF_MEMORY),
        ("tail /dev/zero", Ending.SHELL_ENDED, Cause.OUT_OF_MEMORY),
        ("kill -9 $$", Ending.SHELL_ENDED, Cause.SHELL_ENDED),
        ("timeout -s KILL 1 sleep 3", Ending.EXITED, Cause.UNKNOWN),
    ],
)
def test_killed(text: str, ending: Ending, cause: Cause) -> None:
    """Status 137 is the memory's limit, unless the text itself sends a signal."""
    failed = replace(outcome(text, exit_code=137), ending=ending)
    diagnosis = diagnose(failed, EMPTY)
    assert diagnosis.cause is cause
    assert cause is not Cause.OUT_OF_MEMORY or "exceeds its 2g of memory" in diagnosis.hint


@cases(CASES / "what_it_was_doing.yaml", cause=Cause)
def test_what_it_was_doing(text: str, printed: str, cause: Cause, said: str) -> None:
    """A command that was ended at its timeout asked, served, waited or worked, or can't be told."""
    failed = outcome(text, b"", printed.encode(), exit_code=None, options=Options(timeout=10))
    diagnosis = diagnose(replace(failed, ending=Ending.TIMED_OUT), EMPTY)
    assert (diagnosis.cause, diagnosis.hint) == (cause, diagnosis.hint)
    assert said in diagnosis.hint


def test_flooded() -> None:
    """A command that printed without end never ends, and the hint has the size."""
    failed = replace(outcome("yes"), ending=Ending.FLOODED, stdout=Output(b"y\n", size=10_000_000))
    diagnosis = diagnose(failed, EMPTY)
    assert diagnosis.cause is Cause.NEVER_ENDS
    assert "10,000,000 bytes" in diagnosis.hint


# Causes that only the document tells.


def failed_in(source: str, text: str, printed: str = "", *, exit_code: int = 1) -> Diagnosis:
    """Return the diagnosis of the command with this text in a document, after what it printed."""
    document = parse(dedent(source), path=FILE)
    command = next(each for each in reversed(document.commands) if each.text == text)
    failed = replace(outcome(text, printed.encode(), exit_code=exit_code), command=command)
    return diagnose(failed, document)


_TWO_WAYS = """\
    # Install

    ```bash
    npm install
    ```

    or

    ```bash
    yarn install
    ```
"""


@pytest.mark.parametrize(
    ("source", "text", "printed", "said"),
    [
        (_TWO_WAYS, "yarn install", "bash: yarn: command not found", "runbook/x.md:4 is the other"),
        (
            "```bash\nbrew install jq\nsudo apt-get install -y jq\n```\n",
            "brew install jq",
            "bash: brew: command not found",
            "`brew` and `apt-get` are package managers of systems: runbook/x.md:3",
        ),
        (
            "```bash\nsudo apt-get install -y jq\nsudo dnf install -y jq\n```\n",
            "sudo dnf install -y jq",
            "sudo: dnf: command not found",
            "`dnf` and `apt-get`",
        ),
        (
            "```bash\nbrew install ruff\n```\n```bash\npip install ruff\n```\n",
            "brew install ruff",
            "bash: brew: command not found",
            "`brew` and `pip` are ways to install",
        ),
        (
            "```bash\ngit clone https://x.org/a/drv.git\ngit clone git@x.org:a/drv.git\n```\n",
            "git clone git@x.org:a/drv.git",
            "fatal: destination path 'drv' already exists and is not an empty directory.",
            "both clone `drv`",
        ),
    ],
)
def test_alternatives(source: str, text: str, printed: str, said: str) -> None:
    """A second way to do what a neighbour does is told as one, with the line of the other."""
    diagnosis = failed_in(source, text, printed)
    assert diagnosis.cause is Cause.ALTERNATIVES
    assert said in diagnosis.hint


@cases(CASES / "no_alternatives.yaml")
def test_no_alternatives(source: str, text: str, printed: str) -> None:
    """What does another thing, is far away, or comes later and is as missing, is no other way."""
    assert failed_in(source, text, printed).cause is Cause.COMMAND_NOT_FOUND


@pytest.mark.parametrize(
    ("source", "text", "printed", "cause"),
    [
        (
            "```bash\nbrew install jq\nsudo apt-get install jq\n```\n",
            "sudo apt-get install jq",
            "Do you want to continue? [Y/n] Abort.",
            Cause.WAITS_FOR_INPUT,
        ),
        (
            "```bash\ngit clone https://x.org/a/drv.git\ngit clone git@x.org:a/drv.git\n```\n",
            "git clone git@x.org:a/drv.git",
            "ssh: Could not resolve hostname x.org: Name or service not known\r",
            Cause.NETWORK,
        ),
    ],
)
def test_failure_beside_an_alternative(source: str, text: str, printed: str, cause: Cause) -> None:
    """A way that was tried and failed for a cause of its own is told as that cause."""
    assert failed_in(source, text, printed).cause is cause


_SHOWN_FILES = [
    (
        "Create a file `main.py` with:\n\n```python\napp = 1\n```\n\n```bash\ndrv\n```\n",
        'ERROR:    Error loading ASGI app. Could not import module "main".',
        "runbook/x.md:1 only mentions it",
    ),
    (
        "```python\n# app.py\nprint(1)\n```\n\n```bash\ndrv\n```\n",
        "python3: can't open file '/srv/app.py': [Errno 2] No such file or directory",
        "runbook/x.md:2 only shows it, in a `python` block",
    ),
    (
        "Save your settings as settings.yml.\n\n```bash\ndrv\n```\n",
        "cat: settings.yml: No such file or directory",
        "runbook/x.md:1 only mentions it",
    ),
    (
        "`settings.yml`:\n\n```yaml\na: 1\n```\n\n```bash\ndrv\n```\n",
        "cat: settings.yml: No such file or directory",
        "runbook/x.md:1 only mentions it",
    ),
]


@pytest.mark.parametrize(("source", "printed", "said"), _SHOWN_FILES)
def test_file_that_is_only_shown(source: str, printed: str, said: str) -> None:
    """A file that the reader is shown and that no command makes is told as such, with its line."""
    diagnosis = failed_in(source, "drv", printed)
    assert diagnosis.cause is Cause.ONLY_SHOWN
    assert said in diagnosis.hint


@pytest.mark.parametrize(
    "source",
    [
        "It reads settings.yml.\n\n```bash\ndrv\n```\n",
        "Edit settings.yaml.\n\n```bash\ndrv\n```\n",
        "Save it as settings.yml.\n\n```bash\ntouch conf/settings.yml\ndrv\n```\n",
    ],
)
def test_file_that_is_not_only_shown(source: str) -> None:
    """A file that is merely spoken of, has another name, or is made elsewhere is just missing."""
    printed = "cat: settings.yml: No such file or directory"
    assert failed_in(source, "drv", printed).cause is Cause.NO_SUCH_FILE


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        (
            "```yaml\nname: server\n```\n\n```bash\ndrv\n```\n",
            "bash: ./server: No such file or directory",
        ),
        (
            "Download drv-1.0.tar.gz.\n\n```bash\ndrv\n```\n",
            "tar: drv-1.0.tar.gz: Cannot open: No such file or directory",
        ),
    ],
)
def test_file_that_nobody_writes(source: str, printed: str) -> None:
    """A program or an archive is not shown by a block or sentence that has its name."""
    assert failed_in(source, "drv", printed).cause is Cause.NO_SUCH_FILE


@cases(CASES / "missing_step.yaml")
def test_missing_step(source: str, printed: str, said: str) -> None:
    """What a skipped step, an unread block, a section apart or another document makes is a step."""
    diagnosis = failed_in(source, "drv", printed)
    assert diagnosis.cause is Cause.MISSING_STEP
    assert said in diagnosis.hint


@cases(CASES / "no_missing_step.yaml")
def test_no_missing_step(source: str) -> None:
    """A step that was typed, a link that is no first step, and another language are none."""
    printed = "bash: drv: command not found"
    assert failed_in(source, "drv", printed).cause is Cause.COMMAND_NOT_FOUND


@pytest.mark.parametrize(
    ("source", "exit_code", "said"),
    [
        ("This command fails, as nothing is there yet:\n\n```bash\ndrv\n```\n", 1, "x.md:1 says"),
        ("It exits with status 3:\n\n```bash\ndrv\n```\n", 3, "`exit=3`"),
        ("It ends with exit code `2`.\n\n```bash\ndrv\n```\n", 2, "`exit=2`"),
        ("```bash\ndrv\n```\n\nAn error is expected here.\n", 1, "runbook/x.md:5 says"),
        ("```console\n$ drv\nno widget\n```\n", 1, "it printed what the document shows"),
    ],
)
def test_documented_failure(source: str, exit_code: int, said: str) -> None:
    """A failure that the text announces, or whose output is shown, is a documented one."""
    diagnosis = failed_in(source, "drv", "no widget\n", exit_code=exit_code)
    assert diagnosis.cause is Cause.DOCUMENTED_FAILURE
    assert said in diagnosis.hint


@cases(CASES / "no_documented_failure.yaml")
def test_no_documented_failure(source: str, exit_code: int) -> None:
    """A condition, a negation, another status, block or output announces nothing."""
    diagnosis = failed_in(source, "drv", "no widget\n", exit_code=exit_code)
    assert diagnosis.cause is Cause.UNKNOWN


_COMMIT = "fatal: ambiguous argument '3f2a1bc': unknown revision or path not in the working tree."


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("```console\n$ git log --oneline\n3f2a1bc First\n$ drv 3f2a1bc\n```\n", "promised"),
        (
            "```bash\ngit log\n```\n```text\n3f2a1bc First\n```\n```bash\ndrv 3f2a1bc\n```\n",
            "shown",
        ),
        ("```bash\ngit tag a 3f2a1bc\ndrv 3f2a1bc\n```\n```text\n3f2a1bc a\n```\n", ""),
    ],
)
def test_value_of_another_run(source: str, cause: str) -> None:
    """A hash that an output shows before is hard-coded; one that the document gives is not."""
    wanted = Cause.HARD_CODED_VALUE if cause else Cause.UNKNOWN
    assert failed_in(source, "drv 3f2a1bc", _COMMIT).cause is wanted


@pytest.mark.parametrize(
    ("value", "cause"), [("YOUR_TOKEN", Cause.PLACEHOLDER), ("abc", Cause.UNKNOWN)]
)
def test_placeholder_in_a_variable(value: str, cause: Cause) -> None:
    """A variable that an earlier step left at a placeholder is told with that step's line."""
    source = f'```bash\nexport TOKEN="{value}"\ndrv "$TOKEN"\n```\n'
    diagnosis = failed_in(source, 'drv "$TOKEN"', "401 Unauthorized")
    assert diagnosis.cause is cause
    assert ("at runbook/x.md:2, where `TOKEN` is set" in diagnosis.hint) is bool(
        value == "YOUR_TOKEN"
    )


def test_port_that_an_earlier_step_names() -> None:
    """A port that is taken is told with the earlier step that names it."""
    source = "```bash\ndrv serve -p 8765 &\ndrv -p 8765\n```\n"
    diagnosis = failed_in(source, "drv -p 8765", "OSError: [Errno 98] Address already in use")
    assert diagnosis.cause is Cause.PORT_TAKEN
    assert ": runbook/x.md:2 names it too" in diagnosis.hint


def test_package_that_another_replaces() -> None:
    """A package that apt says is replaced is gone or renamed, and the hint has the new name."""
    stdout = (
        b"Package python-pip is not available, but is referred to by another package.\n"
        b"This may mean that the package is missing, has been obsoleted, or\n"
        b"is only available from another source\n"
        b"However the following packages replace it:\n  python3-pip\n\n"
    )
    stderr = b"E: Package 'python-pip' has no installation candidate\n"
    diagnosis = diagnose(outcome("apt-get install -y python-pip", stderr, stdout), EMPTY)
    assert diagnosis.cause is Cause.GONE
    assert ": apt offers `python3-pip` in its place" in diagnosis.hint
    none = diagnose(outcome("apt-get install -y docker-ce", stderr), EMPTY)
    assert none.cause is Cause.PACKAGE_NOT_FOUND


# Debian's packages.


@pytest.mark.parametrize(
    ("command", "image", "said"),
    [
        ("dig", None, "; Debian 12 has one of that name in its package `bind9-dnsutils`"),
        ("vim", "debian:bookworm", "; Debian 12 has one of that name in its package `vim`"),
        ("dig", "docker.io/library/alpine:3.20", ""),
        ("drv", None, ""),
        ("yarn", None, ""),
    ],
)
def test_package_of_the_distribution(command: str, image: str | None, said: str) -> None:
    """A missing program's hint names Debian's package, unless the image is another's."""
    document = replace(EMPTY, settings=Settings(image=image))
    failed = outcome(command, f"bash: {command}: command not found\n".encode(), exit_code=127)
    diagnosis = diagnose(failed, document)
    assert diagnosis.cause is Cause.COMMAND_NOT_FOUND
    assert diagnosis.hint.startswith(
        f"`{command}` is not found: no earlier step installs it{said} ("
    )


def test_table_of_packages() -> None:
    """The table takes programs on the path alone, and of several packages the plainest name."""
    made = table(
        [
            "usr/bin/podman-docker/docker  admin/x\n",
            "usr/bin/docker  admin/podman-docker,admin/docker.io\n",
            "sbin/ip  net/iproute2\n",
            "usr/share/doc/ip  net/x\n",
            "usr/bin/x86_64-linux-gnu-gcc  devel/gcc\n",
            "usr/bin/yarn  python/cmdtest\n",
            "usr/bin/make  devel/make-guile,devel/make\n",
        ]
    )
    rows = dict(line.split("\t") for line in made.splitlines() if not line.startswith("#"))
    assert {"docker": "docker.io", "ip": "iproute2", "make": "make"}.items() <= rows.items()
    assert not {"yarn", "x86_64-linux-gnu-gcc", "podman-docker/docker"} & rows.keys()


@pytest.mark.parametrize(
    ("text", "stderr", "told"),
    [
        ("curl x | dd of=k && echo", "curl: (6) Could not resolve host: h.invalid\n", True),
        ("x=$(curl x | head -1)", "curl: (7) Failed to connect to h port 80: refused\n", True),
        ("curl x && echo", "curl: (6) Could not resolve host: h.invalid\n", False),
        ("ls | sort && echo", "warning: nothing to sort\n", False),
    ],
)
def test_a_network_failure_inside_a_passing_command_is_told(
    *, text: str, stderr: str, told: bool
) -> None:
    """A stage that fails in a pipeline inside a list has no status of its own to be seen."""
    runbook = parse(f"```bash\n{text}\n```\n", path="x.md")
    data = stderr.encode()
    passed = Outcome(runbook.commands[0], Status.PASSED, stderr=Output(data, size=len(data)))
    said = hidden_failure(passed, runbook)
    assert bool(said) is told
    assert not told or stderr.strip() in said
