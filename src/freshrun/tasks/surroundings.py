"""The tasks around a rehearsal: the starter, the container engine, the server for editors."""

from pathlib import Path

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from freshrun.tasks.documents import HELP
from freshrun.tasks.saying import BROKEN, one_line_errors, say


@task(help={"folder": "the root of a git repository; here unless given"})
def init(_context: Context, *, folder: str = ".") -> None:
    """Write a starter runbook with its checklist and workflow; overwrite nothing."""
    from freshrun.scaffold import next_steps, scaffold  # noqa: PLC0415 - keeps --list fast

    with one_line_errors():
        written = scaffold(Path(folder))
    say("\n".join((*(f"written: {path}" for path in written), "", next_steps())))


@task(
    help={
        "install-engine": HELP["install-engine"],
        "keep-engine": HELP["keep-engine"],
        "stop": "stop the private container engine that was left running",
        "prune": "remove every image that freshrun made, and what killed runs left",
    }
)
def engine(
    _context: Context,
    *,
    install_engine: bool = False,
    keep_engine: bool = False,
    stop: bool = False,
    prune: bool = False,
) -> None:
    """Show the container engine that a run would use, tidy it up, or stop freshrun's own."""
    from freshrun.machine import open_engine, stop_private  # noqa: PLC0415 - keeps --list fast
    from freshrun.rehearsal import tidied  # noqa: PLC0415 - same

    with one_line_errors():
        if stop:
            say("stopped" if stop_private() else "no private engine was running")
            return
        with open_engine(install=install_engine, keep=keep_engine) as found:
            say(f"{found.name} {found.version} at {found.url}")
            if prune:
                say(tidied(found))


@task
def lsp(_context: Context) -> None:
    """Serve an editor, on standard input and output: lint while one writes, and the last run."""
    try:
        from freshrun.editor import serve  # noqa: PLC0415 - keeps --list fast
    except ModuleNotFoundError as error:
        right = "pip install 'freshrun[lsp]'"
        raise Exit(f"{error.name} is not installed, which editors need: {right}", BROKEN) from None
    serve()
