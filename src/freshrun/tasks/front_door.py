"""The program `freshrun`."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version

from invoke.context import Context
from invoke.exceptions import Exit, ParseError
from invoke.program import Program
from invoke.tasks import Task

from freshrun.command_line import REHEARSE, candidates, understood
from freshrun.host import broken_code, interrupted, interruptible
from freshrun.model import internal
from freshrun.tasks.collection import forms, ns
from freshrun.tasks.saying import BROKEN, one_line_errors, say, tell

_SYSTEM_HELP = (
    ("-h, --help", "Show this, or the help of a task: freshrun TASK --help."),
    ("-V, --version", "Show the version."),
    ("--print-completion-script=SHELL", "Print what makes bash, zsh or fish complete it."),
)


class FrontDoor(Program):
    """The program: invoke's, with files as its first words and without invoke's own options."""

    def run(self, argv: list[str] | None = None, exit: bool = True) -> None:  # noqa: A002, FBT001, FBT002 - invoke's own
        """Run; whatever is raised is one line, and no verdict on a runbook.

        A reader of the output that has seen enough, such as `head`, is no error of ours.
        """
        with interruptible():
            try:
                super().run(argv, exit)
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                sys.exit(BROKEN)
            except SystemExit as ended:
                # invoke ends with 1 after Ctrl-C, which says that the runbook failed.
                sys.exit(broken_code() if interrupted() and ended.code == 1 else ended.code)
            except Exception as error:  # noqa: BLE001 - it is told, in one line
                tell(str(internal(error)))
                sys.exit(BROKEN)

    def parse_core(self, argv: list[str] | None) -> None:
        """Read the options of the program itself; a wrong one is misuse."""
        with _misuse():
            super().parse_core(argv)

    def parse_tasks(self) -> None:
        """Read the task's options; a wrong one is misuse."""
        with _misuse():
            super().parse_tasks()

    def normalize_argv(self, argv: list[str] | None) -> None:
        """Put the words into the form that invoke reads; or tell a shell what may come next."""
        super().normalize_argv(argv)
        program, *typed = self.argv
        if typed[:1] == ["--complete"]:
            say("\n".join(candidates(typed[3:], forms())))  # behind `--` and our own name
            raise Exit
        with one_line_errors():
            self.argv = [program, *understood(typed, forms())]

    def print_help(self) -> None:
        """Print what is tried first, the tasks, and the few options of the program itself."""
        say("Usage: freshrun FILE... [options]     rehearse documents in a fresh container")
        say("       freshrun TASK [options]        one of the tasks below\n\nTasks:\n")
        self.print_columns([(name, _first_sentence(one)) for name, one in _tasks()])
        say("Options:\n")
        self.print_columns(_SYSTEM_HELP)
        say(f"The options of a rehearsal: freshrun {REHEARSE} --help")

    def print_task_help(self, name: str) -> None:
        """Print what a task is for, and its options."""
        form = forms()[name]
        needed = " ".join(form.needed) or (form.words[2:].upper() + "..." * form.several)
        options = self.parser.contexts[name].help_tuples()
        words = ("Usage: freshrun", form.name, "[options]" if options else "", needed)
        say(" ".join(word for word in words if word))
        say(f"\n{_first_sentence(dict(_tasks())[form.name])}\n")
        if options:
            say("Options:\n")
            self.print_columns(options)


def _tasks() -> Iterator[tuple[str, Task[Callable[[Context], None]]]]:
    yield from sorted(ns.tasks.items())


def _first_sentence(one: Task[Callable[[Context], None]]) -> str:
    return str(one.__doc__ or "").partition("\n")[0]


@contextmanager
def _misuse() -> Iterator[None]:
    """End with 2 for a wrong option: 1 says that a runbook failed."""
    try:
        yield
    except ParseError as error:
        raise Exit(str(error), BROKEN) from None


program = FrontDoor(name="freshrun", version=version("freshrun"), namespace=ns)
