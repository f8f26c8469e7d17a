"""The artifact that the runbook downloads held against the table `CI artifacts`."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from freshrun.checklist.artifact_table import ArtifactPath
from freshrun.checklist.contract import contract_of
from freshrun.checklist.evidence import unpassed
from freshrun.checklist.outputs import output_folder
from freshrun.checklist.paths import FileTree, matching
from freshrun.model import Command, Finding, Reading, Record, Runbook, did_you_mean

_RUN = re.compile(r"https://[\w.-]+/[\w.-]+/[\w.-]+/actions/runs/\d+")


@dataclass(frozen=True, slots=True)
class Download:
    """One `gh run download` command: the artifact's name and the folder that it unpacks into."""

    command: Command
    artifact: str
    folder: str


def downloads(runbook: Runbook) -> Reading[Download]:
    """Read the document's `gh run download` commands.

    Name and folder have to be literal words, so that the document itself says them.
    """
    read = [_download(command) for command in runbook.commands if _download_words(command)]
    if not read:
        missing = Finding(runbook.path, 1, "no command downloads an artifact; gh run download does")
        return Reading(1, findings=(missing,))
    return Reading(
        read[0].line,
        tuple(row for one in read for row in one.rows),
        tuple(finding for one in read for finding in one.findings),
    )


def downloaded_files(runbook: Runbook, record: Record, *, machine: FileTree) -> dict[str, bytes]:
    """Take the downloaded folders out of the machine; keys begin with the folder as documented."""
    places = {outcome.command.number: outcome.cwd for outcome in record.outcomes}
    return {
        f"{download.folder}/{name}": content
        for download in downloads(runbook).rows
        if (place := places.get(download.command.number)) is not None
        for name, content in machine.tree(_join(place, download.folder)).items()
    }


def downloaded(
    runbook: Runbook, record: Record, *, files: Mapping[str, bytes]
) -> tuple[Finding, ...]:
    """Return which documented downloads brought nothing, or from a run that nobody knows.

    Each `gh run download` passed and left files (see `downloaded_files`), and a command of the same
    section printed the address of the run, so that a reader sees which one it is.
    """
    fetched = downloads(runbook)
    commands = [download.command for download in fetched.rows]
    stopped = (*fetched.findings, *unpassed(commands, record))
    if stopped:
        return stopped
    empty = tuple(
        Finding(one.command.file, one.command.line, f"{one.artifact}: the download left no file")
        for one in fetched.rows
        if not any(name.startswith(f"{one.folder}/") for name in files)
    )
    section = fetched.rows[0].command.section
    beside = replace(
        record, outcomes=tuple(o for o in record.outcomes if o.command.section == section)
    )
    message = f'no command of "{section}" prints the address of the run, .../actions/runs/N'
    unknown = () if rehearsed_runs(beside) else (Finding(runbook.path, fetched.line, message),)
    return (*empty, *unknown)


def rehearsed_runs(record: Record) -> tuple[str, ...]:
    """Return the addresses of the workflow runs that the document's commands printed, each once."""
    found = (match[0] for one in record.outcomes for match in _RUN.finditer(one.stdout.text))
    return tuple(dict.fromkeys(found))


def artifact_outputs(runbook: Runbook, files: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Return the files of each downloaded artifact as outputs (see `as_outputs`).

    `files` are those of `downloaded_files`.
    """
    return {
        download.artifact: as_outputs(runbook, files, folder=download.folder)
        for download in downloads(runbook).rows
    }


def as_outputs(
    runbook: Runbook, files: Mapping[str, bytes], *, folder: str = ""
) -> dict[str, bytes]:
    """Return the files below `folder` by the paths below the checkout that the suite left them at.

    An artifact is what a run left in the documented output folder, so that the paths of the failure
    output contract hold for what was unpacked, wherever that is.
    """
    prefix, root = f"{folder}/" if folder else "", output_folder(runbook)
    return {
        f"{root}/{name.removeprefix(prefix)}".removeprefix("/"): content
        for name, content in files.items()
        if name.startswith(prefix)
    }


def artifact_paths(
    runbook: Runbook, record: Record, *, files: Mapping[str, bytes]
) -> tuple[Finding, ...]:
    """Hold the table `CI artifacts` against the downloaded `files` (see `downloaded_files`).

    Every documented path of the artifact is there, and no file that the table does not name. Where
    the table tells of times in a file, its lines begin with them.
    """
    table, fetched = contract_of(runbook).artifacts, downloads(runbook)
    commands = [download.command for download in fetched.rows]
    stopped = (*table.findings, *fetched.findings, *unpassed(commands, record))
    if stopped:
        return stopped
    return tuple(
        finding
        for download in fetched.rows
        for finding in _held(runbook, table, download=download, files=files)
    )


def untimed(runbook: Runbook, outputs: Mapping[str, bytes]) -> Iterator[Finding]:
    """Yield the files of one run that the table says to be `with times`, and that have none.

    `outputs` are by their path below the checkout; where half of a file's lines begin with a time,
    it has them: a message may go on in lines without.
    """
    root = output_folder(runbook)
    for row in contract_of(runbook).artifacts.rows:
        path = f"{root}/{row.path}".removeprefix("/")
        for name in matching(path, outputs) if _TIMED.search(row.holds) else ():
            if not _is_timed(outputs[name]):
                message = f"{name} has no times, of which this row tells: begin its lines with them"
                yield Finding(runbook.path, row.line, message)


def _held(
    runbook: Runbook,
    table: Reading[ArtifactPath],
    *,
    download: Download,
    files: Mapping[str, bytes],
) -> Iterator[Finding]:
    rows = [row for row in table.rows if row.artifact == download.artifact]
    prefix = f"{download.folder}/"
    tree = [name.removeprefix(prefix) for name in files if name.startswith(prefix)]
    if not rows:
        hint = did_you_mean(download.artifact, {row.artifact for row in table.rows})
        message = f'the artifact "{download.artifact}" is not in the table "CI artifacts"{hint}'
        yield Finding(download.command.file, download.command.line, message)
    for row in rows:
        if not matching(row.path, tree):
            message = f"{row.artifact} holds no {row.path}{did_you_mean(row.path, tree)}"
            yield Finding(runbook.path, row.line, message)
    yield from untimed(runbook, as_outputs(runbook, files, folder=download.folder))
    for name in sorted(set(tree) - {n for row in rows for n in matching(row.path, tree)}):
        message = f"{download.artifact} holds {name}, which no row of the table names"
        yield Finding(runbook.path, table.line, message)


_TIMED = re.compile(r"\bwith (?:the )?(?:times?|timestamps?)\b")
_TIME = re.compile(rb"[\[(<]?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d|[\[(<]?\d{10}[.,]?\d*\b")


def _is_timed(content: bytes) -> bool:
    lines = [line for line in content.splitlines() if line.strip()]
    return 2 * sum(_TIME.match(line) is not None for line in lines) >= len(lines) > 0


def _download(command: Command) -> Reading[Download]:
    words = _download_words(command)
    artifact, folder = _value(words, "--name", "-n"), _value(words, "--dir", "-D")
    problems = [
        f"gh run download needs {flag}, with a literal word after it"
        for flag, value in (("--name", artifact), ("--dir", folder))
        if not value or set(value) & set("$`*?")
    ]
    if problems:
        findings = tuple(Finding(command.file, command.line, problem) for problem in problems)
        return Reading(command.line, findings=findings)
    return Reading(command.line, (Download(command, artifact, folder.rstrip("/")),))


def _download_words(command: Command) -> list[str]:
    """Return the words of a plain `gh run download` command; none of any other."""
    try:
        words = shlex.split(command.text.replace("\\\n", " "), comments=True)
    except ValueError:
        return []
    return words if words[:3] == ["gh", "run", "download"] else []


def _value(words: list[str], long: str, short: str) -> str:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in {long, short}:
            return following
        if word.startswith(f"{long}="):
            return word.removeprefix(f"{long}=")
    return ""


def _join(place: str, folder: str) -> str:
    return folder if folder.startswith("/") else f"{place.rstrip('/')}/{folder}"
