"""What this freshrun is installed from, and with: so that another machine can have the same."""

import json
import subprocess
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SOURCE = "git+https://github.com/freshrun/freshrun.git"
_OWN = "freshrun"


def requirements() -> tuple[str, ...]:
    """Return the lines of a requirements file: freshrun at its commit, and each exact version.

    Where no commit is known, as in a copy without git, the version's tag stands for it.
    """
    own = distribution(_OWN)
    first = f"{_OWN} @ {SOURCE}@{_commit(own) or f'v{own.version}'}"
    others = sorted(_closure(own).items())
    return (first, *(f"{name}=={version}" for name, version in others))


def _commit(own: Distribution) -> str:
    """Return the commit that pip fetched, or that of the checkout that was installed from."""
    found: object = json.loads(own.read_text("direct_url.json") or "{}")
    facts = found.get("vcs_info") if isinstance(found, dict) else None
    if isinstance(facts, dict):
        return str(facts.get("commit_id") or "")
    return _head(Path(__file__).resolve().parents[3])


def _head(checkout: Path) -> str:
    """Return the commit of freshrun's own checkout; empty where the folder is none."""
    if not (checkout / ".git").exists():
        return ""
    command = ["git", "-C", str(checkout), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _closure(own: Distribution) -> dict[str, str]:
    """Return every distribution that freshrun needs here, by name, with its version."""
    found: dict[str, str] = {}
    waiting = [own]
    while waiting:
        for name in _needed(waiting.pop()):
            try:
                other = distribution(name)
            except PackageNotFoundError:  # a requirement of an extra that nobody asked for
                continue
            if name not in found and name != _OWN:
                found[name] = other.version
                waiting.append(other)
    return found


def _needed(one: Distribution) -> Iterator[str]:
    for line in one.requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield canonicalize_name(requirement.name)
