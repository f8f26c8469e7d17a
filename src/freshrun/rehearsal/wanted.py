"""What the caller's options ask of a rehearsal, word by word."""

from dataclasses import dataclass
from pathlib import Path

from freshrun.rehearsal.options import KINDS, one_of_its_words
from freshrun.rehearsal.record_file import RECORD
from freshrun.rehearsal.stage import Choices
from freshrun.session import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The options of one rehearsal, as they were typed; an empty one is left to the document.

    `json` and `html` are where record and page go; without `checklist` no check is run.
    """

    image: str = ""
    user: str = ""
    github: str = ""
    github_via: str = ""
    github_fault: str = ""
    bd: str = ""
    servers: str = ""
    worktree: bool = False
    allow_host: bool = False
    install_engine: bool = False
    keep_engine: bool = False
    update: bool = False
    keep_going: bool = False
    keep_durations: bool = False
    checklist: bool = True
    json: str = RECORD
    html: str = ""

    @property
    def choices(self) -> Choices:
        """Return what is opened before the first command; `FreshrunError` for a wrong word."""
        way = self._word("github-via", self.github_via)
        return Choices(
            image=self.image or None,
            user=self.user or None,
            github=self.github or None,
            github_via="proxy" if way == "proxy" else "socket",
            github_fault=self.github_fault or None,
            bd=self._word("bd", self.bd) if self.bd else None,
            worktree=self.worktree,
            allow_host=self.allow_host,
            install_engine=self.install_engine,
            keep_engine=self.keep_engine,
        )

    @property
    def policy(self) -> Policy:
        """Return what the commands may do; `FreshrunError` for a wrong word."""
        servers = self._word("servers", self.servers) == "pass"
        return Policy(keep_going=self.keep_going, servers=servers, update=self.update)

    def _word(self, option: str, typed: str) -> str:
        return one_of_its_words(typed or KINDS[option][0], option=option)

    def record_path(self, runbook: str, *, among: int = 1) -> Path:
        """Return where the record of a runbook goes that is rehearsed `among` so many."""
        return _own(Path(self.json), runbook, among=among)

    def page_path(self, runbook: str, *, among: int = 1) -> Path | None:
        """Return where its page goes; `None` where none is wanted."""
        return _own(Path(self.html), runbook, among=among) if self.html else None


def _own(path: Path, runbook: str, *, among: int) -> Path:
    """Return a path of its own for each of several runbooks."""
    if among == 1:
        return path
    name = "-".join(part for part in Path(runbook).parts if part not in {"/", ".", ".."})
    return path.with_name(f"{path.stem}-{name}{path.suffix}")
