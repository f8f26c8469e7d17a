"""Everything that stands ready before the first command: engine, image, machine, stand-ins."""

import os
import re
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING

from freshrun.document import systems_named
from freshrun.host import Repository, repository
from freshrun.machine import (
    Engine,
    Limits,
    Machine,
    open_engine,
    prune,
    reap,
    resolve,
    system_of,
)
from freshrun.mask import SHORTEST, Mask
from freshrun.model import BlockKind, FreshrunError, MachineError, Provenance, Runbook
from freshrun.rehearsal.image_names import shown_image
from freshrun.rehearsal.setup import Setup, fault_of_github
from freshrun.rehearsal.source import path_from_root, source

if TYPE_CHECKING:  # what is slow to load is loaded where a recording is shown
    from freshrun.github import Fault, Installation, Way

_GITHUB_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")
_RECORDED_TOKEN = "a-recorded-run-asks-for-no-real-token"  # noqa: S105 - it opens nothing
_FAULTY = "/opt/freshrun/faulty-github"
_READY = 15.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A machine that waits for the first command.

    `stand_ins` are what a verdict has to name; `system` is what the machine called itself then.
    """

    machine: Machine
    engine: Engine
    stand_ins: tuple[str, ...]
    system: str

    @property
    def standing(self) -> tuple[str, ...]:
        """Return those of its notes that are the same for each run on this host."""
        return (*self.machine.notes, *self.machine.image.notes)

    def provenance(self, runbook: Runbook, setup: Setup, *, copy: Repository | None) -> Provenance:
        """Return where a document is rehearsed here; `copy` is what the machine was given."""
        found = _provenance(self, setup, copy=copy)
        notes = (*_notes(runbook, setup), *_elsewhere(runbook, setup, found))
        return replace(found, notes=(*found.notes, *notes))


@contextmanager
def open_stage(setup: Setup) -> Iterator[Stage]:
    """Yield the stage for a run; everything that it opened is closed at the end.

    Containers that a killed run left are removed first. Raises `FreshrunError` where something
    that is needed can't be had.
    """
    github, secrets = _github(setup), _secrets(setup)
    with open_engine(install=setup.install_engine, keep=setup.keep_engine) as engine:
        reap(engine)
        image = resolve(setup.image, engine=engine, install=setup.install_engine)
        copy = repository(setup.document, worktree=setup.worktree, url=setup.repository)
        with Machine(
            image,
            engine=engine,
            user=setup.user or None,
            network=setup.network,
            allow_host=setup.allow_host,
            limits=Limits(memory=setup.memory),
            env={**setup.env, **secrets, **(github.environment if github else {})},
            repository=copy,
        ) as machine:
            stand_ins = tuple(_stand_ins(setup, machine, github=github))
            yield Stage(machine, engine, stand_ins, system_of(machine))


def tidied(engine: Engine) -> str:
    """Remove what freshrun left and made on an engine; return what that was, in a sentence."""
    machines = len(reap(engine))
    gone, used = prune(engine)
    return f"{gone} images and {machines} machines of killed runs removed; {used} images are in use"


def mask(secrets: Sequence[str]) -> Mask:
    """Return what hides the secrets of these names: this process's values, and a stand-in's."""
    values = [os.environ.get(name, "") for name in secrets]
    values += [_RECORDED_TOKEN] if set(secrets) & set(_GITHUB_TOKENS) else []
    return Mask(value for value in values if len(value.strip()) >= SHORTEST)


def real_bd(said: str) -> str:
    """Return what the verdict says of a real `bd`, from what `bd version` answers."""
    version = re.search(r"\bbd version (\d+(?:\.\d+)*\S*)", said)
    return f"bd: against bd {version[1]}" if version else "bd: the real one, and none answers"


def faulty_github(setup: Setup, machine: Machine, *, fault: str) -> Mapping[str, str]:
    """Serve the run's recording once more, with a fault; return what gh needs to see that.

    `fault` is a name in `freshrun.github.FAULTS`. GitHub itself can't be made to fail: where the
    caller asks for it, the faults are those of the recording that the runbook names. Who asks for
    one fault asks for the others next: the servers of all are started with the first.
    `FreshrunError` where nobody names a recording, or there is no such fault.
    """
    switched_on = fault_of_github(fault)
    if setup.failing is None:
        raise FreshrunError(
            f"{setup.document}: only a recorded run can fail on purpose: set github:"
        )
    from freshrun.github import FAULTS, installation, read_recording  # noqa: PLC0415 - same

    recording, via = read_recording(setup.failing), _way(setup)

    def faulty(one: "Fault") -> "Installation":
        return installation(recording, root=f"{_FAULTY}/{one.name}", fault=one, via=via)

    wanted = faulty(switched_on)
    if not machine.exists(wanted.socket):
        _serve(machine, wanted, *(faulty(one) for one in FAULTS.values() if one != switched_on))
    return wanted.environment


def _way(setup: Setup) -> "Way":
    return "proxy" if setup.github_via == "proxy" else "socket"


def _github(setup: Setup) -> "Installation | None":
    if setup.recorded is None:
        return None
    from freshrun.github import (  # noqa: PLC0415 - most runs are shown no recording
        NO_FAULT,
        installation,
        read_recording,
    )

    fault = fault_of_github(setup.github_fault) if setup.github_fault else NO_FAULT
    return installation(read_recording(setup.recorded), fault=fault, via=_way(setup))


def _secrets(setup: Setup) -> Mapping[str, str]:
    """Return the declared secrets by name, from this process's environment."""
    values = dict.fromkeys(_GITHUB_TOKENS, _RECORDED_TOKEN) if setup.recorded else {}
    found = {name: values.get(name) or os.environ.get(name) for name in setup.secrets}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise FreshrunError(
            f"{setup.document}: the declared secret {missing[0]} is not set; "
            f"export {missing[0]}=... before the run"
        )
    for name, value in found.items():
        _check_length(setup, name, value=value or "")
    return {name: value for name, value in found.items() if value}


def _check_length(setup: Setup, name: str, *, value: str) -> None:
    length = len(value.strip())
    if length < SHORTEST:
        raise FreshrunError(
            f"{setup.document}: the declared secret {name} has {length} character(s); hiding that "
            f"would hide half of every report: it needs {SHORTEST}, or belongs under env"
        )


def _stand_ins(setup: Setup, machine: Machine, *, github: "Installation | None") -> Iterator[str]:
    """Put the stand-ins into the machine; yield what the verdict says of each."""
    if github is not None:
        _serve(machine, github)
        fault = f", with the fault {setup.github_fault}" if setup.github_fault else ""
        yield f"gh: the recorded run {setup.github}, not GitHub{fault}"
    if setup.bd == "stand-in":
        from freshrun.beads import stand_in  # noqa: PLC0415 - slow to load for one word of it

        source = files("freshrun.beads").joinpath("stand_in.py").read_bytes()
        machine.write("/usr/local/bin/bd", source, mode=0o755, user="root")
        yield f"bd: freshrun's stand-in {stand_in.VERSION}, not the real beads"


def _serve(machine: Machine, *github: "Installation") -> None:
    """Start servers in the machine, all at once, and wait until each of them is ready."""
    by_path = {path.lstrip("/"): text for one in github for path, text in one.files.items()}
    machine.write_tree(by_path, folder="/", user="root")
    private = {path.lstrip("/"): text for one in github for path, text in one.private.items()}
    machine.write_tree(private, folder="/", mode=0o600, user="root")
    started = " & ".join(shlex.join(one.command) for one in github)
    machine.start(("sh", "-c", f"{started} & wait"), user="root")
    ready = " && ".join(shlex.join(one.ready) for one in github)
    deadline = time.monotonic() + _READY
    while machine.run(("sh", "-c", ready)).exit_code != 0:
        if time.monotonic() > deadline:
            raise MachineError(
                "the recorded GitHub run is not served in the machine; its image needs python3"
            )
        time.sleep(0.05)


def _provenance(stage: Stage, setup: Setup, *, copy: Repository | None) -> Provenance:
    machine, engine = stage.machine, stage.engine
    path = path_from_root(setup.document) if copy else ""
    return Provenance(
        image=shown_image(machine.image.name),
        image_id=machine.image.id,
        user=machine.user,
        engine=f"{engine.name} {engine.version}",
        git_commit=copy.commit if copy else None,
        repository=_described(copy, setup),
        network=setup.network,
        stand_ins=stage.stand_ins,
        notes=(
            *stage.standing,
            *(copy.notes if copy else (_described(copy, setup),)),
        ),
        path=path,
        source=source(copy, path=path) if copy else "",
        system=stage.system,
    )


def _described(copy: Repository | None, setup: Setup) -> str:
    if copy is None:
        return f"{setup.document} is in no git repository: the machine starts without files"
    kind = "what git would commit now" if copy.worktree else "the committed state"
    return f"{copy.name}, branch {copy.branch}, {kind}"


def _notes(runbook: Runbook, setup: Setup) -> Iterator[str]:
    for name in setup.secrets:
        if (os.environ.get(name) or "\0") in runbook.text:
            yield f"the value of the secret {name} stands in the document; it is shown as ***"
    unread = sum(block.kind is BlockKind.OTHER for block in runbook.blocks)
    if unread:
        counted = "1 code block is" if unread == 1 else f"{unread} code blocks are"
        yield f"{counted} not marked as shell, and not run"
    yield from _without_prompts(runbook)
    yield from (f"{runbook.path}:{e.line}: {e.why}" for e in runbook.untyped if not e.counts)


def _elsewhere(runbook: Runbook, setup: Setup, provenance: Provenance) -> Iterator[str]:
    """Yield the images and systems that the document says it is for, and this run was not on."""
    if setup.other_images:
        yield (
            f"{runbook.path}: the document lists {len(setup.other_images) + 1} images, and this "
            f"run was on the first; not on {', '.join(setup.other_images)}, which "
            f"`freshrun {runbook.path}` rehearses, too"
        )
    others = [one for one in systems_named(runbook) if not one.matches(provenance.system)]
    if others:
        named = ", ".join(map(str, others))
        yield (
            f"{runbook.path}:{others[0].line}: the document names {named}; this run was on "
            f"{provenance.system or provenance.image}"
        )


def _without_prompts(runbook: Runbook) -> Iterator[str]:
    transcripts = (block for block in runbook.blocks if block.kind is BlockKind.TRANSCRIPT)
    lines = [f"{runbook.path}:{block.line}" for block in transcripts if not block.commands]
    if lines:
        yield f"no line of these transcripts has a prompt, so nothing was run: {', '.join(lines)}"
