"""Everything that stands ready before the first command: engine, image, machine, stand-ins."""

import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from freshrun.github import FAULTS, NO_FAULT, Fault, Installation, Way, installation, read_recording
from freshrun.host import Repository, repository, root_of
from freshrun.machine import Engine, Image, Limits, Machine, open_engine, prune, reap, resolve
from freshrun.mask import SHORTEST, Mask
from freshrun.model import BlockKind, FreshrunError, MachineError, Place, Runbook

LIVE = "live"
"""The word that asks for the real service instead of a stand-in."""

_GITHUB_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")
_RECORDED_TOKEN = "a-recorded-run-asks-for-no-real-token"  # noqa: S105 - it opens nothing
_OURS = str(files("freshrun.machine").joinpath("Dockerfile.fresh"))
_FAULTY = "/opt/freshrun/faulty-github"
_READY = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the caller decides; `None` leaves it to the document.

    `image` and `github` are paths as seen from the working directory, or names. A recorded run is
    served to gh at a socket, or, with `github_via`, through a proxy; `github_fault` is what goes
    wrong there, a name in `freshrun.github.FAULTS`. With `allow_host` the machine may reach the
    services of the engine's host.
    """

    image: str | None = None
    user: str | None = None
    github: str | None = None
    github_via: Way = "socket"
    github_fault: str | None = None
    bd: str | None = None
    worktree: bool = False
    allow_host: bool = False
    install_engine: bool = False
    keep_engine: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A machine that waits for the first command, and its fingerprint."""

    machine: Machine
    place: Place


@contextmanager
def open_stage(runbook: Runbook, choices: Choices) -> Iterator[Stage]:
    """Yield the stage for a runbook; everything that it opened is closed at the end.

    Containers that a killed run left are removed first. Raises `FreshrunError` where something
    that the runbook needs can't be had.
    """
    github = _github(runbook, choices)
    secrets = _secrets(runbook, recorded=github is not None)
    with open_engine(install=choices.install_engine, keep=choices.keep_engine) as engine:
        reap(engine)
        image = resolve(_image(runbook, choices), engine=engine, install=choices.install_engine)
        copy = repository(runbook.path, worktree=choices.worktree, url=runbook.settings.repository)
        with Machine(
            image,
            engine=engine,
            user=choices.user or runbook.settings.user,
            network=runbook.settings.network,
            allow_host=choices.allow_host,
            limits=Limits(memory=runbook.settings.memory),
            env={**runbook.settings.env, **secrets, **(github.environment if github else {})},
            repository=copy,
        ) as machine:
            stand_ins = tuple(_stand_ins(runbook, choices, machine=machine, github=github))
            place = _place(runbook, machine, engine=engine, stand_ins=stand_ins)
            yield Stage(machine, place)


def tidied(engine: Engine) -> str:
    """Remove what freshrun left and made on an engine; return what that was, in a sentence."""
    machines = len(reap(engine))
    gone, used = prune(engine)
    return f"{gone} images and {machines} machines of killed runs removed; {used} images are in use"


def mask(runbook: Runbook) -> Mask:
    """Return what hides the declared secrets: this process's values, and a stand-in's token."""
    names = runbook.settings.secrets
    values = [os.environ.get(name, "") for name in names]
    values += [_RECORDED_TOKEN] if set(names) & set(_GITHUB_TOKENS) else []
    return Mask(value for value in values if len(value.strip()) >= SHORTEST)


def wants_real_bd(runbook: Runbook, choices: Choices) -> bool:
    """Tell whether beads are filed with whatever `bd` the document gets hold of."""
    return (choices.bd or runbook.settings.bd) == LIVE


def real_bd(said: str) -> str:
    """Return what the verdict says of a real `bd`, from what `bd version` answers."""
    version = re.search(r"\bbd version (\d+(?:\.\d+)*\S*)", said)
    return f"bd: against bd {version[1]}" if version else "bd: the real one, and none answers"


def faulty_github(
    runbook: Runbook, machine: Machine, *, fault: str, choices: Choices
) -> Mapping[str, str]:
    """Serve the run's recording once more, with a fault; return what gh needs to see that.

    `fault` is a name in `freshrun.github.FAULTS`. GitHub itself can't be made to fail: where the
    caller asks for it, the faults are those of the recording that the runbook names.
    `FreshrunError` where nobody names a recording, or there is no such fault.
    """
    switched_on = _fault(fault)
    folder = recorded_run(runbook, choices) or recorded_run(runbook, Choices())
    if folder is None:
        raise FreshrunError(f"{runbook.path}: only a recorded run can fail on purpose: set github:")
    recording, root = read_recording(folder), f"{_FAULTY}/{fault}"
    faulty = installation(recording, root=root, fault=switched_on, via=choices.github_via)
    if not machine.exists(faulty.socket):
        _serve(machine, faulty)
    return faulty.environment


def _fault(name: str) -> Fault:
    if name not in FAULTS:
        raise FreshrunError(f'no fault "{name}" of GitHub; known are {", ".join(FAULTS)}')
    return FAULTS[name]


def repository_root(runbook: Runbook) -> Path:
    """Return the folder that the document's own paths start from: its repository, or its own."""
    return root_of(runbook.path)


def _image(runbook: Runbook, choices: Choices) -> str:
    """Return an image's name or the path of a Dockerfile; ours is used where nobody names one."""
    if choices.image is not None:
        return choices.image
    name = runbook.settings.image
    if name is None:
        return _OURS
    in_repository = repository_root(runbook) / name
    return str(in_repository) if in_repository.is_file() else name


def recorded_run(runbook: Runbook, choices: Choices) -> Path | None:
    """Return the folder of the workflow run that gh is shown; `None` for GitHub itself."""
    chosen = choices.github or runbook.settings.github
    if chosen is None or chosen == LIVE:
        return None
    return Path(chosen) if choices.github else repository_root(runbook) / chosen


def _github(runbook: Runbook, choices: Choices) -> Installation | None:
    folder = recorded_run(runbook, choices)
    if folder is None:
        return None
    fault = _fault(choices.github_fault) if choices.github_fault else NO_FAULT
    return installation(read_recording(folder), fault=fault, via=choices.github_via)


def _secrets(runbook: Runbook, *, recorded: bool) -> Mapping[str, str]:
    """Return the declared secrets by name, from this process's environment."""
    values = dict.fromkeys(_GITHUB_TOKENS, _RECORDED_TOKEN) if recorded else {}
    found = {name: values.get(name) or os.environ.get(name) for name in runbook.settings.secrets}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise FreshrunError(
            f"{runbook.path}: the declared secret {missing[0]} is not set; "
            f"export {missing[0]}=... before the run"
        )
    for name, value in found.items():
        _check_length(runbook, name, value=value or "")
    return {name: value for name, value in found.items() if value}


def _check_length(runbook: Runbook, name: str, *, value: str) -> None:
    length = len(value.strip())
    if length < SHORTEST:
        raise FreshrunError(
            f"{runbook.path}: the declared secret {name} has {length} character(s); hiding that "
            f"would hide half of every report: it needs {SHORTEST}, or belongs under env"
        )


def _stand_ins(
    runbook: Runbook, choices: Choices, *, machine: Machine, github: Installation | None
) -> Iterator[str]:
    """Put the stand-ins into the machine; yield what the verdict says of each."""
    if github is not None:
        _serve(machine, github)
        fault = f", with the fault {choices.github_fault}" if choices.github_fault else ""
        name = choices.github or runbook.settings.github
        yield f"gh: the recorded run {name}, not GitHub{fault}"
    if (choices.bd or runbook.settings.bd) == "stand-in":
        from freshrun.beads import stand_in  # noqa: PLC0415 - slow to load for one word of it

        source = files("freshrun.beads").joinpath("stand_in.py").read_bytes()
        machine.write("/usr/local/bin/bd", source, mode=0o755, user="root")
        yield f"bd: freshrun's stand-in {stand_in.VERSION}, not the real beads"


def _serve(machine: Machine, github: Installation) -> None:
    by_path = {path.lstrip("/"): content for path, content in github.files.items()}
    machine.write_tree(by_path, folder="/", user="root")
    private = {path.lstrip("/"): content for path, content in github.private.items()}
    machine.write_tree(private, folder="/", mode=0o600, user="root")
    machine.start(github.command, user="root")
    deadline = time.monotonic() + _READY
    while machine.run(github.ready).exit_code != 0:
        if time.monotonic() > deadline:
            raise MachineError(
                "the recorded GitHub run is not served in the machine; its image needs python3"
            )
        time.sleep(0.05)


def _place(
    runbook: Runbook, machine: Machine, *, engine: Engine, stand_ins: tuple[str, ...]
) -> Place:
    copy = machine.repository
    return Place(
        image=_shown(machine.image.name),
        image_id=machine.image.id,
        user=machine.user,
        engine=f"{engine.name} {engine.version}",
        git_commit=copy.commit if copy else None,
        repository=_described(copy, runbook),
        network=runbook.settings.network,
        stand_ins=stand_ins,
        notes=(*machine.notes, *_notes(runbook, machine.image, copy)),
    )


def _shown(image: str) -> str:
    """Return an image's name for a reader; a path is seen from the working directory."""
    if image == _OURS:
        return "freshrun's own Dockerfile.fresh"
    return os.path.relpath(image) if Path(image).is_absolute() else image


def _described(copy: Repository | None, runbook: Runbook) -> str:
    if copy is None:
        return f"{runbook.path} is in no git repository: the machine starts without files"
    kind = "what git would commit now" if copy.worktree else "the committed state"
    return f"{copy.name}, branch {copy.branch}, {kind}"


def _notes(runbook: Runbook, image: Image, copy: Repository | None) -> Iterator[str]:
    yield from image.notes
    for name in runbook.settings.secrets:
        if (os.environ.get(name) or "\0") in runbook.text:
            yield f"the value of the secret {name} stands in the document; it is shown as ***"
    yield from copy.notes if copy else (_described(copy, runbook),)
    unread = sum(block.kind is BlockKind.OTHER for block in runbook.blocks)
    if unread:
        counted = "1 code block is" if unread == 1 else f"{unread} code blocks are"
        yield f"{counted} not marked as shell, and not run"
    yield from _without_prompts(runbook)
    yield from (f"{runbook.path}:{e.line}: {e.why}" for e in runbook.untyped if not e.counts)


def _without_prompts(runbook: Runbook) -> Iterator[str]:
    transcripts = (block for block in runbook.blocks if block.kind is BlockKind.TRANSCRIPT)
    lines = [f"{runbook.path}:{block.line}" for block in transcripts if not block.commands]
    if lines:
        yield f"no line of these transcripts has a prompt, so nothing was run: {', '.join(lines)}"
