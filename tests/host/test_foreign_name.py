"""Names that somebody else gave, and zips that hold them: nothing of it leaves its folder."""

import io
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freshrun.github.recorder import unzipped as module
from freshrun.github.recorder.unzipped import unzipped
from freshrun.github.replay import RecordingError
from freshrun.host.foreign_name import clash, shown, unfit

HOSTILE = {
    "../evil": "leads out",
    "a/../../evil": "leads out",
    "..": "leads out",
    "/etc/passwd": "leads out",
    "//host/share": "leads out",
    "..\\evil": "leads out",
    "C:evil": "leads out",
    "c:/evil": "leads out",
    "": "leads out",
    "a//b": "no plain path",
    "./a": "no plain path",
    "a/.": "no plain path",
    "a\0.txt": "a character",
    "a\nb": "a character",
    "\x1b[2J": "a character",
    "a\u202egpj.exe": "a character",
    "a" * 256: "longer than",
    "ä" * 128: "longer than",
    "a/" * 600 + "a": "longer than",
    "NUL": "a device",
    "logs/con.txt": "a device",
    "aux/a": "a device",
    "lpt1": "a device",
    "COM² .log": "a device",
}
FIT = ["a", "junit.xml", "Größe-日本.json", "a b (3.11, x)/1_Set up.txt", "..a", "a..", "console"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_must_not_be_written_says_why(name: str) -> None:
    """Ways out, characters that nobody sees, lengths and devices."""
    assert HOSTILE[name] in unfit(name)


@pytest.mark.parametrize("name", FIT)
def test_names_that_runs_really_have_are_fit(name: str) -> None:
    """Blanks, brackets, letters of any script and dots are no danger."""
    assert not unfit(name)


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_no_fit_name_leaves_its_folder(name: str) -> None:
    """Whatever is fit stands below the folder that it is written to."""
    if not unfit(name):
        place = Path("/folder", name)
        assert Path("/folder") in place.parents
        assert ".." not in place.parts
    assert "\n" not in shown(name)


@pytest.mark.parametrize(
    ("names", "two"),
    [
        (["a", "b", "a"], ("a", "a")),
        (["A.txt", "b", "a.TXT"], ("A.txt", "a.TXT")),
        (["d/x", "D/X"], ("d/x", "D/X")),
        (["a", "a/b"], ("a", "a/b")),
        (["a/b/c", "A/b"], ("a/b/c", "A/b")),
        (["a/x", "A/y"], ("a/x", "A/y")),
        (["a/b", "a/c", "ab"], None),
    ],
)
def test_names_that_no_folder_can_hold_together_are_found(
    names: list[str], two: tuple[str, str] | None
) -> None:
    """The same, the same but for case, and a file where a folder has to be."""
    assert clash(names) == two


def zipped(*names: str, content: bytes = b"x", mode: int = 0) -> bytes:
    """Return a zip with files of these names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            entry = zipfile.ZipInfo("placeholder")
            entry.filename = entry.orig_filename = name
            entry.external_attr = mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def refused(archive: bytes) -> str:
    """Return the one line that an archive is refused with."""
    with pytest.raises(RecordingError) as caught:
        unzipped(archive, where="results")
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.mark.parametrize("name", [name for name in HOSTILE if name])
def test_a_zip_with_a_hostile_name_is_refused(name: str) -> None:
    """Before a byte of it is unpacked, with the name made harmless."""
    assert HOSTILE[name] in refused(zipped("junit.xml", name))


def test_a_link_in_a_zip_is_refused() -> None:
    """So is whatever else is no plain file."""
    assert 'holds "a", which is a link' in refused(zipped("a", content=b"/etc", mode=0o120777))
    assert "is no plain file" in refused(zipped("a", mode=0o010666))


def test_two_names_of_one_file_are_refused() -> None:
    """A folder on another machine would lose one of them."""
    assert 'that no folder can: "A.xml" and "a.xml"' in refused(zipped("A.xml", "a.xml"))
    assert 'that no folder can: "a" and "a/b"' in refused(zipped("a", "a/b"))


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many bytes behind few, in one file or in several over the same ones."""
    monkeypatch.setattr(module, "LARGEST", 1_000_000)
    half = b"\0" * 500_001
    assert "unpacks to 1,000,002 bytes; 1,000,000 at" in refused(zipped("a", "b", content=half))
    many = zipped(*map(str, range(module.MOST_FILES + 1)))
    assert "holds 20,001 files; 20,000 at most are taken" in refused(many)


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    """No more is unpacked than was declared, and the checksum tells."""
    archive = zipped("a", content=b"\0" * 10_000_000)
    lying = archive.replace(struct.pack("<L", 10_000_000), struct.pack("<L", 10))
    began = time.monotonic()
    assert "the archive is damaged" in refused(lying)
    assert time.monotonic() - began < 1


def patched(archive: bytes, *, offset: int, value: int) -> bytes:
    """Return the zip with another word in both headers of its only file."""
    word = struct.pack("<H", value)
    central = archive.index(b"PK\x01\x02") + 2 + offset
    data = bytearray(archive)
    data[offset : offset + 2] = data[central : central + 2] = word
    return bytes(data)


@pytest.mark.parametrize(
    ("archive", "said"),
    [
        (patched(zipped("a"), offset=6, value=1), 'holds "a", which is encrypted'),
        (patched(zipped("a"), offset=8, value=97), "the archive is damaged: "),
        (zipped("a").replace(zlib.compress(b"x", 6)[2:-4], b"\xff\xff\xff"), "is damaged: "),
        (b"", "is damaged: File is not a zip file"),
        (b"PK\x05\x06" + b"\xff" * 18, "is damaged: "),
        (zipped("a")[:-30], "is damaged: "),
        (zipped("a")[40:], "is damaged: "),
    ],
    ids=["encrypted", "another method", "bytes", "empty", "numbers", "cut off", "beheaded"],
)
def test_a_damaged_zip_is_refused(archive: bytes, said: str) -> None:
    """Each way to break one ends with one line, and never with a traceback."""
    assert said in refused(archive)


@given(st.data())
def test_no_broken_zip_is_a_traceback(data: st.DataObject) -> None:
    """A zip with any of its bytes changed is read, or refused with one line."""
    archive = bytearray(zipped("a/b.txt", "c", content=b"hello world " * 5))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(archive) - 1))
        archive[place] = data.draw(st.integers(0, 255))
    try:
        files = unzipped(bytes(archive), where="x")
    except RecordingError as problem:
        files = {}
        said = str(problem)
    else:
        said = ""
    assert "\n" not in said
    assert not any(unfit(name) for name in files)
