"""The records of all shards, joined into one verdict: what is missing is broken."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from freshrun import report
from freshrun.fleet.manifest import PATTERN, Entry, Manifest, read_manifest
from freshrun.fleet.rehearsing import Told, tell_all
from freshrun.model import FreshrunError, Record, from_json
from freshrun.rehearsal import Choices, own_place, write_whole


def merge(folders: Sequence[str], choices: Choices) -> int:
    """Tell of the records that shards left below folders; return the worst exit code.

    `choices` say where reports go. `FreshrunError` where they are not those of one run.
    """
    found = found_in(folders)
    lines = []
    for one in joined(found, html=choices.html):
        lines.append(report.line(one.record, name=one.name))
        if one.page:
            write_whole(Path(one.page), report.html(one.named))
    return tell_all(lines, choices, records=lambda: joined(found, html=choices.html))


@dataclass(frozen=True, slots=True)
class Found:
    """The manifests of one run, by the number of the shard; each with the folder it stands in."""

    manifests: Mapping[int, Manifest]
    folders: Mapping[int, Path]

    @property
    def units(self) -> Sequence[Entry]:
        """Return every unit of the run, by name."""
        (first, *_) = self.manifests.values()
        return sorted(first.units, key=lambda unit: (unit.document, unit.image))


def found_in(folders: Sequence[str]) -> Found:
    """Return what shards left below folders.

    `FreshrunError`, in one line, where nothing stands there, where a shard stands twice, and where
    two shards are not of one run: other documents, another commit, other options.
    """
    manifests: dict[int, Manifest] = {}
    places: dict[int, Path] = {}
    for path in _manifests(folders):
        manifest = read_manifest(path)
        if (earlier := places.get(manifest.shard)) is not None:
            raise FreshrunError(f"shard {manifest.shard} stands twice: {earlier} and {path}")
        for number, other in manifests.items():
            _check_alike(manifest, other, names=(path, places[number]))
        manifests[manifest.shard], places[manifest.shard] = manifest, path
    return Found(manifests, {number: path.parent for number, path in places.items()})


def _manifests(folders: Sequence[str]) -> list[Path]:
    for folder in folders:
        if not Path(folder).is_dir():
            raise FreshrunError(f"{folder}: there is no such folder")
    # Two of the folders may be one, or one inside the other.
    paths = {path.resolve(): path for each in folders for path in Path(each).rglob(PATTERN)}
    if not paths:
        raise FreshrunError(
            f"{', '.join(folders)}: no shard left its manifest there; "
            "`freshrun FILE... --shard 1/4` leaves one"
        )
    return sorted(paths.values())


def _check_alike(one: Manifest, other: Manifest, *, names: tuple[Path, Path]) -> None:
    if one.of != other.of:
        raise FreshrunError(
            f"{names[0]} is of a run in {one.of} shards, and {names[1]} of one in {other.of}"
        )
    if one.units != other.units:
        ours, theirs = ({unit.name: unit for unit in each.units} for each in (one, other))
        differing = next(
            name for name in sorted({*ours, *theirs}) if ours.get(name) != theirs.get(name)
        )
        raise FreshrunError(
            f"{names[0]} and {names[1]} are not of one run: they differ in {differing} "
            "(its text, the commit, the options, or the shard that it falls to)"
        )


def joined(found: Found, *, html: str = "") -> Iterator[Told]:
    """Yield the record of every unit of the run, by name; one that is missing is broken.

    `html` is where the page over all goes, empty where no pages are wanted.
    """
    names = [unit.name for unit in found.units]
    for unit in found.units:
        try:
            record = _record(unit, found)
        except FreshrunError as error:
            record = Record(unit.document, "", "", "", fault=str(error))
        page = str(own_place(html, unit.name, among=names)) if html else ""
        yield Told(unit.name, unit.document, unit.image, record, page)


def _record(unit: Entry, found: Found) -> Record:
    manifest = found.manifests.get(unit.shard)
    if manifest is None:
        of = next(iter(found.manifests.values())).of
        raise FreshrunError(f"shard {unit.shard}/{of} is missing, and with it this record")
    run = manifest.runs.get(unit.name, "")
    path = found.folders[unit.shard] / unit.record
    beside = path.with_name(f"{path.stem}-{run}{path.suffix}")
    place = beside if beside.exists() else path
    try:
        record = from_json(place.read_text("utf-8"), source=str(place))
    except (OSError, UnicodeDecodeError) as error:
        raise FreshrunError(f"{place}: the record can't be read: {error}") from None
    if record.run != run:
        raise FreshrunError(f"{place}: is the record of another run than shard {unit.shard}'s")
    return record
