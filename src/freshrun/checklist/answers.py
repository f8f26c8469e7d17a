"""What tools answer: typed where a rehearsal stopped, or run on the present machine."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from freshrun.checklist.contract import contract_of
from freshrun.checklist.prerequisites_table import Prerequisite
from freshrun.checklist.trial import Shell
from freshrun.model import Command, Options, Runbook

_PATIENCE = 60.0
"""So many seconds a tool may take for its answer."""

NOT_FOUND = 127
"""The exit status of a program that is not there."""

_NOT_FOUND = 127
_PROGRAM = re.compile(r"[\w][\w.+-]*")
_QUESTIONS = (("--version",), ("-V",), ("version",), ("auth", "status"))
"""What may be asked of a tool on this host: none of it changes anything."""

_VERSION = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gave; `exit_code` is `None` where it did not end by itself."""

    exit_code: int | None
    text: str

    @property
    def version(self) -> str:
        """Return the first number with its parts, as in 15.14; empty where there is none."""
        found = _VERSION.search(self.text)
        return found[0] if found else ""

    @property
    def failure(self) -> str:
        """Return how it failed, as the end of a sentence; empty where it ended with 0."""
        if self.exit_code == 0:
            return ""
        how = "did not end" if self.exit_code is None else f"ends with {self.exit_code}"
        said = self.text.split("\n")
        last = next((line.strip() for line in reversed(said) if line.strip()), "it says nothing")
        return f"{how}: {last}"

    @property
    def line(self) -> str:
        """Return the first line that says something."""
        return next((line.strip() for line in self.text.splitlines() if line.strip()), "")


def typed_answers(runbook: Runbook, shell: Shell) -> Mapping[str, Answer]:
    """Type the commands of the table under `Prerequisites`; return their answers by command."""
    answers: dict[str, Answer] = {}
    for row in contract_of(runbook).prerequisites.rows:
        for text in row.commands:
            outcome = shell.type(_typed(runbook, row, text))
            said = f"{outcome.stdout.text}{outcome.stderr.text}"
            answers[text] = Answer(outcome.exit_code, said or outcome.reason)
    return answers


def present_answers(runbook: Runbook) -> Mapping[str, Answer]:
    """Run the commands of the table under `Prerequisites` on the present machine."""
    rows = contract_of(runbook).prerequisites.rows
    return {text: _present(text) for row in rows for text in row.commands}


def _typed(runbook: Runbook, row: Prerequisite, text: str) -> Command:
    options = Options(timeout=_PATIENCE)
    return Command(text, runbook.path, row.line, row.line, "Prerequisites", options)


def _present(text: str) -> Answer:
    """Ask a tool of this host for its version or its state; a document's text is no program."""
    argv = text.split()
    if not (argv and _PROGRAM.fullmatch(argv[0]) and tuple(argv[1:]) in _QUESTIONS):
        asked = ", ".join(f"`{' '.join(('TOOL', *words))}`" for words in _QUESTIONS)
        return Answer(None, f"is not run on this host: a document may only ask {asked}")
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PATIENCE,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        return Answer(_NOT_FOUND, f"{argv[0]}: {error.strerror}")
    except subprocess.TimeoutExpired:
        return Answer(None, f"no answer within {_PATIENCE:g} s")
    return Answer(done.returncode, done.stdout)
