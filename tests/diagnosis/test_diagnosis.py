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

from freshrun.diagnosis.__main__ import table
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.diagnosis.deciding import diagnose
from freshrun.diagnosis.hidden import hidden_failure
from freshrun.document.reading import parse
from freshrun.model.outcome import Ending, Outcome, Output, Status
from freshrun.model.runbook import Block, BlockKind, Command, Options, Runbook, Section, Settings

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
    ("psql -h /no", Cause.SERVICE_NOT_RUNNING, "PostgreSQL does not run at /no/.s.PGSQL.5432"),
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
        (
            [at(20, "drv"), at(40, "curl https://x.org/drv/install.sh | sudo bash -")],
            ": runbook/x.md:40 installs",
        ),
        (
            [at(20, "drv"), at(40, "wget https://x.org/drv/public.key")],
            ": no earlier step installs it (",
        ),
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


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            "gcc b.c -lfoo",
            b"/usr/bin/ld: cannot find -lfoo: No such file or directory",
            "the linker",
        ),
        ("sudo systemctl start x", b"sudo: systemctl: command not found", "the machine has no sys"),
        (
            "sudo sysctl -w a.b=1",
            b'sysctl: permission denied on key "a.b"',
            "a container may not s",
        ),
        (
            "sudo sysctl -w a.b=1",
            b'sysctl: setting key "a.b": Read-only file system',
            "a container may not set the kernel's `a.b` (",
        ),
        ("make -C drv", b"make: *** drv: No such file or directory.  Stop.", "`drv` is not there:"),
        (
            "ssh a",
            b"a: Permission denied (publickey,password).",
            'the server knows no key of this machine ("',
        ),
        ("drv", b"[drv error]: Permission denied (os error 13)", "this user may not do it, and"),
        ("sudo mount /x", b"mount: /x: permission denied.", "a container may not mount at `/x` ("),
        ("curl -F a=@x y", b"curl: (26) Failed to open/read local data from file", "curl can't re"),
        (
            "psql",
            b'psql: error: connection to server on socket "/s" failed: No such file',
            "Postgr",
        ),
    ],
)
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


@pytest.mark.parametrize(
    ("stderr", "stdout", "exit_code", "hint"),
    [
        (b"", b"", 3, "can't tell: exit status 3; it printed nothing"),
        (b"a\nb\n\n", b"c\n", 3, 'can\'t tell: exit status 3; it printed last: "b"'),
        (
            b"\x1b7drv\x1b8: \x1b[31mno\x1b[0m\n",
            b"",
            3,
            'can\'t tell: exit status 3; it printed last: "drv: no"',
        ),
        (b"", b"50%\r100%\n", 3, 'can\'t tell: exit status 3; it printed last: "100%"'),
        (b"", b"", 127, "can't tell: exit status 127, a shell's own for a command that is not fo"),
        (b"", b"", 139, "can't tell: exit status 139, which says SIGSEGV; it printed nothing"),
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
        b"no repository was found in the report",
    ],
)
def test_no_sign(line: bytes) -> None:
    """A line that only sounds like a cause is not taken for one."""
    assert diagnose(outcome("drv", line), EMPTY).cause is Cause.UNKNOWN


# Most texts were printed, and here cut to what counts, in a container of Debian 12 (bash 5.2, apt
# 2.6, Python 3.11, npm 9.2, Node 18.20, Go 1.19, Rust 1.63, CMake 3.25, PHP 8.2, Ruby 3.1, git
# 2.39, curl 7.88), with stdin empty, under a limit of memory and processes, and with a small tmpfs.
# Most near misses were written for the purpose.
_SEEN = [
    # placeholders
    ("ssh <USER>@host", Cause.PLACEHOLDER, "bash: USER: No such file or directory"),
    ("cat <path/to/file> x", Cause.PLACEHOLDER, "bash: path/to/file: No such file or directory"),
    ("drv <...>", Cause.PLACEHOLDER, "bash: syntax error near unexpected token `newline'"),
    ("drv <name|id|'all'>", Cause.PLACEHOLDER, "bash: name: No such file or directory"),
    (
        "docker run <IMAGE>",
        Cause.PLACEHOLDER,
        "bash: syntax error near unexpected token `newline'",
    ),
    ("cd <your project>", Cause.PLACEHOLDER, "bash: syntax error near unexpected token `newline'"),
    (
        "export A=<token>; echo $A",
        Cause.PLACEHOLDER,
        "bash: syntax error near unexpected token `;'",
    ),
    ("mkdir <a> <b>", Cause.PLACEHOLDER, "bash: syntax error near unexpected token `<'"),
    ("cd YOUR_PROJECT", Cause.PLACEHOLDER, "bash: cd: YOUR_PROJECT: No such file or directory"),
    ("cd your-project", Cause.PLACEHOLDER, "bash: cd: your-project: No such file or directory"),
    ("cd {{project}}", Cause.PLACEHOLDER, "bash: cd: {{project}}: No such file or directory"),
    (
        "drv {source_file}",
        Cause.PLACEHOLDER,
        "Error: Invalid value for 'SRC ...': Path '{source_file}' does not exist.",
    ),
    (
        "drv ${source_file}x",
        Cause.UNSET_VARIABLE,
        "Error: Invalid value for 'SRC ...': Path 'x' does not exist.",
    ),
    ("cd [project]", Cause.PLACEHOLDER, "bash: cd: [project]: No such file or directory"),
    ("[sudo] apt-get update", Cause.PLACEHOLDER, "bash: [sudo]: command not found"),
    ("[info] apt-get update", Cause.SHOWN_OUTPUT, "bash: [info]: command not found"),
    ("cp [file] x", Cause.PLACEHOLDER, "cp: cannot stat '[file]': No such file or directory"),
    ("cd xxx", Cause.PLACEHOLDER, "bash: cd: xxx: No such file or directory"),
    ("cat /path/to/file", Cause.PLACEHOLDER, "cat: /path/to/file: No such file or directory"),
    (
        "git clone https://github.invalid/YOUR_USERNAME/x.git",
        Cause.PLACEHOLDER,
        (
            "Cloning into 'x'...\nfatal: unable to access "
            "'https://github.invalid/YOUR_USERNAME/x.git/'"
            ": Could not resolve host: github.invalid"
        ),
    ),
    (
        "curl -fsS http://localhost:9/%VERSION%",
        Cause.PLACEHOLDER,
        "curl: (22) The requested URL returned error: 404",
    ),
    (
        "ssh user@example.com true",
        Cause.PLACEHOLDER,
        "ssh: Could not resolve hostname example.com: Name or service not known\r",
    ),
    (
        "curl -fsS https://api.example.com/v1",
        Cause.PLACEHOLDER,
        "curl: (6) Could not resolve host: api.example.com",
    ),
    # and what only looks like them
    ("echo '<b>' (", Cause.SYNTAX_ERROR, "bash: syntax error near unexpected token `('"),
    (
        "docker run -e PASSWORD=changeme x",
        Cause.SERVICE_NOT_RUNNING,
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.",
    ),
    ("drv YOUR_PROJECT", Cause.COMMAND_NOT_FOUND, "bash: drv: command not found"),
    ("cat <<EOF >a/b\n<NAME>\nEOF", Cause.NO_SUCH_FILE, "bash: a/b: No such file or directory"),
    ("cp [a-z]*.txt b/c", Cause.NO_SUCH_FILE, "cp: cannot stat 'x.txt': No such file or directory"),
    (
        "curl https://example.com http://no.invalid/",
        Cause.NETWORK,
        "curl: (6) Could not resolve host: no.invalid",
    ),
    (
        "docker ps --format '{{.Names}}'",
        Cause.SERVICE_NOT_RUNNING,
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. "
            "Is the docker daemon running?"
        ),
    ),
    # another shell's text
    ("$env:NAME = 'x'", Cause.OTHER_SHELL, "bash: :NAME: command not found"),
    ("$env:NAME='x'", Cause.OTHER_SHELL, "bash: :NAME=x: command not found"),
    ("Get-ChildItem -Recurse", Cause.OTHER_SHELL, "bash: Get-ChildItem: command not found"),
    ("$x = 1", Cause.OTHER_SHELL, "bash: =: command not found"),
    (r"& .\a.ps1", Cause.OTHER_SHELL, "bash: syntax error near unexpected token `&'"),
    (r".\run.ps1", Cause.OTHER_SHELL, "bash: .run.ps1: command not found"),
    ('{\n  "delay": 2500\n}', Cause.OTHER_SHELL, "bash: delay:: command not found"),
    ('{\n  "$DRV" a; }', Cause.COMMAND_NOT_FOUND, "bash: drv: command not found"),
    ("iwr https://x.org | iex", Cause.OTHER_SHELL, "bash: iwr: command not found"),
    (
        'powershell -c "irm https://x.org/install.ps1 | iex"',
        Cause.OTHER_SHELL,
        "bash: powershell: command not found",
    ),
    (r"venv\Scripts\activate", Cause.OTHER_SHELL, "bash: venvScriptsactivate: command not found"),
    (
        r".\venv\Scripts\activate",
        Cause.OTHER_SHELL,
        "bash: .venvScriptsactivate: command not found",
    ),
    (r"cd C:\Users\me", Cause.OTHER_SHELL, "bash: cd: C:Usersme: No such file or directory"),
    ("dir /s", Cause.OTHER_SHELL, "dir: cannot access '/s': No such file or directory"),
    ("copy a b", Cause.OTHER_SHELL, "bash: copy: command not found"),
    ("del x", Cause.OTHER_SHELL, "bash: del: command not found"),
    ("py -m pip install x", Cause.OTHER_SHELL, "bash: py: command not found"),
    (
        "rmdir /s /q build",
        Cause.OTHER_SHELL,
        (
            "rmdir: failed to remove '/s': No such file or directory\n"
            "rmdir: failed to remove '/q': No such file or directory"
        ),
    ),
    (
        "cd %USERPROFILE%",
        Cause.OTHER_SHELL,
        "bash: cd: %USERPROFILE%: No such file or directory",
    ),
    (
        "python3 -m venv .venv ^\n --prompt x",
        Cause.OTHER_SHELL,
        "bash: --prompt: command not found",
    ),
    ("if exist x echo y", Cause.OTHER_SHELL, "bash: syntax error: unexpected end of file"),
    ("set -gx NAME x", Cause.OTHER_SHELL, "bash: set: -g: invalid option"),
    ("setenv NAME x", Cause.OTHER_SHELL, "bash: setenv: command not found"),
    ("import os", Cause.OTHER_SHELL, "bash: import: command not found"),
    ("SELECT 1;", Cause.OTHER_SHELL, "bash: SELECT: command not found"),
    (
        "CREATE TABLE x (id int);",
        Cause.OTHER_SHELL,
        "bash: syntax error near unexpected token `('",
    ),
    ("FROM debian:12", Cause.OTHER_SHELL, "bash: FROM: command not found"),
    # and what only looks like it
    (r"grep 'C:\Users' a.txt", Cause.NO_SUCH_FILE, "grep: a.txt: No such file or directory"),
    ("set -Z", Cause.UNKNOWN_OPTION, "bash: set: -Z: invalid option"),
    ("git-import os", Cause.COMMAND_NOT_FOUND, "bash: git-import: command not found"),
    ("x=$env && drv", Cause.COMMAND_NOT_FOUND, "bash: drv: command not found"),
    # outputs and prompts
    ("$ ls", Cause.SHOWN_OUTPUT, "bash: $: command not found"),
    ("% ls", Cause.SHOWN_OUTPUT, "bash: fg: no job control"),
    (">>> import os", Cause.SHOWN_OUTPUT, "bash: syntax error near unexpected token `>'"),
    ("(venv) $ ls", Cause.SHOWN_OUTPUT, "bash: syntax error near unexpected token `$'"),
    ("user@host:~$ ls", Cause.SHOWN_OUTPUT, "bash: user@host:~$: command not found"),
    ("root@abc:/# ls", Cause.SHOWN_OUTPUT, "bash: root@abc:/#: No such file or directory"),
    (r"PS C:\> ls", Cause.SHOWN_OUTPUT, "bash: PS: command not found"),
    ("mysql> select 1;", Cause.SHOWN_OUTPUT, "bash: mysql: command not found"),
    (r"postgres=# \dt", Cause.SHOWN_OUTPUT, "bash: dt: command not found"),
    ("Successfully installed x", Cause.SHOWN_OUTPUT, "bash: Successfully: command not found"),
    ("total 12", Cause.SHOWN_OUTPUT, "bash: total: command not found"),
    ("drwxr-xr-x 2 a a 9 x", Cause.SHOWN_OUTPUT, "bash: drwxr-xr-x: command not found"),
    ("HTTP/1.1 200 OK", Cause.SHOWN_OUTPUT, "bash: HTTP/1.1: No such file or directory"),
    ("v18.2.0", Cause.SHOWN_OUTPUT, "bash: v18.2.0: command not found"),
    ("Python 3.11.2", Cause.SHOWN_OUTPUT, "bash: Python: command not found"),
    ("Hello, world!", Cause.SHOWN_OUTPUT, "bash: Hello,: command not found"),
    ("[INFO] started", Cause.SHOWN_OUTPUT, "bash: [INFO]: command not found"),
    ("==> Installing", Cause.SHOWN_OUTPUT, "bash: ==: command not found"),
    ("| a | b |", Cause.SHOWN_OUTPUT, "bash: syntax error near unexpected token `|'"),
    (
        "├── src",
        Cause.SHOWN_OUTPUT,
        r"bash: $'\342\224\234\342\224\200\342\224\200': command not found",
    ),
    ("NAME   READY  STATUS", Cause.SHOWN_OUTPUT, "bash: NAME: command not found"),
    ("12:00:01 INFO started", Cause.SHOWN_OUTPUT, "bash: 12:00:01: command not found"),
    ('"a": 1', Cause.SHOWN_OUTPUT, "bash: a:: command not found"),
    ('{ "a": 1 }', Cause.SHOWN_OUTPUT, "bash: syntax error: unexpected end of file"),
    ("Usage: x [options]", Cause.SHOWN_OUTPUT, "bash: Usage:: command not found"),
    ("region = eu", Cause.SHOWN_OUTPUT, "bash: region: command not found"),
    ("jq = eu", Cause.COMMAND_NOT_FOUND, "bash: jq: command not found"),
    ("added 50 packages in 3s", Cause.SHOWN_OUTPUT, "bash: added: command not found"),
    # and what only looks like them
    ("Rscript a.R", Cause.COMMAND_NOT_FOUND, "bash: Rscript: command not found"),
    ("Drv", Cause.COMMAND_NOT_FOUND, "bash: Drv: command not found"),
    ("{ echo a; drv", Cause.SYNTAX_ERROR, "bash: syntax error: unexpected end of file"),
    ("7z x a.7z", Cause.COMMAND_NOT_FOUND, "bash: 7z: command not found"),
    ("Drv=1 total 12", Cause.COMMAND_NOT_FOUND, "bash: total: command not found"),
    # waits
    (
        "python3 -c 'input()'",
        Cause.WAITS_FOR_INPUT,
        (
            'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\n'
            "EOFError: EOF when reading a line"
        ),
    ),
    ("nano x", Cause.WAITS_FOR_INPUT, "Too many errors from stdin"),
    (
        "git commit",
        Cause.WAITS_FOR_INPUT,
        (
            "error: Terminal is dumb, but EDITOR unset\n"
            "Please supply the message using either -m or -F option."
        ),
    ),
    (
        "gpg --gen-key",
        Cause.WAITS_FOR_INPUT,
        "gpg: cannot open '/dev/tty': No such device or address",
    ),
    ("su", Cause.WAITS_FOR_INPUT, "Password: su: Authentication failure"),
    (
        "passwd",
        Cause.WAITS_FOR_INPUT,
        (
            "Current password: passwd: Authentication token manipulation error\n"
            "passwd: password unchanged"
        ),
    ),
    ("docker run -it x", Cause.WAITS_FOR_INPUT, "the input device is not a TTY"),
    (
        "docker login",
        Cause.WAITS_FOR_INPUT,
        "Error: Cannot perform an interactive login from a non TTY device",
    ),
    (
        "stty -echo",
        Cause.WAITS_FOR_INPUT,
        "stty: 'standard input': Inappropriate ioctl for device",
    ),
    ("select a in b c; do break; done", Cause.WAITS_FOR_INPUT, "1) b\n2) c\n#? "),
    ("read answer", Cause.WAITS_FOR_INPUT, ""),
    # and what only looks like it
    ("drv; read a <b", Cause.NO_SUCH_FILE, "bash: b: No such file or directory"),
    ("drv", Cause.UNKNOWN, "Is this what you want?\nno"),
    (
        "psql -W -h localhost",
        Cause.NETWORK,
        (
            'Password: \npsql: error: connection to server at "localhost" (127.0.0.1), port '
            "5432 failed: "
            "Connection refused\n\tIs the server running on that host and accepting connections?"
        ),
    ),
    # limits
    (
        "python3 -c 'bytearray(300_000_000)'",
        Cause.OUT_OF_MEMORY,
        'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\nMemoryError',
    ),
    ("tail /dev/zero", Cause.OUT_OF_MEMORY, "tail: memory exhausted"),
    (
        "node -e 1",
        Cause.OUT_OF_MEMORY,
        "\n#\n# Fatal process OOM in Failed to reserve virtual memory for CodeRange\n#\n",
    ),
    (
        "dd if=/dev/zero of=/small/a bs=1M count=3",
        Cause.DISK_FULL,
        (
            "dd: error writing '/small/a': No space left on device\n2+0 records in\n1+0 "
            "records out\n"
            "1048576 bytes (1.0 MB, 1.0 MiB) copied, 0.00150629 s, 696 MB/s"
        ),
    ),
    (
        "ls | cat | cat",
        Cause.TOO_MANY_PROCESSES,
        (
            "bash: fork: retry: Resource temporarily unavailable\n"
            "bash: fork: Resource temporarily unavailable"
        ),
    ),
    (
        "python3 a.py",
        Cause.TOO_MANY_PROCESSES,
        "BlockingIOError: [Errno 11] Resource temporarily unavailable",
    ),
    ("ls | cat", Cause.TOO_MANY_PROCESSES, "bash: pipe error: Too many open files"),
    # and what only looks like them
    ("drv", Cause.UNKNOWN, "read: Resource temporarily unavailable"),
    ("drv", Cause.UNKNOWN, "warning: 3 tests were Killed by a reviewer"),
    # policy
    (
        "pip install drv",
        Cause.REFUSED_BY_POLICY,
        (
            "error: externally-managed-environment\n\n\u00d7 This environment is externally "
            "managed\n"
            "\u2570\u2500> To install Python packages system-wide, try apt install\n"
            "    python3-xyz, where xyz is the package you are trying to\n    install.\n"
            "\nnote: If you believe this is a mistake, please contact your Python "
            "installation or OS "
            "distribution provider.\nhint: See PEP 668 for the detailed specification."
        ),
    ),
    (
        "git status",
        Cause.REFUSED_BY_POLICY,
        (
            "fatal: detected dubious ownership in repository at '/srv/g'\n"
            "To add an exception for this directory, call:\n\n"
            "\tgit config --global --add safe.directory /srv/g"
        ),
    ),
    # versions
    (
        "pip install .",
        Cause.RUNTIME_VERSION,
        "ERROR: Package 'drv' requires a different Python: 3.11.2 not in '>=3.13'",
    ),
    (
        "npm install",
        Cause.RUNTIME_VERSION,
        (
            "npm ERR! code EBADENGINE\nnpm ERR! engine Unsupported engine\n"
            'npm ERR! notsup Required: {"node":">=22"}\nnpm ERR! notsup Actual:   {"npm":"9.2.0"}\n'
        ),
    ),
    (
        "npm create vite@latest",
        Cause.RUNTIME_VERSION,
        (
            "SyntaxError: The requested module 'node:util' does not provide an export named "
            "'styleText'\n"
            "    at ModuleJob._instantiate (node:internal/modules/esm/module_job:123:21)\n\n"
            "Node.js v18.20.4\nnpm ERR! code 1\nnpm ERR! command failed"
        ),
    ),
    (
        "go build",
        Cause.RUNTIME_VERSION,
        (
            "go: errors parsing go.mod:\n/tmp/x/go.mod:2: invalid go version '1.23.0': must "
            "match format"
            " 1.23\n/tmp/x/go.mod:4: unknown directive: toolchain"
        ),
    ),
    (
        "cargo build",
        Cause.RUNTIME_VERSION,
        (
            "error: package `a v0.1.0 (/tmp/a)` cannot be built because it requires rustc "
            "1.81 or newer, "
            "while the currently active rustc version is 1.63.0\n"
        ),
    ),
    (
        "cargo build",
        Cause.RUNTIME_VERSION,
        (
            "error: failed to parse manifest at `/tmp/a/Cargo.toml`\n\nCaused by:\n"
            "  this version of Cargo is older than the `2024` edition, and only supports "
            "`2015`, `2018`,"
            " and `2021` editions."
        ),
    ),
    (
        "cmake .",
        Cause.RUNTIME_VERSION,
        (
            "CMake Error at CMakeLists.txt:1 (cmake_minimum_required):\n"
            "  CMake 3.28 or higher is required.  You are running version 3.25.1\n"
        ),
    ),
    (
        "python3 a.py",
        Cause.RUNTIME_VERSION,
        (
            '    print "hello"\n    ^^^^^^^^^^^^^\n'
            "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?"
        ),
    ),
    (
        "python3 a.py",
        Cause.RUNTIME_VERSION,
        (
            "ImportError: cannot import name 'Mapping' from 'collections' "
            "(/usr/lib/python3.11/collections/__init__.py)"
        ),
    ),
    # and what only looks like them
    ("python3 a.py", Cause.UNKNOWN, "    type X = int\n         ^\nSyntaxError: invalid syntax"),
    (
        "npm install express@999",
        Cause.PACKAGE_NOT_FOUND,
        (
            "npm WARN EBADENGINE Unsupported engine {\nnpm ERR! code ETARGET\n"
            "npm ERR! notarget No matching version found for express@999."
        ),
    ),
    (
        "pip install networkx==99",
        Cause.PACKAGE_NOT_FOUND,
        (
            "ERROR: Ignored the following versions that require a different python version: 3.7 "
            "Requires-Python !=3.14.1,>=3.12\nERROR: No matching distribution found for "
            "networkx==99"
        ),
    ),
    # ports
    (
        "python3 -m http.server 8765",
        Cause.PORT_TAKEN,
        "    self.socket.bind(self.server_address)\nOSError: [Errno 98] Address already in use",
    ),
    (
        "node server.js",
        Cause.PORT_TAKEN,
        (
            "Error: listen EADDRINUSE: address already in use :::8765\n"
            "    at Server.setupListenHandle [as _listen2] (node:net:1817:16)\n  code: "
            "'EADDRINUSE',\n"
            "  port: 8765\n}\n\nNode.js v18.20.4"
        ),
    ),
    (
        "php -S localhost:8765",
        Cause.PORT_TAKEN,
        "Failed to listen on localhost:8765 (reason: Address already in use)",
    ),
    ("drv", Cause.UNKNOWN, "port 8765 is in the file already"),
    ("npm run dev", Cause.UNKNOWN, "Port 5173 is in use, trying another one...\nnpm ERR! code 1"),
    (
        "npm run dev",
        Cause.UNKNOWN,
        "Error: ENOSPC: System limit for number of file watchers reached",
    ),
    # users, services
    (
        "sudo -u postgres psql",
        Cause.OTHER_USER,
        "sudo: unknown user postgres\nsudo: error initializing audit plugin sudoers_audit",
    ),
    ("chown nouser x", Cause.OTHER_USER, "chown: invalid user: 'nouser'"),
    (
        "mount /dev/null /mnt",
        Cause.PERMISSION_DENIED,
        "mount: /mnt: must be superuser to use mount.",
    ),
    (
        "systemctl start nginx",
        Cause.SERVICE_NOT_RUNNING,
        (
            "System has not been booted with systemd as init system (PID 1). Can't operate.\n"
            "Failed to connect to bus: Host is down"
        ),
    ),
    ("service nginx start", Cause.SERVICE_NOT_RUNNING, "nginx: unrecognized service"),
    ("systemctl start nginx", Cause.SERVICE_NOT_RUNNING, "bash: systemctl: command not found"),
    ("systemd-analyze", Cause.COMMAND_NOT_FOUND, "bash: systemd-analyze: command not found"),
    # gone
    (
        "curl -fsSL https://x.org/a.tgz -o a",
        Cause.GONE,
        "curl: (22) The requested URL returned error: 404",
    ),
    ("wget https://x.org/a.tgz", Cause.GONE, "2026-11-23 07:00:03 ERROR 404: Not Found.\n"),
    (
        "git clone https://x.org/drv/nope",
        Cause.GONE,
        "Cloning into 'nope'...\nfatal: repository 'https://x.org/drv/nope/' not found",
    ),
    (
        "git clone -b nope /srv/x y",
        Cause.GONE,
        "Cloning into 'y'...\nfatal: Remote branch nope not found in upstream origin",
    ),
    (
        "sudo apt-get update",
        Cause.GONE,
        (
            "E: The repository 'http://deb.debian.org/debian lenny Release' does not have a "
            "Release file."
        ),
    ),
    (
        "go get github.com/x/y",
        Cause.GONE,
        (
            "go: go.mod file not found in current directory or any parent directory.\n"
            "\t'go get' is no longer supported outside a module.\n"
            "\tor run 'go help get' or 'go help install'."
        ),
    ),
    # and what only looks like it
    (
        "curl -fsS https://x.org",
        Cause.PERMISSION_DENIED,
        "curl: (22) The requested URL returned error: 403",
    ),
    ("curl -fsS https://x.org", Cause.UNKNOWN, "curl: (22) The requested URL returned error: 500"),
    (
        "npm ci",
        Cause.UNKNOWN,
        "npm WARN deprecated request@2.88.2: request has been removed\nnpm ERR! code 1",
    ),
    # states that an earlier step makes
    (
        "git commit -m a",
        Cause.MISSING_STEP,
        (
            "Author identity unknown\n\n*** Please tell me who you are.\n\nRun\n\n"
            '  git config --global user.email "you@example.com"\n\n'
            "fatal: unable to auto-detect email address (got 'newcomer@549838f5298b.(none)')"
        ),
    ),
    (
        "git log",
        Cause.MISSING_STEP,
        "fatal: not a git repository (or any of the parent directories): .git",
    ),
    # values
    ("kill 12345", Cause.HARD_CODED_VALUE, "bash: kill: (12345) - No such process"),
    (
        "docker stop 3f4e1a2b3c4d",
        Cause.HARD_CODED_VALUE,
        "Error response from daemon: No such container: 3f4e1a2b3c4d",
    ),
    (
        "cat /tmp/tmp.Ab12Cd34Ef/x",
        Cause.HARD_CODED_VALUE,
        "cat: /tmp/tmp.Ab12Cd34Ef/x: No such file or directory",
    ),
    # and what only looks like them
    ("kill $PID", Cause.UNKNOWN, "bash: kill: (12345) - No such process"),
    ("docker stop web", Cause.MISSING_STEP, "Error response from daemon: No such container: web"),
    ("cat /tmp/drv/x", Cause.NO_SUCH_FILE, "cat: /tmp/drv/x: No such file or directory"),
    (
        "git show 3f2a1bc",
        Cause.UNKNOWN,
        "fatal: ambiguous argument '3f2a1bc': unknown revision or path not in the working tree.",
    ),
    # files that a build reads
    ("gcc hello.c", Cause.NO_SUCH_FILE, "cc1: fatal error: hello.c: No such file or directory"),
    (
        "rustc hello.rs",
        Cause.NO_SUCH_FILE,
        "error: couldn't read hello.rs: No such file or directory (os error 2)\n",
    ),
    ("ruby x.rb", Cause.NO_SUCH_FILE, "ruby: No such file or directory -- x.rb (LoadError)"),
    ("php x.php", Cause.NO_SUCH_FILE, "Could not open input file: x.php"),
    ("go run main.go", Cause.NO_SUCH_FILE, "stat main.go: no such file or directory"),
    (
        "cargo run",
        Cause.NO_SUCH_FILE,
        "error: could not find `Cargo.toml` in `/srv` or any parent directory",
    ),
    (
        "cmake -S . -B build",
        Cause.NO_SUCH_FILE,
        'CMake Error: The source directory "/srv" does not appear to contain CMakeLists.txt.',
    ),
    (
        "uvicorn main:app",
        Cause.MODULE_NOT_FOUND,
        'ERROR:    Error loading ASGI app. Could not import module "main".',
    ),
    (
        "npm init drv",
        Cause.RUNTIME_VERSION,
        (
            "Error [ERR_REQUIRE_ESM]: require() of ES Module /home/a/.npm/_npx/b2/node_modules/"
            "@x/parser/lib/index.js from /home/a/.npm/_npx/b2/node_modules/drv/cli.js not "
            "supported.\nNode.js v18.20.4\nnpm ERR! code 1"
        ),
    ),
    (
        "openssl req -x509 -newkey rsa:2048 -nodes -out cert.pem",
        Cause.WAITS_FOR_INPUT,
        (
            "You are about to be asked to enter information that will be incorporated\n-----\n"
            "Country Name (2 letter code) [AU]:Error making certificate request"
        ),
    ),
    ("openssl req", Cause.UNKNOWN, "Error making certificate request"),
    (
        "gem install drv",
        Cause.NETWORK,
        (
            "ERROR:  Could not find a valid gem 'drv' (>= 0), here is why:\n"
            "          Unable to download data from https://rubygems.org/ - SocketError: Failed "
            "to open TCP connection to rubygems.org:443 (getaddrinfo: Name or service not known)"
        ),
    ),
    (
        "npm init @drv/config",
        Cause.NO_SUCH_FILE,
        "Error: A package.json file is necessary to initialize drv. Run `npm init` to create it.",
    ),
    (
        "npm test",
        Cause.UNKNOWN_SUBCOMMAND,
        'npm ERR! Missing script: "test"\nnpm ERR! \nnpm ERR!     /home/a/.npm/_logs/a.log',
    ),
    ("git lfs track a", Cause.UNKNOWN_SUBCOMMAND, "git: 'lfs' is not a git command. See 'git"),
    ("flask --app hello run", Cause.MODULE_NOT_FOUND, "Error: Could not import 'hello'."),
    # databases
    (
        "redis-cli -h redis.invalid ping",
        Cause.NETWORK,
        "Could not connect to Redis at redis.invalid:6379: Name or service not known",
    ),
    (
        "redis-cli ping",
        Cause.SERVICE_NOT_RUNNING,
        "Could not connect to Redis at 127.0.0.1:6379: Connection refused",
    ),
    (
        "redis-server",
        Cause.PORT_TAKEN,
        (
            "4512:M 23 Nov 2026 08:52:17.016 # Warning: Could not create server TCP listening "
            "socket *:7001: bind: Address already in use\n"
            "4512:M 23 Nov 2026 08:52:17.016 # Failed listening on port 7001 (TCP), aborting."
        ),
    ),
    ("etcdctl put foo bar", Cause.NETWORK, "Error: context deadline exceeded"),
    ("redis-cli ping", Cause.PERMISSION_DENIED, "NOAUTH Authentication required."),
    (
        "mysql",
        Cause.SERVICE_NOT_RUNNING,
        "ERROR 2002 (HY000): Can't connect to local server through socket '/run/mysqld.sock' (2)",
    ),
    (
        "mysql -h 127.0.0.1",
        Cause.SERVICE_NOT_RUNNING,
        "ERROR 2002 (HY000): Can't connect to server on '127.0.0.1' (115)",
    ),
    (
        "mysql -h db1",
        Cause.NETWORK,
        "ERROR 2002 (HY000): Can't connect to server on 'db1' (115)",
    ),
    ("mysql -h db1", Cause.NETWORK, "ERROR 2005 (HY000): Unknown server host 'db1' (-2)"),
    (
        "mysql -u root -p",
        Cause.OTHER_USER,
        "Enter password: ERROR 1698 (28000): Access denied for user 'root'@'localhost'",
    ),
    (
        "mysql -u drv -psecret",
        Cause.PERMISSION_DENIED,
        "ERROR 1045 (28000): Access denied for user 'drv'@'localhost' (using password: YES)",
    ),
    ("mysql drv", Cause.MISSING_STEP, "ERROR 1049 (42000): Unknown database 'drv'"),
    (
        "mysql -e 'select * from a.b'",
        Cause.MISSING_STEP,
        "ERROR 1146 (42S02) at line 1: Table 'a.b' doesn't exist",
    ),
    (
        "mysql -e 'SELEC 1'",
        Cause.UNKNOWN,
        "ERROR 1064 (42000) at line 1: You have an error in your SQL syntax; check the manual",
    ),
    (
        "psql",
        Cause.SERVICE_NOT_RUNNING,
        (
            'psql: error: connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed:'
            " No such file or directory\n\tIs the server running locally and accepting"
            " connections on that socket?"
        ),
    ),
    (
        "createdb drv",
        Cause.OTHER_USER,
        (
            'createdb: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432"'
            ' failed: FATAL:  role "newcomer" does not exist'
        ),
    ),
    (
        "psql -U postgres",
        Cause.OTHER_USER,
        (
            'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432"'
            ' failed: FATAL:  Peer authentication failed for user "postgres"'
        ),
    ),
    (
        "psql -h 127.0.0.1 -U postgres",
        Cause.WAITS_FOR_INPUT,
        (
            'Password for user postgres: \npsql: error: connection to server at "127.0.0.1", port'
            " 5432 failed: fe_sendauth: no password supplied"
        ),
    ),
    (
        "sudo -u postgres psql drv",
        Cause.MISSING_STEP,
        (
            'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432"'
            ' failed: FATAL:  database "drv" does not exist'
        ),
    ),
    (
        "sudo -u postgres psql -c 'select * from drv'",
        Cause.MISSING_STEP,
        'ERROR:  relation "drv" does not exist\nLINE 1: select * from drv\n                      ^',
    ),
    ("sqlite3 x.db 'select * from t'", Cause.MISSING_STEP, "Error: in prepare, no such table: t"),
    (
        "sqlite3 /no/x.db .tables",
        Cause.NO_SUCH_FILE,
        'Error: unable to open database "/no/x.db": unable to open database file',
    ),
    # Java, Ruby, PHP, Go and Rust
    ("java -jar a.jar", Cause.NO_SUCH_FILE, "Error: Unable to access jarfile a.jar"),
    (
        "java Drv",
        Cause.MODULE_NOT_FOUND,
        (
            "Error: Could not find or load main class Drv\n"
            "Caused by: java.lang.ClassNotFoundException: Drv"
        ),
    ),
    (
        "javac Drv.java",
        Cause.NO_SUCH_FILE,
        (
            "error: file not found: Drv.java\nUsage: javac <options> <source files>\n"
            "use --help for a list of possible options"
        ),
    ),
    (
        "java --severity",
        Cause.UNKNOWN_OPTION,
        (
            "Unrecognized option: --severity\nError: Could not create the Java Virtual Machine.\n"
            "Error: A fatal exception has occurred. Program will exit."
        ),
    ),
    (
        "java -Xmx99999g -version",
        Cause.OUT_OF_MEMORY,
        (
            "Error occurred during initialization of VM\n"
            "Could not reserve enough space for 104856551424KB object heap"
        ),
    ),
    (
        "java -Xmx64m Drv.java",
        Cause.OUT_OF_MEMORY,
        'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n\tat B.main(B)',
    ),
    (
        "mvn -q package",
        Cause.NO_SUCH_FILE,
        (
            "[\x1b[1;31mERROR\x1b[m] The goal you specified requires a project to execute but "
            "there is no POM in this directory (/home/newcomer). Please verify.\n"
            "[\x1b[1;31mERROR\x1b[m] \n[\x1b[1;31mERROR\x1b[m] \x1b[1m[Help 1]\x1b[m http://x.org"
        ),
    ),
    (
        "keytool -genkey -alias x -keyalg RSA -keystore k.jks",
        Cause.WAITS_FOR_INPUT,
        (
            "Enter keystore password:  [WARNING: Input may be visible on screen] Keystore password "
            "is too short - must be at least 6 characters\nToo many failures - try later"
        ),
    ),
    (
        "ruby a.rb",
        Cause.MODULE_NOT_FOUND,
        (
            "<internal:/usr/lib/ruby/rubygems/core_ext/kernel_require.rb>:85:in `require': cannot "
            "load such file -- drv (LoadError)\n\tfrom a.rb:1:in `<main>'"
        ),
    ),
    ("bundle install", Cause.NO_SUCH_FILE, "Could not locate Gemfile"),
    ("bundle exec drv", Cause.NO_SUCH_FILE, "Could not locate Gemfile or .bundle/ directory"),
    (
        "bundle exec drv",
        Cause.COMMAND_NOT_FOUND,
        "bundler: command not found: drv\nInstall missing gem executables with `bundle install`",
    ),
    (
        "rake",
        Cause.NO_SUCH_FILE,
        (
            "rake aborted!\nNo Rakefile found (looking for: rakefile, Rakefile, rakefile.rb)\n\n"
            "(See full trace by running task with --trace)"
        ),
    ),
    (
        "bundle install",
        Cause.RUNTIME_VERSION,
        "Your Ruby version is 3.1.7, but your Gemfile specified 3.3.0",
    ),
    (
        "gem install -l drv",
        Cause.PACKAGE_NOT_FOUND,
        "ERROR:  Could not find a valid gem 'drv' (>= 0) in any repository",
    ),
    (
        "ruby a.rb",
        Cause.PORT_TAKEN,
        (
            "a.rb:1:in `initialize': Address already in use - bind(2) for nil port 7001 "
            "(Errno::EADDRINUSE)\n\tfrom a.rb:1:in `new'\n\tfrom a.rb:1:in `<main>'"
        ),
    ),
    (
        "composer install",
        Cause.NO_SUCH_FILE,
        (
            "Composer could not find a composer.json file in /home/newcomer\nTo initialize a "
            "project, please create a composer.json file. See https://getcomposer.org/basic-usage"
        ),
    ),
    (
        "php a.php",
        Cause.MODULE_NOT_FOUND,
        (
            "PHP Fatal error:  Uncaught PDOException: could not find driver in a.php:1\n"
            "Stack trace:\n#0 a.php(1): PDO->__construct()\n#1 {main}\n  thrown in a.php on line 1"
        ),
    ),
    (
        "go build ./...",
        Cause.NO_SUCH_FILE,
        (
            "pattern ./...: directory prefix . does not contain main module or its selected "
            "dependencies"
        ),
    ),
    (
        "go drv",
        Cause.UNKNOWN_SUBCOMMAND,
        "go drv: unknown command\nRun 'go help' for usage.",
    ),
    (
        "go run .",
        Cause.NO_SUCH_FILE,
        "go: go.mod file not found in current directory or any parent",
    ),
    (
        "cargo drv",
        Cause.UNKNOWN_SUBCOMMAND,
        "error: no such subcommand: `drv`\n\n\tView all installed commands with `cargo --list`",
    ),
    (
        "cargo install drv",
        Cause.NETWORK,
        "failed to resolve address for github.com: Name or service not known; class=Net (12)",
    ),
    (
        "node a.mjs",
        Cause.MODULE_NOT_FOUND,
        (
            "node:internal/errors:496\n    ErrorCaptureStackTrace(err);\n    ^\n\nError "
            "[ERR_MODULE_NOT_FOUND]: Cannot find package 'drv' imported from /home/a/a.mjs\n"
            "    at packageResolve (node:internal/modules/esm/resolve:916:9) {\n"
            "  code: 'ERR_MODULE_NOT_FOUND'\n}\n\nNode.js v18.20.4"
        ),
    ),
    (
        "java Drv",
        Cause.RUNTIME_VERSION,
        (
            'Exception in thread "main" java.lang.UnsupportedClassVersionError: Drv has been '
            "compiled by a more recent version of the Java Runtime (class file version 69.0), this "
            "version of the Java Runtime only recognizes class file versions up to 61.0"
        ),
    ),
    (
        "javac --release 99 Drv.java",
        Cause.RUNTIME_VERSION,
        "error: release version 99 not supported\nUsage: javac <options> <source files>",
    ),
    (
        "go run .",
        Cause.PORT_TAKEN,
        "panic: listen tcp :22: bind: address already in use\n\ngoroutine 1 [running]:",
    ),
    (
        "go install drv.invalid/x@latest",
        Cause.NETWORK,
        (
            'go: drv.invalid/x@latest: module drv.invalid/x: Get "https://proxy.golang.org/x/@v/list"'
            ": dial tcp: lookup proxy.golang.org on 172.17.0.1:53: no such host"
        ),
    ),
    (
        "cargo build --drv",
        Cause.UNKNOWN_OPTION,
        "error: Found argument '--drv' which wasn't expected",
    ),
    (
        "perl -e 'use Drv;'",
        Cause.MODULE_NOT_FOUND,
        (
            "Can't locate Drv.pm in @INC (you may need to install the Drv module) (@INC contains: "
            "/etc/perl) at -e line 1.\nBEGIN failed--compilation aborted at -e line 1."
        ),
    ),
    # Python and Node
    (
        "poetry install",
        Cause.NO_SUCH_FILE,
        "Poetry could not find a pyproject.toml file in /home/a",
    ),
    (
        "poetry instal",
        Cause.UNKNOWN_SUBCOMMAND,
        "\nThe requested command instal does not exist.\n\nDocumentation: https://x.org/cli/",
    ),
    (
        "poetry install",
        Cause.RUNTIME_VERSION,
        (
            "The currently activated Python version 3.11.2 is not supported by the project (>=4.0)."
            "\nTrying to find and use a compatible version."
        ),
    ),
    (
        "uv venv --python 3.99",
        Cause.RUNTIME_VERSION,
        "error: No interpreter found for Python 3.99 in managed installations or search path",
    ),
    (
        "uv pip install drv",
        Cause.MISSING_STEP,
        "error: No virtual environment found; run `uv venv` to create an environment",
    ),
    (
        "python3 drv.py x",
        Cause.UNKNOWN_OPTION,
        "Usage: drv.py [OPTIONS]\nTry 'drv.py --help'\n\nError: Got unexpected extra argument (x)",
    ),
    ("python3 drv.py --x", Cause.UNKNOWN_OPTION, "Error: No such option '--x'."),
    (
        "python3 drv.py x",
        Cause.UNKNOWN_SUBCOMMAND,
        "drv.py: error: argument {a}: invalid choice: 'x' (choose from 'a')",
    ),
    (
        "npm start",
        Cause.WAITS_FOR_INPUT,
        "TypeError: process.stdin.setRawMode is not a function\n    at [eval]:1:15\n",
    ),
    (
        "npm run build",
        Cause.RUNTIME_VERSION,
        (
            "Error: error:0308010C:digital envelope routines::unsupported\n    at new Hash (a:1)"
            " {\n  code: 'ERR_OSSL_EVP_UNSUPPORTED'\n}\n\nNode.js v18.20.4"
        ),
    ),
    (
        "npm ci",
        Cause.NO_SUCH_FILE,
        (
            "npm ERR! code EUSAGE\nnpm ERR! The `npm ci` command can only install with an "
            "existing package-lock.json or\nnpm ERR! npm-shrinkwrap.json with lockfileVersion >= 1."
        ),
    ),
    (
        "npm install -g drv",
        Cause.PERMISSION_DENIED,
        (
            "npm ERR! code EACCES\nnpm ERR! syscall mkdir\nnpm ERR!  [Error: EACCES:"
            " permission denied, mkdir '/usr/local/lib/node_modules'] {\nnpm ERR!   errno: -13,"
        ),
    ),
    (
        "npm install drv",
        Cause.PACKAGE_NOT_FOUND,
        "npm ERR! code E404\nnpm ERR! 404\nnpm ERR! 404  'drv@*' is not in this registry.",
    ),
    (
        "node drv.js",
        Cause.NETWORK,
        "Error: getaddrinfo ENOTFOUND drv.invalid\n    at a (node:dns:111:26) {\n  errno: -3008,",
    ),
    # the system
    (
        "ssh localhost",
        Cause.WAITS_FOR_INPUT,
        "Host key verification failed.",
    ),
    ("make -C drv", Cause.NO_SUCH_FILE, "make: *** drv: No such file or directory.  Stop."),
    (
        "sudo apt-get update",
        Cause.REFUSED_BY_POLICY,
        (
            "E: The repository 'file:/srv/repo a Release' is not signed.\nN: Updating from such a "
            "repository can't be done securely, and is therefore disabled by default."
        ),
    ),
    ("docker run -Z x", Cause.UNKNOWN_OPTION, "unknown shorthand flag: 'Z' in -Z\nSee 'docker run"),
    ("zsh -c drv", Cause.COMMAND_NOT_FOUND, "zsh:1: command not found: drv"),
    ("zsh -c ./drv", Cause.NO_SUCH_FILE, "zsh:1: no such file or directory: ./drv"),
    ("sudo systemctl start drv", Cause.SERVICE_NOT_RUNNING, "sudo: systemctl: command not found"),
    ("journalctl -u drv", Cause.SERVICE_NOT_RUNNING, "bash: journalctl: command not found"),
    ("sudo visudo", Cause.WAITS_FOR_INPUT, "visudo: no editor found (editor path = /usr/bin/e)"),
    ("chsh -s /bin/zsh", Cause.WAITS_FOR_INPUT, "Password: chsh: PAM: Authentication failure"),
    ("su postgres", Cause.WAITS_FOR_INPUT, "Password: su: Authentication failure"),
    (
        "su drv",
        Cause.OTHER_USER,
        "su: user drv does not exist or the user entry does not contain all the required fields",
    ),
    (
        "ssh-add",
        Cause.SERVICE_NOT_RUNNING,
        "Could not open a connection to your authentication agent.",
    ),
    (
        "ssh localhost",
        Cause.NETWORK,
        "ssh: connect to host localhost port 22: Cannot assign requested address",
    ),
    ("watch ls", Cause.WAITS_FOR_INPUT, "Error opening terminal: unknown."),
    (
        "ps -ef | fzf | xargs kill -9",
        Cause.WAITS_FOR_INPUT,
        (
            "inappropriate ioctl for device\n\nUsage:\n kill [options] <pid> [...]\n\n"
            "For more details see kill(1)."
        ),
    ),
    (
        "gpg --keyserver hkp://keys.invalid --recv-keys 409B6B17",
        Cause.COMMAND_NOT_FOUND,
        "gpg: directory '/home/a/.gnupg' created\ngpg: keyserver receive failed: No dirmngr",
    ),
    (
        "python3 manage.py createsuperuser",
        Cause.WAITS_FOR_INPUT,
        "Superuser creation skipped due to not running in a TTY. You can run it in your project.",
    ),
    ("python3 manage.py runserver", Cause.PORT_TAKEN, "Error: That port is already in use."),
    (
        "sudo modprobe br_netfilter",
        Cause.MODULE_NOT_FOUND,
        "modprobe: FATAL: Module br_netfilter not found in directory /lib/modules/6.18.44",
    ),
    (
        "sudo sysctl -w vm.max_map_count=1",
        Cause.PERMISSION_DENIED,
        'sysctl: permission denied on key "vm.max_map_count"',
    ),
    ("sudo mount -t tmpfs x /mnt", Cause.PERMISSION_DENIED, "mount: /mnt: permission denied."),
    (
        "gcc -o /usr/bin/b b.c",
        Cause.PERMISSION_DENIED,
        (
            "/usr/bin/ld: cannot open output file /usr/bin/b: Permission denied\n"
            "collect2: error: ld returned 1 exit status"
        ),
    ),
    (
        "gcc b.c -lfoo",
        Cause.NO_SUCH_FILE,
        (
            "/usr/bin/ld: cannot find -lfoo: No such file or directory\n"
            "collect2: error: ld returned 1 exit status"
        ),
    ),
    ("unzip a.zip", Cause.NO_SUCH_FILE, "unzip:  cannot find or open a.zip, a.zip.zip or a.ZIP."),
    (
        "sudo apt-get install ./drv.deb",
        Cause.NO_SUCH_FILE,
        "Reading package lists...\nE: Unsupported file ./drv.deb given on commandline",
    ),
    (
        "sudo apt-key add x",
        Cause.COMMAND_NOT_FOUND,
        (
            "E: gnupg, gnupg2 and gnupg1 do not seem to be installed, but one of them is required "
            "for this operation"
        ),
    ),
    (
        "openssl x509 -in a.pem",
        Cause.NO_SUCH_FILE,
        (
            "Could not open file or uri for loading certificate from a.pem\n40E72273C77F0000:error:"
            "16000069:STORE routines:ossl_store_get0_loader_int:unregistered scheme:a.c:237:\n"
            "Unable to load certificate"
        ),
    ),
    # git
    (
        "git push origin main",
        Cause.MISSING_STEP,
        ("error: src refspec main does not match any\nerror: failed to push some refs to 'origin'"),
    ),
    (
        "git push origin main",
        Cause.MISSING_STEP,
        (
            "fatal: 'origin' does not appear to be a git repository\n"
            "fatal: Could not read from remote repository.\n"
        ),
    ),
    (
        "git commit",
        Cause.MISSING_STEP,
        (
            "On branch master\n\nInitial commit\n\n"
            'nothing to commit (create/copy files and use "git add" to track)'
        ),
    ),
    ("git lfs track '*.psd'", Cause.MISSING_STEP, "Not in a Git repository."),
    ("git add drv", Cause.NO_SUCH_FILE, "fatal: pathspec 'drv' did not match any files"),
    (
        "git checkout drv",
        Cause.NO_SUCH_FILE,
        "error: pathspec 'drv' did not match any file(s) known to git",
    ),
]


@pytest.mark.parametrize(("text", "cause", "printed"), _SEEN, ids=[each[0] for each in _SEEN])
def test_seen_text(text: str, cause: Cause, printed: str) -> None:
    """What was seen in a container, or nearly so, is told as its cause and as no other."""
    diagnosis = diagnose(outcome(text, printed.encode()), EMPTY)
    assert (diagnosis.cause, diagnosis.hint) == (cause, diagnosis.hint)
    assert "\n" not in diagnosis.hint


@pytest.mark.parametrize(
    ("text", "stdout", "cause"),
    [
        (
            "apt-get remove hello",
            (
                "The following packages will be REMOVED:\n  hello\n"
                "After this operation, 284 kB disk space will be freed.\n"
                "Do you want to continue? [Y/n] Abort.\n"
            ),
            Cause.WAITS_FOR_INPUT,
        ),
        (
            "ssh-keygen",
            (
                "Generating public/private rsa key pair.\n"
                "Enter file in which to save the key (/home/newcomer/.ssh/id_rsa): "
            ),
            Cause.WAITS_FOR_INPUT,
        ),
        (
            "ssh-keygen -f k",
            "Generating public/private rsa key pair.\nk already exists.\nOverwrite (y/n)? ",
            Cause.WAITS_FOR_INPUT,
        ),
        ("npm init", "Press ^C at any time to quit.\npackage name: (h) ", Cause.WAITS_FOR_INPUT),
        ("drv", "Enter file in which to save the key: a\ndone\n", Cause.UNKNOWN),
        ("drv", "package name: (h) drv\n", Cause.UNKNOWN),
    ],
)
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


@pytest.mark.parametrize(
    ("text", "printed", "cause", "said"),
    [
        ("vi x", "Vim: Warning: Output is not to a terminal\n", Cause.WAITS_FOR_INPUT, "an editor"),
        ("sudo drv", "[sudo] password for newcomer: ", Cause.WAITS_FOR_INPUT, "an answer to"),
        ("less x", "", Cause.WAITS_FOR_INPUT, "`less` is a pager"),
        ("drv", "Proceed?\nyes\n", Cause.TIMED_OUT, "nothing tells"),
        ("tail -f x.log", "", Cause.NEVER_ENDS, "as `tail -f` never does"),
        ("tail -n 3 x.log", "", Cause.TIMED_OUT, "nothing tells"),
        ("npm run watch", "", Cause.NEVER_ENDS, "as `run watch` never does"),
        ("drv --watcher", "", Cause.TIMED_OUT, "nothing tells"),
        (
            "flask run",
            " * Running on http://127.0.0.1:5000\nPress CTRL+C to quit\n",
            Cause.NEVER_ENDS,
            'a server ("Press CTRL+C to quit")',
        ),
        (
            "python3 -m http.server",
            "Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...\n",
            Cause.NEVER_ENDS,
            "it is a server",
        ),
        (
            "cargo build",
            "    Blocking waiting for file lock on build directory\n",
            Cause.HANGING,
            "waits for what does not come",
        ),
        ("drv", "try 1: no\ntry 2: no\ntry 3: no\n", Cause.HANGING, "repeats one line"),
        (
            "until curl -fs http://localhost:9; do sleep 1; done",
            "",
            Cause.HANGING,
            "the loop's condition",
        ),
        (
            "cargo build",
            "   Compiling libc v0.2\n   Compiling syn v2.0\n",
            Cause.STILL_WORKING,
            "work in progress",
        ),
        ("drv", "Receiving objects:  45% (450/1000)\r", Cause.STILL_WORKING, "work in progress"),
        ("drv", "100%\ndone\n", Cause.TIMED_OUT, "nothing tells"),
        ("sleep 900", "", Cause.TIMED_OUT, "nothing tells whether it worked or hung"),
    ],
)
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


@pytest.mark.parametrize(
    ("source", "text", "printed"),
    [
        ("```bash\nyarn install\n```\n", "yarn install", "bash: yarn: command not found"),
        (
            "```bash\nnpm install -g pnpm\npnpm install\n```\n",
            "pnpm install",
            "bash: pnpm: command not found",
        ),
        (
            "```bash\npip install ruff\nbrew install jq\n```\n",
            "brew install jq",
            "bash: brew: command not found",
        ),
        (
            "```bash\nnpm i\n```\n" + "```bash\ntrue\n```\n" * 2 + "```bash\nyarn build\n```\n",
            "yarn build",
            "bash: yarn: command not found",
        ),
        (
            "```bash\nnpm install -g ruff\n```\n```bash\nbrew install ruff\n```\n",
            "npm install -g ruff",
            "bash: npm: command not found",
        ),
        (
            "```bash\npip install ruff\n```\n```bash\nuv add ruff\n```\n",
            "pip install ruff",
            "bash: pip: command not found",
        ),
    ],
)
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


@pytest.mark.parametrize(
    ("source", "printed", "said"),
    [
        (
            '```bash skip="slow"\npip install drv\n```\n```bash\ndrv\n```\n',
            "bash: drv: command not found",
            "runbook/x.md:2 installs it, but the document skips that step",
        ),
        (
            "```\npip install drv\n```\n\n```bash\ndrv\n```\n",
            "bash: drv: command not found",
            "runbook/x.md:2 installs it, but in a block that is not run",
        ),
        (
            "```text\nexport REGION=eu\n```\n\n```bash\ndrv\n```\n",
            "bash: REGION: unbound variable",
            "runbook/x.md:2 sets it, but in a block that is not run",
        ),
        (
            "Complete [the setup](setup.md) first.\n\n```bash\ndrv\n```\n",
            "bash: drv: command not found",
            "runbook/x.md:1 sends the reader to setup.md first",
        ),
        (
            "Install drv, see [a](a.md).\nInstall jq, see [b](b.md).\n\n```bash\ndrv\n```\n",
            "bash: drv: command not found",
            "runbook/x.md:1 sends the reader to a.md first",
        ),
        (
            (
                "---\nfreshrun: {sections: independent}\n---\n## "
                "A\n\n```bash\ntrue\n```\n\n## B\n\n"
                "```bash\nmkdir out && touch out/a.txt\n```\n\n## C\n\n```bash\ndrv\n```\n"
            ),
            "cat: out/a.txt: No such file or directory",
            "in a section that this one does not count on",
        ),
    ],
)
def test_missing_step(source: str, printed: str, said: str) -> None:
    """What a skipped step, an unread block, a section apart or another document makes is a step."""
    diagnosis = failed_in(source, "drv", printed)
    assert diagnosis.cause is Cause.MISSING_STEP
    assert said in diagnosis.hint


@pytest.mark.parametrize(
    "source",
    [
        "```bash\npip install drv\n```\n```bash\ndrv\n```\n",
        "See [the reference](reference.md).\n\n```bash\ndrv\n```\n",
        "Install [Docker](https://docs.docker.com/index.html) first.\n\n```bash\ndrv\n```\n",
        "It requires care, see [the guide](guide.md).\n\n```bash\ndrv\n```\n",
        "Install a, see [a](a.md).\nInstall b, see [b](b.md).\n\n```bash\ndrv\n```\n",
        "```bash\ndrv\n```\n\nThen complete [the setup](setup.md).\n",
        "```python\npip install drv\n```\n\n```bash\ndrv\n```\n",
    ],
)
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


@pytest.mark.parametrize(
    ("source", "exit_code"),
    [
        ("If this fails, call us.\n\n```bash\ndrv\n```\n", 1),
        ("It should not fail.\n\n```bash\ndrv\n```\n", 1),
        ("It exits with status 3:\n\n```bash\ndrv\n```\n", 1),
        ("This command fails:\n\n```bash\ntrue\n```\n\n```bash\ndrv\n```\n", 1),
        ("This command fails.\n\n## Next\n\n```bash\ndrv\n```\n", 1),
        ("This command fails:\n\n```bash\ndrv\n```\n", 127),
        ("It returns 3 widgets.\n\n```bash\ndrv\n```\n", 3),
        ("```console\n$ drv\nwidgets: 3\n```\n", 1),
    ],
)
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
