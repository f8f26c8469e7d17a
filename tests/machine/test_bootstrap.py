"""Which images can be had from the mirror of their distribution."""

import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from freshrun.machine.bootstrap import Release, release_of


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("debian", Release("debian", "stable")),
        ("debian:12", Release("debian", "bookworm")),
        ("debian:13-slim", Release("debian", "trixie")),
        ("docker.io/library/debian:bookworm", Release("debian", "bookworm")),
        ("ubuntu:24.04", Release("ubuntu", "noble")),
        ("library/ubuntu:jammy", Release("ubuntu", "jammy")),
        ("ubuntu", Release("ubuntu", "noble")),
        ("fedora:41", None),
        ("ubuntu:24.04@sha256:0", None),
        ("someone/debian:12", None),
        ("ghcr.io/library/ubuntu:24.04", None),
    ],
)
def test_a_release_is_known_by_number_and_by_name(image: str, release: Release | None) -> None:
    """Of Debian and Ubuntu, and of nobody's own image that is called like them."""
    assert release_of(image) == release


def test_ubuntu_has_its_sources_and_its_keys_with_it(tmp_path: Path) -> None:
    """A Debian host has neither: the archive, its updates, and the key that signs them."""
    noble = Release("ubuntu", "noble")
    assert [line.split()[2] for line in noble.sources] == [
        "noble",
        "noble-updates",
        "noble-security",
    ]
    assert Release("debian", "bookworm").sources == ()
    keys = tmp_path / "keys.gpg"
    keys.write_bytes(files("freshrun.machine").joinpath("ubuntu-archive-keyring.gpg").read_bytes())
    argv = ["gpg", "--homedir", str(tmp_path), "--show-keys", "--with-colons", str(keys)]
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    found = {line.split(":")[9] for line in told.splitlines() if line.startswith("fpr")}
    assert found == {
        "790BC7277767219C42C86F933B4FE6ACC0B21F32",
        "843938DF228D22F7B3742BC0D94AA3F0EFE21092",
        "F6ECB3762474EDA9D21B7022871920D1991BC93C",
    }
