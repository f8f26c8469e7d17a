"""A run of many on a cluster: what is sent there, what comes back, and what is kept of it here."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from freshrun.document import read
from freshrun.fleet import station
from freshrun.fleet.asked import Cluster
from freshrun.fleet.cluster import Brought, Office, Task, connection
from freshrun.fleet.errand import Errand, Sealed
from freshrun.fleet.journal import Journal, journal
from freshrun.fleet.key import key_of
from freshrun.fleet.outputs import settled
from freshrun.fleet.processes import Ended
from freshrun.fleet.rehearsing import Telling, longest_first, over_all, worst_of
from freshrun.fleet.unit import Begun
from freshrun.host import Bundle, bundle, enclosing, say
from freshrun.model import FreshrunError, Record, from_json
from freshrun.plugin.closing import clear, leave
from freshrun.plugin.preparing import report_files
from freshrun.rehearsal import RECORD, Choices, Project, Setup, decided


def rehearse_on(
    cluster: Cluster,
    plan: Sequence[Begun],
    choices: Choices,
    *,
    project: Project,
    seconds: Mapping[str, float],
) -> int:
    """Rehearse units that were announced on the workers of a cluster; return the worst exit code.

    What an earlier call has finished of the same, and was broken off, is not repeated.
    """
    telling = Telling()
    clear(over_all(choices))
    travellers = [_traveller(one, project) for one in longest_first(plan, seconds)]
    sent = _repository(plan)
    with connection(cluster) as client:
        office = Office(client, sent)
        images = office.ask_one(station.pin, sorted({one.image for one in travellers} - {""}))
        ready = [replace(one, image=images.get(one.image) or one.image) for one in travellers]
        _bring(office, _keyed(ready, sent), sent=sent, telling=telling)
    return worst_of(plan, choices, telling=telling)


@dataclass(frozen=True, slots=True)
class Traveller:
    """A unit that is announced, and what of this host goes with it.

    `image` is the name of an image, pinned where a registry knows it; empty where a recipe of the
    repository makes it. `choices` are as they are said on a worker.
    """

    begun: Begun
    choices: Choices
    secrets: Sealed
    image: str

    def key(self, sent: Bundle) -> str:
        """Return what tells this rehearsal from every other one."""
        document = Path(self.begun.unit.document)
        return key_of(self.begun.unit.choices, document=document, tree=sent.id, image=self.image)

    def errand(self, sent: Bundle, post: str) -> Errand:
        """Return what a worker is given."""
        return Errand(
            post,
            repository=sent.id,
            folder=os.path.relpath(Path.cwd(), _root()),
            document=os.path.relpath(self.begun.unit.document),
            choices=replace(self.choices, image=self.image or self.choices.image),
            word=self.begun.word,
            secrets=self.secrets,
        )


def _keyed(travellers: Sequence[Traveller], sent: Bundle) -> Mapping[str, Traveller]:
    """Return units by their keys; one that is named twice, as `a.md` and `./a.md`, has two."""
    keyed: dict[str, Traveller] = {}
    for one in travellers:
        key = one.key(sent)
        while key in keyed:
            key += "+"
        keyed[key] = one
    return keyed


def _bring(
    office: Office, tasks: Mapping[str, Traveller], *, sent: Bundle, telling: Telling
) -> None:
    """Have rehearsed what no earlier call has finished; tell of each as it is known."""
    with journal(tasks.keys()) as kept:
        earlier = {key: record for key in tasks if (record := kept.found(key))}
        if earlier:
            say(f"{len(earlier)} of {len(tasks)} were finished by a call that was broken off")
        for key, record in earlier.items():
            _take(tasks[key].begun, _known(record, tasks[key].begun), telling=telling)
        keeping = _Keeping(tasks, kept, telling)
        new = [Task(key, partial(tasks[key].errand, sent)) for key in tasks if key not in earlier]
        say(f"{len(new)} rehearsals on the cluster")
        office.bring(new, keeping)
        if not telling.lost:
            kept.forget()


def _known(record: Record, begun: Begun) -> Record:
    note = f"it was finished at {record.ended} by a call that was broken off, and not repeated"
    notes = (*record.provenance.notes, note)
    return replace(record, run=begun.word.run, provenance=replace(record.provenance, notes=notes))


@dataclass(frozen=True, slots=True)
class _Keeping:
    """Keeps what is brought: in the journal first, then in the places that were asked for."""

    tasks: Mapping[str, Traveller]
    journal: Journal
    telling: Telling

    def __call__(self, one: Brought) -> None:
        """Keep one record with its long outputs, and tell of it."""
        begun = self.tasks[one.task.key].begun
        if one.answer is None:
            self.telling(Ended(begun.unit, begun.word.refused(one.fault), lost=True))
            return
        record = _placed(from_json(one.answer.record, source=begun.unit.name), one.worker)
        record = settled(record, one.answer.files)
        self.journal.keep(one.task.key, record)
        _take(begun, record, telling=self.telling)


def _placed(record: Record, worker: str) -> Record:
    """Return a record that says which worker it is of."""
    notes = (*record.provenance.notes, f"rehearsed by the worker {worker} of a cluster")
    return replace(record, provenance=replace(record.provenance, notes=notes))


def _take(begun: Begun, record: Record, *, telling: Telling) -> None:
    leave(report_files(begun.unit.document, begun.unit.choices), record)
    telling(Ended(begun.unit, record))


def _traveller(begun: Begun, project: Project) -> Traveller:
    unit = begun.unit
    for name in ("update", "keep_durations"):
        if getattr(unit.choices, name):
            dashed = name.replace("_", "-")
            raise FreshrunError(f"--{dashed} writes beside the document, which --cluster can't do")
    setup = _setup(begun, project)
    image = setup.image if setup and not Path(setup.image).is_file() else ""
    choices = replace(
        unit.choices,
        image=_from_here(unit.choices.image, "image"),
        github=_from_here(unit.choices.github, "github"),
        json=RECORD,
        html="",
        junit="",
    )
    return Traveller(begun, choices, _secrets(setup), image)


def _setup(begun: Begun, project: Project) -> Setup | None:
    """Return what is decided of a unit; `None` where its document can't be read, as it will say."""
    choices = begun.unit.choices
    with suppress(FreshrunError):
        runbook = read(Path(begun.unit.document), unmarked=choices.unmarked)
        return decided(runbook, choices, project=project)
    return None


def _secrets(setup: Setup | None) -> Sealed:
    """Return the secrets that a document declares, and no other variable of this process."""
    names = setup.secrets if setup else ()
    return Sealed({name: os.environ[name] for name in names if name in os.environ})


def _from_here(name: str, option: str) -> str:
    """Return an option's path as seen from the working directory of a worker; a name as it is."""
    if not name or not Path(name).exists():
        return name
    if not Path(name).resolve().is_relative_to(_root()):
        raise FreshrunError(
            f"--{option} {name}: is outside of the repository {_root()}, which alone goes to a "
            "cluster"
        )
    return os.path.relpath(name)


def _root() -> Path:
    """Return the repository around the working directory."""
    root = enclosing(Path.cwd())
    if root is None:
        raise FreshrunError(
            "--cluster: the working directory is in no git repository, and a repository is what "
            'goes there: git init && git add . && git commit -m "The runbooks"'
        )
    return root


def _repository(plan: Sequence[Begun]) -> Bundle:
    """Return what goes to the workers; `FreshrunError` where a document is not in it."""
    root = _root()
    for document in (one.unit.document for one in plan):
        if enclosing(Path(document).resolve().parent) != root:
            raise FreshrunError(f"--cluster: {document} is not in the repository {root}")
    return bundle(Path.cwd() / "x")
