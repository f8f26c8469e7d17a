"""The tasks that `invoke` and the program `freshrun` expose.

Another project's `tasks.py` needs one line: `from freshrun.tasks import ns`.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.program import Program
from invoke.tasks import task

from freshrun.errors import FreshrunError

_BROKEN = 2


@task(
    help={
        "runbook": "the Markdown file; invoke's setting freshrun.runbook unless given",
        "k": "judge only what matches EXPR, as pytest's -k; what stands before it runs too",
        "image": "an image, or the path of a Dockerfile",
        "user": "the user who types the commands",
        "worktree": "take what git would commit now, not what is committed",
        "github": "a recorded workflow run that gh is shown, or `live`",
        "bd": "`stand-in`, or `live` for the real beads",
        "servers": "`fail` where a command that turns out to be a server has to fail",
        "update": "write the printed output into transcripts that promise another one",
        "keep-going": "run every section, also after a failure",
        "install-engine": "install a container engine where there is none (root on Debian)",
        "keep-engine": "leave freshrun's private container engine running",
        "json": "where the record goes; .freshrun/record.json unless given",
        "junit": "write a JUnit XML report",
        "html": "write the record as a page",
    }
)
def validate_runbook(  # noqa: PLR0913 - one parameter for each option of the command line
    context: Context,
    *,
    runbook: str = "",
    k: str = "",
    image: str = "",
    user: str = "",
    worktree: bool = False,
    github: str = "",
    bd: str = "",
    servers: str = "",
    update: bool = False,
    keep_going: bool = False,
    install_engine: bool = False,
    keep_engine: bool = False,
    json: str = "",
    junit: str = "",
    html: str = "",
) -> None:
    """Rehearse a runbook in a fresh container and judge its checklist."""
    path = runbook or str(context.config.get("freshrun", {}).get("runbook", ""))
    values = {"image": image, "user": user, "github": github, "bd": bd, "servers": servers}
    values |= {"json": json, "html": html}
    switches = {
        "worktree": worktree,
        "update": update,
        "keep-going": keep_going,
        "install-engine": install_engine,
        "keep-engine": keep_engine,
    }
    raise Exit(
        code=_rehearsed(
            path,
            "-v",
            *(f"--freshrun-{name}={value}" for name, value in values.items() if value),
            *(f"--freshrun-{name}" for name, wanted in switches.items() if wanted),
            *(("-k", k) if k else ()),
            *((f"--junit-xml={junit}",) if junit else ()),
        )
    )


@task(
    help={
        "install-engine": "install one where there is none (root on Debian)",
        "keep-engine": "leave freshrun's private container engine running",
        "stop": "stop the private container engine that was left running",
    }
)
def engine(
    _context: Context,
    *,
    install_engine: bool = False,
    keep_engine: bool = False,
    stop: bool = False,
) -> None:
    """Show the container engine that a run would use, or stop freshrun's own."""
    from freshrun.engine import open_engine, stop_private  # noqa: PLC0415 - keeps --list fast

    with _one_line_errors():
        if stop:
            _say("stopped" if stop_private() else "no private engine was running")
            return
        with open_engine(install=install_engine, keep=keep_engine) as found:
            _say(f"{found.name} {found.version} at {found.url}")


def _rehearsed(path: str, *options: str) -> int:
    """Return 0 where all passed, 1 where something failed, 2 where something is broken."""
    from freshrun.plugin import main  # noqa: PLC0415 - keeps --list fast

    if not path:
        raise Exit("no runbook named; add --runbook PATH, for example --runbook README.md", _BROKEN)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return main(path, *options)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except FreshrunError as error:
        raise Exit(str(error), _BROKEN) from None


ns = Collection(validate_runbook, engine)
program = Program(name="freshrun", version=version("freshrun"), namespace=ns)
