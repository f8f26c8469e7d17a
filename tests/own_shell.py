"""A live bash and a home directory on this machine, for checks that type on after a rehearsal."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from freshrun.checklist.trial import Sandbox
from freshrun.model.outcome import Outcome, Output, Status
from freshrun.model.record import Record
from freshrun.model.runbook import Command, Runbook


class Keyboard:
    """One bash, which keeps its variables and its directory from command to command."""

    def __init__(self, shell: subprocess.Popen[str], *, notes: Path) -> None:
        """Take the shell; what commands print goes to files in `notes`."""
        self._shell = shell
        self._notes = notes

    def type(self, command: Command) -> Outcome:
        """Type one command and wait for its end."""
        out, err = self._notes / "stdout", self._notes / "stderr"
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"{{\n{command.text}\n}} < /dev/null > {out} 2> {err}\n")
        self._shell.stdin.write('echo "$? $PWD"\n')
        self._shell.stdin.flush()
        status, _, cwd = self._shell.stdout.readline().rstrip("\n").partition(" ")
        expected = int(status) == command.options.exit
        return Outcome(
            command,
            Status.PASSED if expected else Status.FAILED,
            exit_code=int(status),
            stdout=_output(out),
            stderr=_output(err),
            cwd=cwd,
            reason="" if expected else f"exit status {status}, expected {command.options.exit}",
        )


class Home:
    """The home directory of such a shell."""

    def __init__(self, path: Path) -> None:
        """Take the directory."""
        self.home = str(path)

    def tree(self, folder: str) -> Mapping[str, bytes]:
        """Return the files below a folder."""
        root = Path(folder)
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file() and not path.is_symlink()
        }

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file."""
        return Path(path).read_bytes() if Path(path).is_file() else None

    def write_tree(self, files: Mapping[str, bytes], *, folder: str) -> None:
        """Put files in."""
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@contextmanager
def live_shell(folder: Path) -> Iterator[Sandbox]:
    """Open a shell in a new home below `folder`; programs in its `bin` are found."""
    home, notes = folder / "home", folder / "notes"
    (home / "bin").mkdir(parents=True)
    notes.mkdir()
    env = {"PATH": f"{home}/bin:{os.environ['PATH']}", "HOME": str(home), "GH_TOKEN": "hush-hush"}
    with subprocess.Popen(
        ["bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=home, env=env
    ) as shell:
        yield Sandbox(Keyboard(shell, notes=notes), Home(home), world=str(home))
        assert shell.stdin is not None
        shell.stdin.close()


def install(sandbox: Sandbox, name: str, *, program: str) -> None:
    """Put a program onto the shell's search path."""
    path = Path(sandbox.machine.home, "bin", name)
    path.write_text(program, encoding="utf-8")
    path.chmod(0o755)


def rehearsed(runbook: Runbook, sandbox: Sandbox) -> Record:
    """Type a runbook's commands, each whatever the others gave, and return their record."""
    outcomes = tuple(sandbox.shell.type(command) for command in runbook.commands)
    return Record(runbook=runbook.path, sha256="", started="", ended="", outcomes=outcomes)


def _output(path: Path) -> Output:
    said = path.read_bytes()
    return Output(head=said, size=len(said))
