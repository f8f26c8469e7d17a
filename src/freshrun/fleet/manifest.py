"""What each shard leaves beside its records: all that every shard was to rehearse."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from msgspec import ValidationError, convert

from freshrun.fleet.asked import Shard
from freshrun.fleet.key import key_of
from freshrun.fleet.unit import Begun, Unit
from freshrun.host import root_of, tree_of
from freshrun.model import FreshrunError
from freshrun.rehearsal import Choices, write_whole

PATTERN = "manifest-*-of-*.json"
"""The names of such files."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One unit of a run: its key, whose it is, and where its record stands beside the manifest."""

    name: str
    document: str
    image: str
    key: str
    shard: int
    record: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All units of a run, and which of them were this shard's own: `runs` are those, by name.

    Every field but the last two is the same in each shard of a run.
    """

    freshrun: str
    of: int
    units: tuple[Entry, ...]
    shard: int
    runs: Mapping[str, str]


def leave_manifest(
    shards: Sequence[Sequence[Unit]], shard: Shard, *, begun: Sequence[Begun]
) -> Path:
    """Leave the manifest of a shard beside its records, and take away those of another split.

    `begun` are the shard's own units. Returns where it stands.
    """
    manifest = Manifest(
        freshrun=version("freshrun"),
        of=shard.of,
        units=tuple(_entries(shards)),
        shard=shard.number,
        runs={one.unit.name: one.word.run for one in begun},
    )
    folder = Path(begun[0].unit.choices.json).parent
    for path in folder.glob(PATTERN):
        if not path.name.endswith(f"-of-{shard.of}.json"):
            path.unlink(missing_ok=True)
    own = folder / f"manifest-{shard.number}-of-{shard.of}.json"
    write_whole(own, f"{json.dumps(asdict(manifest), indent=1)}\n")
    return own


def _entries(shards: Sequence[Sequence[Unit]]) -> Iterator[Entry]:
    """Yield an entry for each unit; its image is known by name alone before an engine is asked."""
    trees: dict[tuple[Path, bool], str] = {}
    for number, units in enumerate(shards, 1):
        for unit in units:
            document, choices = Path(unit.document), unit.choices
            place = root_of(document), choices.worktree
            if place not in trees:
                trees[place] = tree_of(place[0], worktree=choices.worktree)
            key = key_of(choices, document=document, tree=trees[place], image=_image(choices))
            yield Entry(unit.name, unit.document, unit.image, key, number, Path(choices.json).name)


def _image(choices: Choices) -> str:
    """Return what stands for the digest of an image: its recipe, or its name."""
    with suppress(OSError):
        return hashlib.sha256(Path(choices.image).read_bytes()).hexdigest()
    return choices.image


def read_manifest(path: Path) -> Manifest:
    """Return what a shard left; `FreshrunError`, in one line, for what is none of this version."""
    try:
        read: object = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise FreshrunError(f"{path}: can't be read as the manifest of a shard: {error}") from None
    told = str(read.get("freshrun", "")) if isinstance(read, dict) else ""
    if told and told != version("freshrun"):
        raise FreshrunError(
            f"{path}: was left by freshrun {told}, and this is {version('freshrun')}; "
            "merge with the version that rehearsed"
        )
    try:
        return convert(read, Manifest)
    except ValidationError as error:
        raise FreshrunError(f"{path}: is no manifest of a shard: {error}") from None
