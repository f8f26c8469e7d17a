"""The root file system of a distribution from its own mirror, for hosts that reach no registry."""

import platform
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import as_file, files
from pathlib import Path

import requests

from freshrun.host import environment, is_debian, is_root, progress, run
from freshrun.model import EngineError

_IMAGE = re.compile(
    r"(?:docker\.io/)?(?:library/)?(?P<system>debian|ubuntu)(?::(?P<tag>[a-z0-9.]+)(?:-slim)?)?"
)
_SUITES = {
    "debian": {
        "10": "buster",
        "11": "bullseye",
        "12": "bookworm",
        "13": "trixie",
        "latest": "stable",
    },
    "ubuntu": {"20.04": "focal", "22.04": "jammy", "24.04": "noble", "latest": "noble"},
}
_UBUNTU_KEYS = "ubuntu-archive-keyring.gpg"


@dataclass(frozen=True, slots=True)
class Release:
    """A release that the mirror of its distribution gives, such as `debian`, `bookworm`."""

    system: str
    suite: str

    @property
    def name(self) -> str:
        """Return what the image of it is called."""
        return f"{self.system}:{self.suite}"

    @property
    def mirror(self) -> str:
        """Return where its packages come from."""
        if self.system == "debian":
            return "http://deb.debian.org/debian"
        usual = platform.machine() in {"x86_64", "i686"}
        return f"http://{'archive.ubuntu.com/ubuntu' if usual else 'ports.ubuntu.com/ubuntu-ports'}"

    @property
    def sources(self) -> tuple[str, ...]:
        """Return what mmdebstrap is told of it; Debian's sources it knows by itself."""
        if self.system == "debian":
            return ()
        suites = (self.suite, f"{self.suite}-updates", f"{self.suite}-security")
        return tuple(f"deb {self.mirror} {each} main universe" for each in suites)


def release_of(image: str) -> Release | None:
    """Return the release that an image's name stands for, `None` for any other image."""
    match = _IMAGE.fullmatch(image)
    if not match:
        return None
    system, tag = match["system"], match["tag"] or "latest"
    return Release(system, _SUITES[system].get(tag, tag))


def bootstrap(release: Release, *, folder: Path, install: bool = False) -> tuple[Path, str]:
    """Build a minimal system in `folder`; return its tar archive and the program's name.

    Raises `EngineError` where neither mmdebstrap nor debootstrap is there (and root was not
    allowed to `install` one), and where the mirror does not give the release.
    """
    program = _program() or (_installed() if install and is_root() and is_debian() else None)
    if program is None:
        raise EngineError(
            "mmdebstrap, which could build it from the distribution's mirror, is not installed: "
            "`apt-get install mmdebstrap`, or as root add --install-engine"
        )
    _check_suite(release)
    archive = folder / f"{release.suite}.tar"
    doing = f"building {release.name} from {release.mirror} with {program} (about 30 s)"
    with progress(doing), _own_options(release) as own:
        # What is half done stays in `folder`, which the caller removes.
        if program == "mmdebstrap":
            argv = ["mmdebstrap", "--variant=minbase", *own, release.suite, str(archive)]
            run([*argv, *release.sources], env={"TMPDIR": str(folder)})
        else:
            _debootstrap(release, folder / "root", archive=archive, own=own)
    return archive, program


@contextmanager
def _own_options(release: Release) -> Iterator[tuple[str, ...]]:
    """Yield what Ubuntu needs beside Debian: its keys, which the host need not have, and apt.

    The keys are those of its package ubuntu-keyring 2023.11.28.1.
    """
    if release.system == "debian":
        yield ()
        return
    with as_file(files("freshrun.machine").joinpath(_UBUNTU_KEYS)) as path:
        # Ubuntu's own image has apt, which its packages call important and not required.
        yield (f"--keyring={path}", "--include=apt,ubuntu-keyring")


def _check_suite(release: Release) -> None:
    # Only the mirror's own "no" counts here: apt may reach it through a proxy of its own.
    with suppress(requests.RequestException):
        answer = requests.head(f"{release.mirror}/dists/{release.suite}/Release", timeout=10)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise EngineError(f'{release.mirror} has no suite "{release.suite}"')


def _debootstrap(release: Release, root: Path, *, archive: Path, own: tuple[str, ...]) -> None:
    argv = ["debootstrap", "--variant=minbase", *own, release.suite, str(root), release.mirror]
    # Debian's debootstrap has a script for each release of Ubuntu, and this one for new ones.
    run([*argv, *(["gutsy"] if release.system == "ubuntu" else [])])
    run(["tar", "-C", str(root), "--numeric-owner", "-cf", str(archive), "."])


def _program() -> str | None:
    path = environment()["PATH"]
    return next((p for p in ("mmdebstrap", "debootstrap") if shutil.which(p, path=path)), None)


def _installed() -> str:
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    packages = ["mmdebstrap", "debian-archive-keyring"]
    with progress("installing mmdebstrap with apt-get"):
        run(["apt-get", "update", "-q"], env=quiet)
        run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], env=quiet)
    return "mmdebstrap"
