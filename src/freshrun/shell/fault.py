"""Why a text is no shell: what the shell reader says, where bash agrees that it is none."""

import os
import shutil
import subprocess
from dataclasses import dataclass

from freshrun.shell.syntax import ShellSyntaxError, syntax_tree


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a text stops being shell, in lines and columns from 1, and why."""

    line: int
    column: int
    why: str


def syntax_fault(text: str) -> Fault | None:
    """Return why a text is no shell; `None` where it is, or where this host's bash can read it.

    bash only reads it, with `-n`: nothing of the text is run.
    """
    try:
        syntax_tree(text)
    except ShellSyntaxError as error:
        is_here_document = "here-document" in error.why
        if not error.why or (not is_here_document and _bash_reads(text)):
            return None
        before = text.split("\n")[error.line - 1].encode()[: error.column - 1]
        return Fault(error.line, len(before.decode(errors="replace")) + 1, error.why)
    return None


def _bash_reads(text: str) -> bool:
    bash = shutil.which("bash")
    if bash is None:
        return False
    # BASH_ENV names a file that even a shell that runs nothing reads.
    clean = {name: value for name, value in os.environ.items() if name == "PATH"}
    read = subprocess.run(
        [bash, "--noprofile", "--norc", "-n"],
        input=text.encode(),
        capture_output=True,
        env=clean,
        check=False,
    )
    return read.returncode == 0 and not read.stderr
