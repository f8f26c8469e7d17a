"""What a run is, decided once: of the caller's choices, the document, and what is usual."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from freshrun.host import root_of
from freshrun.model import DocumentError, FreshrunError, Runbook, Settings
from freshrun.rehearsal.image_names import OURS, named_image
from freshrun.rehearsal.options import TABLE, Choices, check_words, chosen
from freshrun.rehearsal.project import NO_PROJECT, Project
from freshrun.session import Policy

if TYPE_CHECKING:  # what is slow to load is loaded where a recording is shown
    from freshrun.github import Fault

LIVE = "live"
"""The word that asks for the real service instead of a stand-in."""


class Sections(Enum):
    """What a failure leaves of the other second-level sections."""

    IN_ORDER = "in order"
    """Nothing: each needs all before it."""
    INDEPENDENT = "independent"
    """All of them, unless the first one failed, which they need."""
    EACH = "each"
    """All of them, whatever failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup(Choices):
    """All that is decided before a run: the caller's choices with nothing left open, and the rest.

    `image` is the path of a Dockerfile, or a name. `recorded` is the folder of the workflow run
    that gh is shown, `None` for GitHub itself, and `failing` the one whose faults a check switches
    on. `secrets` are names; their values stay in the environment. `checks` is where the checklist
    of the document stands, whether it is judged or not. `repository` is the clone URL that is
    answered from the checkout of `document`.
    """

    document: str
    timeout: float
    network: str
    memory: str
    env: Mapping[str, str]
    secrets: tuple[str, ...]
    repository: str | None
    sections: Sections
    recorded: Path | None
    failing: Path | None
    checks: Path | None
    other_images: tuple[str, ...] = ()

    @property
    def policy(self) -> Policy:
        """Return what the commands may do."""
        return Policy(servers=self.servers == "pass", update=self.update)

    @property
    def wants_real_bd(self) -> bool:
        """Tell whether beads are filed with whatever `bd` the document gets hold of."""
        return self.bd == LIVE


@dataclass(frozen=True, slots=True)
class _Layer:
    """What one voice says, and the folder that its paths start from; the first one that speaks."""

    choices: Choices
    folder: Path


_USUAL = Choices(image=OURS, github_via="socket", servers="pass", unmarked="text")


def decided(
    runbook: Runbook,
    choices: Choices | None = None,
    *,
    dashes: str = "--",
    project: Project = NO_PROJECT,
) -> Setup:
    """Return what a run of a runbook is; nothing is opened, and no variable is read.

    The caller decides before the document, that before the project in which the caller stands, and
    that before what is usual. `dashes` is what the caller writes in front of an option's name.
    Raises `FreshrunError` for a word that an option does not know, and for a checklist outside of
    the document's own repository.
    """
    own, settings, root = choices or Choices(), runbook.settings, root_of(runbook.path)
    check_words(own, dashes=dashes)
    if own.github_fault:
        fault_of_github(own.github_fault)
    layers = (
        _Layer(own, Path()),
        _Layer(_said_by(settings, root), root),
        _Layer(project.choices, project.folder),
        _Layer(_USUAL, Path()),
    )
    all_said = _overlaid(layers)
    return Setup(
        **asdict(all_said),
        document=runbook.path,
        timeout=settings.timeout,
        network=settings.network,
        memory=settings.memory,
        env=settings.env,
        secrets=settings.secrets,
        repository=settings.repository,
        sections=Sections.EACH if all_said.keep_going else Sections(settings.sections),
        recorded=next(_recordings(layers), None),
        failing=next((folder for folder in _recordings(layers) if folder), None),
        checks=_checks(runbook, root.resolve()),
        other_images=() if own.image else settings.images[1:],
    )


def fault_of_github(name: str) -> "Fault":
    """Return a fault by its name; `FreshrunError` with all of them where there is none such."""
    from freshrun.github import FAULTS  # noqa: PLC0415 - most runs are shown no recording

    if name not in FAULTS:
        raise FreshrunError(f'no fault "{name}" of GitHub; known are {", ".join(FAULTS)}')
    return FAULTS[name]


def _said_by(settings: Settings, root: Path) -> Choices:
    """Return what a document says to the same things as the caller."""
    first = settings.image or next(iter(settings.images), "")
    return Choices(
        image=named_image(first, root),
        user=settings.user or "",
        github=settings.github or "",
        bd=settings.bd or "",
        unmarked=settings.unmarked,
    )


def _overlaid(layers: tuple[_Layer, ...]) -> Choices:
    """Return what the first of them says that says anything, option by option."""
    said = [asdict(layer.choices) for layer in layers]
    return chosen(
        **{
            row.field: next(
                (one[row.field] for one in said if one[row.field] != row.usual), row.usual
            )
            for row in TABLE
        }
    )


def _recordings(layers: tuple[_Layer, ...]) -> Iterator[Path | None]:
    """Yield the recording that each layer names, `None` where one asks for GitHub itself."""
    for layer in layers:
        if name := layer.choices.github:
            yield None if name == LIVE else layer.folder / name


def _checks(runbook: Runbook, root: Path) -> Path | None:
    """Return where the checks of a runbook stand; what stands there is run on this host."""
    name = runbook.settings.checklist
    if name is None:
        return None
    if not (place := (root / name).resolve()).is_relative_to(root):
        raise DocumentError(
            f"{runbook.path}: the checklist {name} leads out of the repository {root}; "
            "checks run on this host, and only those of the document's own repository may"
        )
    return place
