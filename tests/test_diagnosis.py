"""A failed command's cause is told from what real programs print, and from the document."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from freshrun.diagnosis import Cause, diagnose
from freshrun.outcome import Ending, Outcome, Output, Status
from freshrun.runbook import Block, BlockKind, Command, Options, Runbook, Section, Settings

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


EMPTY = runbook()


_TRUE_TEXTS = [
    ("drv smoke", Cause.COMMAND_NOT_FOUND, "`drv` is not found: no earlier step installs it"),
    ("bash -c 'drv smoke'", Cause.COMMAND_NOT_FOUND, "`drv` is not found"),
    ("exec drv", Cause.COMMAND_NOT_FOUND, "`drv` is not found"),
    ("sh -c 'drv smoke'", Cause.COMMAND_NOT_FOUND, "`drv` is not found"),
    ("env drv", Cause.COMMAND_NOT_FOUND, "`drv` is not found"),
    ("timeout 3 drv", Cause.COMMAND_NOT_FOUND, "`drv` is not found"),
    ("nohup drv", Cause.COMMAND_NOT_FOUND, "`drv` is not found"),
    ("echo a | xargs drv", Cause.COMMAND_NOT_FOUND, "`drv` is not found"),
    (
        r"printf 'all:\n\tdrv\n' >Makefile; make",
        Cause.COMMAND_NOT_FOUND,
        "`drv` is not found",
    ),
    (
        r"printf '#!/usr/bin/env drv\n' >a; chmod +x a; ./a",
        Cause.COMMAND_NOT_FOUND,
        "`drv` is not found",
    ),
    (
        r"printf '#!/opt/no/python\n' >a; chmod +x a; ./a",
        Cause.INTERPRETER_NOT_FOUND,
        "`./a` is there, but not the interpreter or loader that it names",
    ),
    ("set -u; echo $REGION", Cause.UNSET_VARIABLE, "`REGION` is not set: no earlier step sets it"),
    ("echo ${REGION:?}", Cause.UNSET_VARIABLE, "`REGION` is not set"),
    ("echo ${REGION:?choose one}", Cause.UNSET_VARIABLE, "`REGION` is not set: no earlier step"),
    ("sh -uc 'echo $REGION'", Cause.UNSET_VARIABLE, "`REGION` is not set"),
    ("set -u; echo $1", Cause.UNSET_VARIABLE, '`$1` is not set ("bash: $1: unbound variable")'),
    ("echo (", Cause.SYNTAX_ERROR, "the shell can't read the command"),
    ("if true; then", Cause.SYNTAX_ERROR, "the shell can't read the command"),
    ('echo "', Cause.SYNTAX_ERROR, "the shell can't read the command"),
    ("sh -c 'echo ('", Cause.SYNTAX_ERROR, "the shell can't read the command"),
    ("cd project", Cause.NO_SUCH_FILE, "`project` is not there"),
    ("./run.sh", Cause.NO_SUCH_FILE, "`./run.sh` is not there"),
    ("sh -c ./run.sh", Cause.NO_SUCH_FILE, "`./run.sh` is not there"),
    (". venv/bin/activate", Cause.NO_SUCH_FILE, "`venv/bin/activate` is not there"),
    ("cat <settings.yml", Cause.NO_SUCH_FILE, "`settings.yml` is not there"),
    ("echo >a/b", Cause.NO_SUCH_FILE, "`a/b` is not there"),
    ("cat settings.yml", Cause.NO_SUCH_FILE, "`settings.yml` is not there"),
    ("ls settings.yml", Cause.NO_SUCH_FILE, "`settings.yml` is not there"),
    ("cp settings.yml b", Cause.NO_SUCH_FILE, "`settings.yml` is not there"),
    ("mkdir a/b", Cause.NO_SUCH_FILE, "`a/b` is not there"),
    ("sed p settings.yml", Cause.NO_SUCH_FILE, "`settings.yml` is not there"),
    ("tar xf a.tar", Cause.NO_SUCH_FILE, "`a.tar` is not there"),
    ("jq . a.json", Cause.NO_SUCH_FILE, "`a.json` is not there"),
    ("python3 a.py", Cause.NO_SUCH_FILE, "`{cwd}/a.py` is not there"),
    ("python3 -c 'open(\"a.txt\")'", Cause.NO_SUCH_FILE, "`a.txt` is not there"),
    ("python3 -m pip install -r a.txt", Cause.NO_SUCH_FILE, "`a.txt` is not there"),
    ("python3 -m pytest no.py", Cause.NO_SUCH_FILE, "`no.py` is not there"),
    ("node a.js", Cause.NO_SUCH_FILE, "`{cwd}/a.js` is not there"),
    ("npm start", Cause.NO_SUCH_FILE, "`{cwd}/package.json` is not there"),
    ("make a", Cause.NO_SUCH_FILE, "make knows no target `a`"),
    ("make", Cause.NO_SUCH_FILE, "no makefile is there"),
    ("ls --severity", Cause.UNKNOWN_OPTION, "the program has no option `--severity`"),
    ("ls -@", Cause.UNKNOWN_OPTION, "the program has no option `-@`"),
    ("set -Z", Cause.UNKNOWN_OPTION, "the program has no option `-Z`"),
    ("tar --severity", Cause.UNKNOWN_OPTION, "the program has no option `--severity`"),
    ("curl --severity", Cause.UNKNOWN_OPTION, "the program has no option `--severity`"),
    ("find . -severity", Cause.UNKNOWN_OPTION, "the program has no option `-severity`"),
    ("python3 --severity", Cause.UNKNOWN_OPTION, "the program has no option `--severity`"),
    ("python3 -m pip --severity", Cause.UNKNOWN_OPTION, "the program has no option `--severity`"),
    ("python3 -m pytest --severity", Cause.UNKNOWN_OPTION, "the program does not take `--sever"),
    ("gh issue create --severity", Cause.UNKNOWN_OPTION, "the program has no option `--severity`"),
    ("ruff check --severity", Cause.UNKNOWN_OPTION, "the program has no option `--severity`"),
    ("node --severity", Cause.UNKNOWN_OPTION, "the program has no option `--severity`"),
    ("apt-get --severity", Cause.UNKNOWN_OPTION, "the program has no option `--severity`"),
    ("git init --severity", Cause.UNKNOWN_OPTION, "the program has no option `severity`"),
    ("git commti", Cause.UNKNOWN_SUBCOMMAND, "the program has no command `commti`"),
    ("python3 -m pip instal", Cause.UNKNOWN_SUBCOMMAND, "the program has no command `instal`"),
    ("gh isue", Cause.UNKNOWN_SUBCOMMAND, "the program has no command `isue`"),
    ("ruff chek", Cause.UNKNOWN_SUBCOMMAND, "the program has no command `chek`"),
    ("npm instal-all", Cause.UNKNOWN_SUBCOMMAND, "the program has no command `instal-all`"),
    ("apt-get instal", Cause.UNKNOWN_SUBCOMMAND, "the program has no command `instal`"),
    ("docker rum", Cause.UNKNOWN_SUBCOMMAND, "the program has no command"),
    ("python3 -c 'import drv'", Cause.MODULE_NOT_FOUND, "Python has no module `drv`"),
    ("python3 -m drv", Cause.MODULE_NOT_FOUND, "Python has no module `drv`"),
    ("node -e 'require(\"drv\")'", Cause.MODULE_NOT_FOUND, "Node has no module `drv`"),
    (
        "apt-get install -s postgresq",
        Cause.PACKAGE_NOT_FOUND,
        "apt knows no package `postgresq`, and no step before it runs `apt-get update`",
    ),
    ("apt-get install -s bash=99", Cause.PACKAGE_NOT_FOUND, "apt has no such version of `bash`"),
    (
        "python3 -m pip install --isolated --target a --no-index drv-no",
        Cause.PACKAGE_NOT_FOUND,
        "pip finds no package `drv-no`",
    ),
    ("curl http://no.invalid/", Cause.NETWORK, "the name `no.invalid` is not known"),
    ("git clone http://no.invalid/x", Cause.NETWORK, "the name `no.invalid` is not known"),
    ("wget http://no.invalid/", Cause.NETWORK, "the name `no.invalid` is not known"),
    ("curl http://127.0.0.1:9/", Cause.NETWORK, "nothing answers at 127.0.0.1 port 9"),
    (
        "python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 9))'",
        Cause.NETWORK,
        "a connection is refused",
    ),
    ("psql -h 127.0.0.1 -p 9", Cause.NETWORK, "nothing answers at 127.0.0.1"),
    ("psql -h /no", Cause.NETWORK, "nothing answers at /no/.s.PGSQL.5432"),
    (
        "python3 -m pip install --isolated --retries 1 --target a -i http://127.0.0.1:9/ drv-no",
        Cause.NETWORK,
        "a connection is refused",
    ),
]


_NOT_EVERYWHERE = "apt-get|curl|docker|gh|git|jq|make|node|npm|psql|ruff|wget"


def skip_without_programs(text: str) -> None:
    """Skip a test whose text uses a program that this machine lacks."""
    for program in re.findall(rf"(?<![^ ])(?:{_NOT_EVERYWHERE})(?![^ ])", text):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


@pytest.mark.parametrize(("text", "cause", "hint"), _TRUE_TEXTS, ids=[t[0] for t in _TRUE_TEXTS])
def test_true_text(text: str, cause: Cause, hint: str, tmp_path: Path) -> None:
    """What a real program prints when it fails for this cause is told as this cause."""
    skip_without_programs(text)
    failed = typed(text, cwd=tmp_path)
    diagnosis = diagnose(failed, EMPTY)
    assert (diagnosis.cause, failed.stderr.text) == (cause, failed.stderr.text)
    assert diagnosis.hint.startswith(hint.format(cwd=tmp_path))
    assert "\n" not in diagnosis.hint


_NOT_ALLOWED = [
    ("cat /etc/shadow", "this user may not use `/etc/shadow`, and the command does not use sudo ("),
    ("mkdir /drv", "this user may not use `/drv`"),
    ("echo >/drv", "this user may not use `/drv`"),
    ("rm /etc/passwd", "this user may not use `/etc/passwd`"),
    ("chown root /tmp", "this user may not use `/tmp`"),
    ("python3 -c 'open(\"/etc/shadow\")'", "this user may not use `/etc/shadow`"),
    ("/etc/passwd", "this user may not use `/etc/passwd`, or it is not executable"),
    ("apt-get install -y drv", "it needs root, and the command does not use sudo"),
    ("dpkg -i drv.deb", "it needs root, and the command does not use sudo"),
]


@pytest.mark.parametrize(("text", "hint"), _NOT_ALLOWED, ids=[t[0] for t in _NOT_ALLOWED])
def test_permission_denied(text: str, hint: str) -> None:
    """What a real program prints to a user who is not root is told as a permission denied."""
    skip_without_programs(text)
    diagnosis = diagnose(typed(text, cwd=Path("/"), unprivileged=True), EMPTY)
    assert diagnosis.cause is Cause.PERMISSION_DENIED
    assert diagnosis.hint.startswith(hint)


# What these need is not on every machine: a registry, a network that is shut, a proxy, sudo.
_RECORDED = [
    pytest.param(
        "npm install drv-nope",
        b"npm error code E404\n"
        b"npm error 404 Not Found - GET https://registry.npmjs.org/drv-nope\n"
        b"npm error 404\n"
        b"npm error 404  The requested resource 'drv-nope@*' could not be found or you do not"
        b" have permission to access it.\n"
        b"npm error 404\n"
        b"npm error 404 Note that you can also install from a\n"
        b"npm error 404 tarball, folder, http url, or git url.\n"
        b"npm error A complete log of this run can be found in: /root/.npm/_logs/debug-0.log\n",
        Cause.PACKAGE_NOT_FOUND,
        "npm finds no package `drv-nope`",
        id="npm 11.19",
    ),
    pytest.param(
        "npm install express@999",
        b"npm error code ETARGET\nnpm error notarget No matching version found for express@999.\n",
        Cause.PACKAGE_NOT_FOUND,
        "npm finds no package `express@999`",
        id="npm 11.19, version",
    ),
    pytest.param(
        "sudo apt-get update && sudo apt-get install -y hello",
        b"W: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  "
        b"Temporary failure resolving 'deb.debian.org'\n"
        b"W: Some index files failed to download. They have been ignored, or old ones used "
        b"instead.\nE: Unable to locate package hello\n",
        Cause.NETWORK,
        "the name `deb.debian.org` is not known",
        id="apt 2.6 in a container without a network",
    ),
    pytest.param(
        "sudo drv",
        b"sudo: unable to resolve host 9300693a8741: Temporary failure in name resolution\n"
        b"sudo: drv: command not found\n",
        Cause.COMMAND_NOT_FOUND,
        "`drv` is not found",
        id="sudo 1.9 in a container without a network",
    ),
    pytest.param(
        "sudo drv",
        b"sudo: unable to resolve host 9300693a8741: Temporary failure in name resolution\n",
        Cause.UNKNOWN,
        "can't tell: exit status 1; it printed last: \"sudo: unable to resolve host",
        id="sudo 1.9, its warning alone",
    ),
    pytest.param(
        "sudo true",
        b"sudo: a terminal is required to read the password; either use the -S option to read "
        b"from standard input or configure an askpass helper\nsudo: a password is required\n",
        Cause.PERMISSION_DENIED,
        "sudo asks for a password",
        id="sudo 1.9 with a password",
    ),
    pytest.param(
        "curl https://pypi.org",
        b"curl: (60) SSL certificate problem: self-signed certificate in certificate chain\n"
        b"More details here: https://curl.se/docs/sslcerts.html\n",
        Cause.NETWORK,
        "the machine does not trust the server's certificate",
        id="curl 7.88 behind a proxy with its own CA",
    ),
    pytest.param(
        "git clone https://pypi.org/x",
        b"fatal: unable to access 'https://pypi.org/x/': server certificate verification failed."
        b" CAfile: none CRLfile: none\n",
        Cause.NETWORK,
        "the machine does not trust the server's certificate",
        id="git 2.39 behind a proxy with its own CA",
    ),
]


@pytest.mark.parametrize(("text", "stderr", "cause", "hint"), _RECORDED)
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


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], ": no earlier step installs it ("),
        ([at(12, "sudo apt-get install -y jq")], ": no earlier step installs it by name ("),
        ([at(12, "pip install --quiet \\\n  drv")], ", although runbook/x.md:13 installs someth"),
        (
            [at(20, "drv"), at(40, "pip install drv==1.0")],
            ": runbook/x.md:40 installs it, but only",
        ),
        ([at(20, "drv"), at(40, "curl https://get.x.org/drv | sh")], ": runbook/x.md:40 installs"),
        ([at(20, "drv"), at(40, "drv() { true; }")], ": runbook/x.md:40 installs it, but only"),
        ([at(20, "drv"), at(40, "drv --version")], ": no earlier step installs it ("),
        ([at(20, "drv"), at(40, "pip install drv-tools")], ": no earlier step installs it ("),
        (
            [at(12, "drvx start")],
            ": no earlier step installs it; did you mean `drvx`, as in runbook/x.md:12? (",
        ),
        (
            [at(12, "sudo drvx start")],
            ": no earlier step installs it; did you mean `drvx`, as in runbook/x.md:12? (",
        ),
        ([at(12, "echo drvx")], ": no earlier step installs it ("),
    ],
)
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
    assert diagnosis.hint == 'it had not ended after 10 s; it printed last: "waiting"'


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


@pytest.mark.parametrize(
    ("stderr", "stdout", "exit_code", "hint"),
    [
        (b"", b"", 3, "can't tell: exit status 3; it printed nothing"),
        (b"a\nb\n\n", b"c\n", 3, 'can\'t tell: exit status 3; it printed last: "b"'),
        (b"", b"50%\r100%\n", 3, 'can\'t tell: exit status 3; it printed last: "100%"'),
        (b"", b"", 127, "can't tell: exit status 127, a shell's own for a command that is not fo"),
        (b"", b"", 137, "can't tell: exit status 137, which says SIGKILL; it printed nothing"),
        (b"x" * 500, b"", 1, "can't tell: exit status 1; it printed last: \"" + "x" * 160 + '..."'),
    ],
)
def test_unknown(stderr: bytes, stdout: bytes, exit_code: int, hint: str) -> None:
    """Where no evidence names a cause, the hint says so, with the status and the last words."""
    diagnosis = diagnose(outcome("drv", stderr, stdout, exit_code=exit_code), EMPTY)
    assert diagnosis.cause is Cause.UNKNOWN
    assert diagnosis.hint.startswith(hint)


@pytest.mark.parametrize(
    "line",
    [
        b"AssertionError: no such command line option was documented",
        b"E   assert 3 == 4",
        b"ERROR: the file settings.yml has no permission block",
        b"npm error code ELIFECYCLE",
        b"3 tests failed, network and package tests among them",
        b"SyntaxError: invalid syntax",
        b"fatal: not a git repository (or any of the parent directories): .git",
    ],
)
def test_no_sign(line: bytes) -> None:
    """A line that only sounds like a cause is not taken for one."""
    assert diagnose(outcome("drv", line), EMPTY).cause is Cause.UNKNOWN
