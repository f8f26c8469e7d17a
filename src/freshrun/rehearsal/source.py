"""Where the lines of a document can be read by everybody: on the host of its repository."""

import os
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

from freshrun.host import Repository, root_of

_BLOB = {"github.com": "blob", "gitlab.com": "-/blob"}
"""What stands between a repository and a commit, by host."""

_OWN = {"GITHUB_SERVER_URL": "blob", "CI_SERVER_URL": "-/blob"}
"""The variables in which GitHub's and GitLab's runners name a host of one's own."""

_CLONE_URL = re.compile(
    r"(?:https?://(?:[^@/]*@)?|ssh://(?:[^@/]*@)?|git@)(?P<host>[\w.-]+(?::\d+)?)[:/]+"
    r"(?P<path>[\w./~-]+?)(?:\.git)?/?"
)


def path_from_root(document: str) -> str:
    """Return a document's path from the root of its repository, with `/`."""
    path = Path(document).resolve()
    return path.relative_to(root_of(document)).as_posix()


def source(copy: Repository, *, path: str) -> str:
    """Return the address of a document at the commit that a machine was given.

    It is empty where that commit is nobody else's, or the host shows no files as we know it.
    """
    found = _CLONE_URL.fullmatch(copy.url or "")
    blob = _hosts().get(found["host"].lower()) if found else None
    if found is None or blob is None or copy.worktree:
        return ""
    return (
        f"https://{found['host']}/{found['path']}/{blob}/{copy.commit}/{quote(os.fsencode(path))}"
    )


def _hosts() -> dict[str, str]:
    named = {name: urlsplit(os.environ.get(name, "")).netloc.lower() for name in _OWN}
    return {**_BLOB, **{host: _OWN[name] for name, host in named.items() if host}}
