"""The files of a container, put in and taken out through the engine."""

import base64
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath
from types import MappingProxyType

import docker
import requests

from freshrun.host import unpack
from freshrun.machine.engine import PATIENCE, WORK, refusals
from freshrun.model import MachineError

LARGEST = 256 * 2**20
"""How many bytes `Disk.read` and `Disk.tree` take out of a machine at most."""

_CHUNK = 1 << 20
_FOLDER = 1 << 31  # Go's os.ModeDir, in which the engine speaks.


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of one container; its methods raise `MachineError` where the engine fails."""

    api: docker.APIClient
    id: str

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, `None` where there is no such file."""
        found = self._behind(path)
        if found is None or found.is_folder:
            return None
        return next(iter(self._files(found.path).values()), None)

    def tree(self, folder: str) -> Mapping[str, bytes]:
        """Return the regular files below `folder` by relative path; none where it is missing."""
        found = self._behind(folder)
        if found is None:
            return MappingProxyType({})
        files = self._files(found.path)
        below = ((name.partition("/")[2], data) for name, data in files.items())
        return MappingProxyType({name: data for name, data in below if name})

    def exists(self, path: str) -> bool:
        """Tell whether a file or directory of that name is in the machine."""
        return self._stat(path) is not None

    def missing(self, folders: Iterable[str]) -> list[str]:
        """Return what must be made so that `folders` exist, parents first."""
        paths = {PurePosixPath(f) for f in folders}
        every = {str(p) for path in paths for p in (path, *path.parents)}
        return [path for path in sorted(every) if not self.exists(path)]

    def put(self, archive: bytes) -> None:
        """Unpack an archive at the root."""
        with refusals("put files into the machine", error=MachineError):
            answer = self._archived("PUT", "/", data=archive, timeout=WORK)
            if not answer.ok:
                self.api.inspect_container(self.id)
                raise MachineError(f"files could not be put into the machine: {_words(answer)}")

    def _behind(self, path: str) -> "_Stat | None":
        """Return what stands at a path, or where a link there leads; `None` where nothing does."""
        stat = self._stat(path)
        return self._stat(stat.target) if stat and stat.target else stat

    def _stat(self, path: str) -> "_Stat | None":
        with refusals(f"look at {path} in the machine", error=MachineError):
            answer = self._archived("HEAD", path)
            if answer.status_code == HTTPStatus.NOT_FOUND:
                # No such path; or no such machine, which this raises for.
                self.api.inspect_container(self.id)
                return None
            if answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR and self._in_a_file(path):
                return None
            answer.raise_for_status()
        stat = json.loads(base64.b64decode(answer.headers["X-Docker-Container-Path-Stat"]))
        return _Stat(path, str(stat["linkTarget"]), is_folder=bool(stat["mode"] & _FOLDER))

    def _in_a_file(self, path: str) -> bool:
        """Tell whether a path leads on behind a file, which the engine takes for its own fault."""
        above = self._behind(str(PurePosixPath(path).parent))
        return above is None or not above.is_folder

    def _files(self, path: str) -> dict[str, bytes]:
        archive = io.BytesIO()
        with (
            refusals(f"read {path} in the machine", error=MachineError),
            self._archived("GET", path) as answer,
        ):
            answer.raise_for_status()
            for chunk in answer.iter_content(_CHUNK):
                archive.write(chunk)
                if archive.tell() > LARGEST:
                    raise MachineError(f"{path} in the machine holds more than {LARGEST} bytes")
        return unpack(archive.getvalue())

    def _archived(
        self, method: str, path: str, *, data: bytes | None = None, timeout: int = PATIENCE
    ) -> requests.Response:
        # The client's own methods know no HEAD, no limit, and no way to leave off in the middle.
        api = self.api
        url = f"{api.base_url}/v{api.api_version}/containers/{self.id}/archive"
        return api.request(
            method, url, params={"path": path}, data=data, stream=True, timeout=timeout
        )


def _words(answer: requests.Response) -> str:
    """Return the engine's own words for a refusal."""
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError):
        return f"{answer.status_code} {answer.reason}"


@dataclass(frozen=True, slots=True)
class _Stat:
    """A path in the machine; `target` is where a symbolic link points, else empty."""

    path: str
    target: str
    is_folder: bool
