"""What a run of the suite leaves: its two streams, and the files of the documented folders."""

import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os.path import commonpath

from freshrun.checklist.contract import contract_of
from freshrun.checklist.failure_contract import Where
from freshrun.checklist.paths import FileTree, checkout, folder_of, gathered, matching
from freshrun.checklist.trial import Sandbox, in_subshell, retyped
from freshrun.model import Command, Finding, Outcome, Runbook


def output_files(runbook: Runbook, machine: FileTree) -> dict[str, bytes]:
    """Take every file of the documented output folders, by its path below the checkout."""
    root = checkout(runbook, home=machine.home)
    return gathered(root, output_paths(runbook), machine=machine)


def output_folder(runbook: Runbook) -> str:
    """Return the folder below the checkout that every documented output stands in."""
    folders = [folder_of(path) for path in output_paths(runbook)]
    return commonpath(folders) if folders else ""


def streams(outcomes: Iterable[Outcome]) -> dict[str, bytes]:
    """Return what commands printed, by the name of the stream, as far as it was kept."""
    kept = tuple(outcomes)
    return {
        Where.STDOUT.value: b"".join(o.stdout.kept for o in kept),
        Where.STDERR.value: b"".join(o.stderr.kept for o in kept),
    }


def cut(outcomes: Iterable[Outcome]) -> Iterator[Finding]:
    """Yield a finding for each stream that was too long to be kept whole."""
    for outcome in outcomes:
        for name, output in (("stdout", outcome.stdout), ("stderr", outcome.stderr)):
            if output.truncated:
                message = f"{name} has {output.size} bytes and was not kept whole; IDs can hide"
                yield Finding(outcome.command.file, outcome.command.line, message)


@contextmanager
def outputs_kept(runbook: Runbook, *, sandbox: Sandbox, like: Command) -> Iterator[None]:
    """Run the suite in the `with`; the outputs that the rehearsal left are put back at its end."""
    root, files = (
        checkout(runbook, home=sandbox.machine.home),
        output_files(runbook, sandbox.machine),
    )
    yield
    left = output_files(runbook, sandbox.machine)
    documented = {name for path in output_paths(runbook) for name in matching(path, left)}
    text = f"rm -f -- {shlex.join(sorted(documented | (left.keys() - files.keys())))}"
    sandbox.shell.type(in_subshell(retyped(like, text=text), folder=root))
    sandbox.machine.write_tree(files, folder=root)


def newer_files(
    runbook: Runbook, *, than: str, sandbox: Sandbox, like: Command
) -> dict[str, bytes]:
    """Return the files of the documented output folders that were written after the file `than`.

    They are asked of the machine by time: a run may well leave what an earlier one has left.
    """
    root, files = (
        checkout(runbook, home=sandbox.machine.home),
        output_files(runbook, sandbox.machine),
    )
    folders = sorted({folder_of(name) or "." for name in files})
    text = f"find {shlex.join(folders)} -maxdepth 1 -type f -newer {shlex.quote(than)}"
    found = sandbox.shell.type(in_subshell(retyped(like, text=text), folder=root)).stdout.text
    names = {name.removeprefix("./") for name in found.splitlines()} if files else set()
    return {name: content for name, content in files.items() if name in names}


def output_paths(runbook: Runbook) -> tuple[str, ...]:
    """Return the documented paths of what a run leaves, green or red, as globs."""
    paths = [output for entry in contract_of(runbook).entrypoints.rows for output in entry.outputs]
    paths += [row.path for row in contract_of(runbook).locations.rows if not row.where.is_stream]
    return tuple(paths)
