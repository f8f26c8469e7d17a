"""A Debian root file system from Debian's own mirror, for hosts that reach no registry."""

import re
import shutil
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

import requests

from freshrun.host import environment, is_debian, is_root, progress, run
from freshrun.model import EngineError

MIRROR = "http://deb.debian.org/debian"
"""Where the packages come from."""

_IMAGE = re.compile(r"(?:docker\.io/)?(?:library/)?debian(?::(?P<tag>[a-z0-9]+)(?:-slim)?)?")
_SUITES = {"10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie", "latest": "stable"}


def suite_of(image: str) -> str | None:
    """Return the Debian suite that an image's name stands for, `None` for any other image."""
    match = _IMAGE.fullmatch(image)
    if not match:
        return None
    tag = match["tag"] or "latest"
    return _SUITES.get(tag, tag)


def bootstrap(suite: str, *, folder: Path, install: bool = False) -> tuple[Path, str]:
    """Build a suite's minimal system in `folder`; return its tar archive and the program's name.

    Raises `EngineError` where neither mmdebstrap nor debootstrap is there (and root was not
    allowed to `install` one), and where the mirror does not give the suite.
    """
    program = _program() or (_installed() if install and is_root() and is_debian() else None)
    if program is None:
        raise EngineError(
            "mmdebstrap, which could build it from Debian's mirror, is not installed: "
            "`apt-get install mmdebstrap`, or as root add --install-engine"
        )
    _check_suite(suite)
    archive = folder / f"{suite}.tar"
    with progress(f"building debian:{suite} from {MIRROR} with {program} (about 30 s)"):
        # What is half done stays in `folder`, which the caller removes.
        if program == "mmdebstrap":
            argv = ["mmdebstrap", "--variant=minbase", suite, str(archive)]
            run(argv, env={"TMPDIR": str(folder)})
        else:
            _debootstrap(suite, folder / "root", archive=archive)
    return archive, program


def _check_suite(suite: str) -> None:
    # Only the mirror's own "no" counts here: apt may reach it through a proxy of its own.
    with suppress(requests.RequestException):
        answer = requests.head(f"{MIRROR}/dists/{suite}/Release", timeout=10)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise EngineError(f'{MIRROR} has no suite "{suite}"')


def _debootstrap(suite: str, root: Path, *, archive: Path) -> None:
    run(["debootstrap", "--variant=minbase", suite, str(root), MIRROR])
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
