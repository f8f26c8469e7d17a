"""A run's artifacts, fetched from GitHub by the real gh."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from freshrun.model import FreshrunError, Runbook
from freshrun.triage.artifact_folder import taken
from freshrun.triage.ci_run import SUCCESS, CiRun
from freshrun.triage.hub import Hub, Progress, RefusedError
from freshrun.triage.served_run import environment_of
from freshrun.triage.uploads import wanted

_RUN = re.compile(
    r"(?:https?://(?:(?:api\.)?github\.com/(?:repos/)?)?(?P<place>\S+)/actions/runs/)?(?P<id>\d+)"
    r"(?:/attempts/(?P<attempt>\d+))?(?:[/?#]\S*)?"
)


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
        with environment_of(recording, scratch=Path(scratch, "gh")) as environment:
            hub = Hub(runbook, environment, tell)
            if asked:
                _refuse_other(hub, asked)
            number = asked["id"] if asked else hub.newest_failed()
            facts = hub.facts(number)
            chosen = wanted(runbook, hub.uploads(number), run=number)
            artifacts = Path(scratch, "artifacts")
            try:
                hub.download(number, chosen.names, to=artifacts)
            except RefusedError:
                if facts.get("conclusion") != SUCCESS:  # a green run needs no artifacts
                    raise
        left = taken(runbook, artifacts, name="")
    tried = _attempt(asked["attempt"] if asked else "", facts)
    return replace(
        left,
        id=number,
        url=str(facts.get("url") or ""),
        conclusion=str(facts.get("conclusion") or ""),
        attempt=int(str(facts.get("attempt") or 0)),
        notes=(*tried, *chosen.notes, *left.notes),
    )


def _refuse_other(hub: Hub, asked: re.Match[str]) -> None:
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
