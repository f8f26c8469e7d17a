"""A run split among machines, and joined again: the same split everywhere, and nothing lost."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from freshrun.document import read
from freshrun.fleet.asked import Shard, asked_shard
from freshrun.fleet.key import key_of
from freshrun.fleet.manifest import leave_manifest
from freshrun.fleet.shard import known_seconds, split
from freshrun.fleet.unit import Begun, Unit, units_of
from freshrun.model import (
    Command,
    Ending,
    FreshrunError,
    Options,
    Outcome,
    Record,
    Status,
    to_json,
)
from freshrun.rehearsal import decided
from freshrun.rehearsal.options import Choices

PROGRAM = str(Path(sys.executable).parent / "freshrun")
GOOD = "```bash\necho one\n```\n"
PASSED = Outcome(Command("true", "a.md", 1, 1, "", Options()), Status.PASSED, Ending.EXITED)


def units(number: int) -> tuple[Unit, ...]:
    """Return so many units."""
    return units_of([f"{each:03}.md" for each in range(number)], Choices())


def names(shard: Sequence[Unit]) -> list[str]:
    """Return the names of units."""
    return [unit.name for unit in shard]


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_the_split_is_the_same_in_whatever_order_they_are_named(of: int) -> None:
    """Each unit falls to one shard, and no shard is empty."""
    every = units(20)
    seconds = {unit.name: 100 / (number % 5 + 1) for number, unit in enumerate(every[:13])}
    first = split(every, of=of, seconds=seconds)
    mixed = every[::-2] + every[::2][::-1]
    assert {*mixed} == {*every}
    assert split(mixed, of=of, seconds=dict(reversed(seconds.items()))) == first
    assert sorted(name for shard in first for name in names(shard)) == sorted(names(every))
    assert all(first)


def test_the_longest_are_dealt_first() -> None:
    """So that no shard ends long after the others; each begins with its longest."""
    every = units(6)
    took = dict(zip(names(every), (10.0, 1.0, 9.0, 2.0, 8.0, 3.0), strict=True))
    shards = split(every, of=3, seconds=took)
    assert [names(shard) for shard in shards] == [
        ["000.md", "001.md"],
        ["002.md", "003.md"],
        ["004.md", "005.md"],
    ]
    assert [len(shard) for shard in split(every, of=3, seconds={"000.md": 0.0})] == [2, 2, 2]


def test_a_shard_with_nothing_to_do_is_refused() -> None:
    """It would prove nothing, and look green."""
    with pytest.raises(FreshrunError, match="there are 2 rehearsals"):
        split(units(2), of=3, seconds={})


def test_a_shard_is_a_part_of_so_many() -> None:
    """Anything else is one clear line."""
    assert asked_shard("2/4") == Shard(2, 4)
    assert asked_shard("") == Shard(1, 1)
    for wrong in ("0/4", "5/4", "1", "1/0", "a/b", "-1/2", "1/2/3", "²/4"):
        with pytest.raises(FreshrunError, match="1/4 to 4/4 are right"):
            asked_shard(wrong)


def record(name: str, *, run: str = "r", seconds: int = 1) -> Record:
    """Return the record of a pass."""
    begin, end = "2026-01-01T00:00:00Z", f"2026-01-01T00:00:{seconds:02}Z"
    return Record(name, "", begin, end, outcomes=(PASSED,), run=run)


def test_what_units_took_is_read_from_earlier_records_or_from_durations(tmp_path: Path) -> None:
    """The records say it of the whole document, the file by it of its commands."""
    (tmp_path / "old" / "deep").mkdir(parents=True)
    (tmp_path / "old" / "deep" / "x.json").write_text(to_json(record("a.md", seconds=7)), "utf-8")
    (tmp_path / "old" / "bad.json").write_text("{", "utf-8")
    runs = {"m, 1 processors": [1.0, 2.0, 3.0]}
    kept = {"b.md": {"one": runs, "two": runs, "few": {"m, 1 processors": [9.0]}}}
    (tmp_path / "durations.json").write_text(json.dumps(kept), "utf-8")
    every = units_of(["a.md", str(tmp_path / "b.md"), "c.md"], Choices())
    told = known_seconds(every, earlier=str(tmp_path / "old"))
    assert told == {"a.md": 7.0, str(tmp_path / "b.md"): 4.0}
    with pytest.raises(FreshrunError, match="there is no such folder"):
        known_seconds(every, earlier=str(tmp_path / "nowhere"))


class TestKey:
    """What tells one rehearsal from every other."""

    @pytest.fixture
    def document(self, tmp_path: Path) -> Path:
        """Return a document."""
        path = tmp_path / "one" / "a.md"
        path.parent.mkdir()
        path.write_text(GOOD, "utf-8")
        return path

    def key(self, document: Path, *, tree: str = "t", image: str = "i", **said: str | bool) -> str:
        """Return the key of a rehearsal of a document."""
        choices = Choices(**said)  # type: ignore[arg-type]  # whatever a row takes
        return key_of(decided(read(document), choices), document=document, tree=tree, image=image)

    def test_each_part_decides(self, document: Path) -> None:
        """Document, files, image, and every choice that changes what is typed or judged."""
        keys = {
            self.key(document),
            self.key(document, tree="u"),
            self.key(document, image="j"),
            self.key(document, strict=True),
            self.key(document, user="x"),
            self.key(document, k="x"),
            self.key(document, allow_host=True),
            self.key(document, github="recording"),
        }
        document.write_text(f"{GOOD}\n", "utf-8")
        keys.add(self.key(document))
        document.write_text(f"---\nfreshrun: {{timeout: 3s}}\n---\n{GOOD}", "utf-8")
        keys.add(self.key(document))
        document.write_text(f"---\nfreshrun: {{env: {{A: b}}}}\n---\n{GOOD}", "utf-8")
        keys.add(self.key(document))
        assert len(keys) == 11

    def test_another_checkout_has_the_same_one(self, document: Path, tmp_path: Path) -> None:
        """And so has another place of reports."""
        shutil.copytree(document.parent, tmp_path / "two")
        other = self.key(tmp_path / "two" / "a.md", json="x.json", html="y", keep_engine=True)
        assert other == self.key(document)


class Run:
    """Two shards of three documents, as if they had been rehearsed."""

    def __init__(self, folder: Path) -> None:
        """Leave the manifests and the records."""
        self.folder = folder
        for name in ("a.md", "b.md", "c.md"):
            (folder / name).write_text(GOOD, "utf-8")
        every = units_of(["a.md", "b.md", "c.md"], Choices())
        self.shards = split(every, of=2, seconds={})
        for number, shard in enumerate(self.shards, 1):
            self.leave(shard, Shard(number, 2))

    def leave(self, shard: Sequence[Unit], own: Shard) -> None:
        """Leave what one shard would."""
        place = self.folder / f"shard-{own.number}"
        begun = []
        for unit in shard:
            path = place / Path(unit.choices.json).name
            path.parent.mkdir(exist_ok=True)
            made = record(unit.document, run=f"run-{unit.name}")
            path.write_text(to_json(made), "utf-8")
            placed = replace(unit, choices=replace(unit.choices, json=str(path)))
            begun.append(Begun(placed, made))
        leave_manifest(self.shards, own, begun=begun)

    def merged(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Merge them as a user does."""
        argv = [PROGRAM, "merge", *(words or ("shard-1", "shard-2"))]
        return subprocess.run(argv, cwd=self.folder, capture_output=True, text=True, check=False)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the run, in its folder."""
    monkeypatch.chdir(tmp_path)
    return Run(tmp_path)


class TestMerge:
    """The records of all shards, joined."""

    @pytest.mark.parametrize("words", [("shard-1", "shard-2"), (".",), (".", "shard-1")])
    def test_all_of_them_are_one_pass(self, run: Run, words: tuple[str, ...]) -> None:
        """Named one by one, or the folder above them; a folder that is named twice is one."""
        done = run.merged(*words, "--junit=j.xml", "--html=site/index.html")
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.endswith("3 rehearsals: 3 passed\n")
        assert 'tests="3"' in (run.folder / "j.xml").read_text("utf-8")
        contents = (run.folder / "site" / "index.html").read_text("utf-8")
        links = re.findall(r'href="\./([^"]+)"', contents)
        assert len(links) == 3
        assert all((run.folder / "site" / link).is_file() for link in links)

    def test_a_missing_shard_is_broken(self, run: Run) -> None:
        """Each document that fell to it is named."""
        done = run.merged("shard-1")
        assert done.returncode == 2
        (line,) = (line for line in done.stdout.splitlines() if line.startswith("BROKEN"))
        assert line.split("  ")[-1] == "shard 2/2 is missing, and with it this record"
        assert "b.md" in line
        assert done.stdout.endswith("3 rehearsals: 1 broken, 2 passed\n")

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            (None, "the record can't be read"),
            ("{", "not a record of freshrun: not JSON"),
            ('{"schema": 2}', "schema is 2"),
            (to_json(record("b.md", run="other")), "is the record of another run"),
            ("\udcff", "the record can't be read"),
        ],
    )
    def test_a_record_that_is_none_is_broken(self, run: Run, text: str | None, told: str) -> None:
        """Gone, torn, of another version, or of an earlier run."""
        path = run.folder / "shard-2" / "record-b.md.json"
        if text is None:
            path.unlink()
        else:
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
        done = run.merged()
        assert done.returncode == 2
        (line,) = (line for line in done.stdout.splitlines() if "b.md" in line)
        assert line.startswith("BROKEN")
        assert told in line
        assert done.stdout.endswith("3 rehearsals: 1 broken, 2 passed\n")

    def test_what_is_not_of_one_run_is_refused_in_one_line(self, run: Run) -> None:
        """A shard twice, other text, another version, no shard at all."""
        shutil.copytree("shard-1", "again")
        assert self.refused(run, "shard-1", "shard-2", "again").startswith("shard 1 stands twice: ")
        assert "no shard left its manifest there" in self.refused(
            run, "../" + run.folder.name + "/x"
        )
        (run.folder / "a.md").write_text("other", "utf-8")
        shutil.rmtree("shard-2")
        run.leave(run.shards[1], Shard(2, 2))
        assert "are not of one run: they differ in a.md" in self.refused(run, ".", but="again")
        manifest = run.folder / "shard-2" / "manifest-2-of-2.json"
        told = json.loads(manifest.read_text("utf-8"))
        manifest.write_text(json.dumps({**told, "freshrun": "0.0.1"}), "utf-8")
        assert "was left by freshrun 0.0.1" in self.refused(run, ".")
        manifest.write_text(json.dumps({**told, "units": 3}), "utf-8")
        assert "is no manifest of a shard" in self.refused(run, ".")
        manifest.write_text("", "utf-8")
        assert "can't be read as the manifest" in self.refused(run, ".")
        assert "there is no such folder" in self.refused(run, "nowhere")

    def refused(self, run: Run, *words: str, but: str = "") -> str:
        """Return the one line that refuses a merge."""
        (run.folder / "x").mkdir(exist_ok=True)
        if but:
            shutil.rmtree(but)
        done = run.merged(*words)
        assert (done.returncode, done.stdout) == (2, "")
        (line,) = done.stderr.splitlines()
        return line


@pytest.mark.engine
def test_shards_rehearse_each_document_once(tmp_path: Path) -> None:
    """And leave what merging needs; a run in other parts takes the manifests of these away."""
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.md").write_text(GOOD, "utf-8")
    common = ("--image=debian:bookworm", "--keep-engine", "--json=out/r.json")

    def typed(*words: str) -> "subprocess.CompletedProcess[str]":
        argv = [PROGRAM, *words]
        return subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)

    first = typed("a.md", "b.md", "c.md", "--shard=1/2", *common)
    assert first.returncode == 0, first.stderr
    assert "2 rehearsals: 2 passed" in first.stdout
    assert typed("merge", "out").returncode == 2
    second = typed("c.md", "b.md", "a.md", "--shard=2/2", *common)
    assert "1 rehearsal: 1 passed" in second.stdout
    merged = typed("merge", "out")
    assert merged.returncode == 0, merged.stdout + merged.stderr
    assert "3 rehearsals: 3 passed" in merged.stdout
    assert typed("a.md", "b.md", "c.md", "--shard=4/4", *common).returncode == 2
    assert typed("a.md", "b.md", "c.md", "--shard=1/3", *common).returncode == 0
    assert "3 rehearsals: 2 broken, 1 passed" in typed("merge", "out").stdout
