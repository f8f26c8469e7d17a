"""A run of many units: each told as it ends, all of them in one table, and one exit code."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from pathlib import Path

from freshrun import report
from freshrun.fleet.processes import Ended, rehearse_all
from freshrun.fleet.unit import Begun
from freshrun.fleet.workers import usual_workers
from freshrun.host import broken_code, say
from freshrun.machine import capacity, open_engine, reap
from freshrun.model import FreshrunError, Record, Status, from_json
from freshrun.plugin.alone import recorded
from freshrun.plugin.closing import CODES, ReportFiles, clear, refuse
from freshrun.plugin.preparing import report_files
from freshrun.rehearsal import Choices, Project, place_of, write_whole


def rehearse_each(
    plan: Sequence[Begun],
    choices: Choices,
    *,
    workers: int | None,
    project: Project,
    seconds: Mapping[str, float],
) -> int:
    """Rehearse units that were announced; return the worst of their exit codes.

    So many `workers` at a time; where nobody says, as many as the engine's host has room for.
    `seconds` are what units took earlier, by their names: the longest begin first.
    """
    telling = Telling()
    clear(over_all(choices))
    keep = choices.keep_engine or project.choices.keep_engine
    with open_engine(install=choices.install_engine, keep=keep) as engine:
        number = workers or usual_workers(capacity(engine), units=len(plan))
        say(f"{len(plan)} rehearsals, {min(number, len(plan))} at a time")
        longest = longest_first(plan, seconds)
        rehearse_all(longest, partial(_rehearsed, project), workers=number, tell=telling)
        if telling.lost:
            reap(engine)
    return worst_of(plan, choices, telling=telling)


def longest_first(plan: Sequence[Begun], seconds: Mapping[str, float]) -> list[Begun]:
    """Return units in the order in which they begin; `seconds` are what they took earlier."""
    return sorted(plan, key=lambda one: -seconds.get(one.unit.name, 0.0))


def worst_of(plan: Sequence[Begun], choices: Choices, *, telling: "Telling") -> int:
    """Tell of all units that have ended in one table; return the worst exit code."""
    lines = [telling.lines[one.unit.name] for one in plan]
    code = tell_all(lines, choices, records=partial(_stored, plan))
    return broken_code() if code == CODES[Status.BROKEN] else code


def over_all(choices: Choices) -> ReportFiles:
    """Return where the reports go that are one for all units."""
    page, junit = (Path(place) if place else None for place in (choices.html, choices.junit))
    return ReportFiles(None, page, junit)


def _rehearsed(project: Project, begun: Begun) -> Record:
    unit = begun.unit
    return recorded(unit.document, unit.choices, word=begun.word, project=project)


@dataclass(slots=True)
class Telling:
    """Tells a person of each unit as it ends; keeps a line of it, and not its record."""

    lines: dict[str, report.Line] = field(default_factory=dict)
    lost: bool = False

    def __call__(self, one: Ended) -> None:
        """Tell of one that has ended, and leave its record where its process could not."""
        record, files = one.record, report_files(one.unit.document, one.unit.choices)
        if one.lost:
            self.lost = True
            refuse(files, record, why=record.fault)
        name = one.unit.name.replace(one.unit.document, record.runbook, 1)
        self.lines[one.unit.name] = line = report.line(record, name=name)
        if record.verdict is Status.PASSED:
            _print(report.told(line, colour=_coloured()))
        else:
            path = str(place_of(Path(one.unit.choices.json), record.run))
            kept_going = one.unit.choices.keep_going
            told = report.terminal(record, colour=_coloured(), path=path, kept_going=kept_going)
            _print(f"\n{told}\n")


@dataclass(frozen=True, slots=True)
class Told:
    """A record with its unit's name, and the document and the image that make it.

    `page` is where its own page stands, empty where none is wanted.
    """

    name: str
    document: str
    image: str
    record: Record
    page: str = ""

    @property
    def entry(self) -> report.Entry:
        """Return its line on the page over all, without what no reader may see of the name."""
        name = self.name.replace(self.document, self.record.runbook, 1)
        image = self.image or self.record.provenance.image
        return report.Entry(report.line(self.record, name=name), image, Path(self.page).name)

    @property
    def named(self) -> Record:
        """Return the record under the name of its unit."""
        return replace(self.record, runbook=self.name)


def tell_all(
    lines: Sequence[report.Line], choices: Choices, *, records: Callable[[], Iterable[Told]]
) -> int:
    """Tell of all in one table, and write what is one for all; return the worst exit code.

    `records` gives them one after the other, as often as it is asked: together they may be larger
    than memory. What can't be written is no pass.
    """
    table = "\n\n".join([*_differences(records()), report.table(lines)])
    _print(f"\n{table}")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        _print(report.annotations(one.record for one in records()))
    worst = max(CODES[line.verdict] for line in lines)
    try:
        if choices.junit:
            write_whole(Path(choices.junit), report.junit_xml(one.named for one in records()))
        if choices.html and len(lines) > 1:
            contents = report.contents_page(one.entry for one in records())
            write_whole(Path(choices.html), contents)
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            with Path(summary).open("a", encoding="utf-8") as file:
                file.writelines(_summary(table, records()))
    except (FreshrunError, OSError) as error:
        say(str(error))
        return CODES[Status.BROKEN]
    return worst


def _differences(records: Iterable[Told]) -> Iterator[str]:
    """Yield where a document is not the same on each of its images, and what nobody ran."""
    for _document, group in groupby(records, key=lambda one: one.document):
        by_image = {one.image or one.record.provenance.image: one.record for one in group}
        yield from filter(None, (report.difference(by_image), report.nowhere(by_image.values())))


def _stored(plan: Sequence[Begun]) -> Iterator[Told]:
    """Yield the records that were left."""
    for begun in plan:
        place = place_of(Path(begun.unit.choices.json), begun.word.run)
        record = from_json(place.read_text("utf-8"), source=str(place))
        unit = begun.unit
        yield Told(unit.name, unit.document, unit.image, record, unit.choices.html)


def _summary(table: str, records: Iterable[Told]) -> Iterator[str]:
    yield f"```text\n{table}\n```\n\n"
    for one in records:
        if one.record.verdict is not Status.PASSED:
            yield report.step_summary(one.named)


def _coloured() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _print(text: str) -> None:
    if text:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
