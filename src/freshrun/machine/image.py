"""The image that a machine starts from: a Dockerfile or a name, and what has to be under it."""

import hashlib
import io
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten

import docker
import docker.auth
import docker.errors
import requests
from docker.models.images import Image as DockerImage
from docker.utils import parse_repository_tag

from freshrun.host import last_lines, pack, progress, say
from freshrun.machine.bootstrap import Release, bootstrap, release_of
from freshrun.machine.engine import Engine, connected, heard, refusals
from freshrun.machine.scratch import one_at_a_time, scratch, sweep
from freshrun.machine.trust import host_trust, trusting
from freshrun.model import EngineError

BASE = "debian:bookworm-slim"
"""What a Dockerfile with a bare `ARG BASE` is built on."""

SILENCE = 20.0
"""After how many seconds without a word a registry counts as not reachable."""

DAY = 24 * 60 * 60.0
"""How long an image that a newer build replaced is kept, in seconds."""

MOST = 30
"""How many images are kept, of all that were built."""

_MINUTE = 60.0
_UNFINISHED = "freshrun/unfinished"
_STEP = re.compile(r"^ ---> ([0-9a-f]{12})$", re.MULTILINE)
_NO_SUCH = re.compile(r"manifest unknown|not found|does not exist")
_REFUSED = re.compile(r"unauthorized|denied|forbidden|authentication|credentials", re.IGNORECASE)
_FULL = "no space left on device"
_NOTE = "freshrun.note."
_RECIPE = "freshrun.recipe"
_REFERENCE = re.compile(r"[a-z0-9][a-z0-9._/-]*(:[0-9]+/[a-z0-9._/-]+)?(:[\w.-]+)?(@sha256:\w+)?")
_ARG_BASE = re.compile(r"^ARG\s+BASE(?:=[\"']?([^\s\"']+))?", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Image:
    """An image that the engine holds.

    `name` is what the caller asked for, `id` the engine's digest. `user` is whom its programs run
    as by default. `notes` are sentences for the report: how the image came about.
    """

    name: str
    id: str
    user: str
    notes: tuple[str, ...] = ()


def resolve(wanted: str, *, engine: Engine, install: bool = False) -> Image:
    """Return the image for `wanted`: the path of a Dockerfile, or an image's name.

    What is not there is pulled; an image of Debian or Ubuntu that no registry gives is built from
    its mirror (`install` lets root install the program for it). The host's own certificates go in
    where it has some. Raises `EngineError` where nothing of this leads to an image.
    """
    sweep()
    is_path = _is_path(wanted)
    with connected(engine) as client:
        if is_path:
            made = _from_recipe(client, Path(wanted), install=install)
        else:
            made = _from_name(client, wanted, install=install)
    notes = (text for key, text in sorted(made.labels.items()) if key.startswith(_NOTE))
    return Image(wanted, str(made.id), _user(made), tuple(notes))


def pinned(name: str, *, engine: Engine) -> str:
    """Return an image's name with its digest, had where it is not there yet.

    The name alone where no registry knows the image: it was made on this host.
    """
    with connected(engine) as client:
        image = _local(client, name) or _made_once(client, name, install=False)
    repository = parse_repository_tag(name)[0]
    known = (str(each).partition("@") for each in image.attrs.get("RepoDigests") or ())
    digests = [digest for own, _, digest in known if own == repository]
    return f"{name}@{digests[0]}" if digests and "@" not in name else name


def _is_path(wanted: str) -> bool:
    if Path(wanted).is_file():
        return True
    if wanted.startswith((".", "/")) or Path(wanted).name.startswith("Dockerfile"):
        raise EngineError(f"{wanted}: no such Dockerfile")
    if not _REFERENCE.fullmatch(wanted):
        raise EngineError(f"{wanted}: neither a Dockerfile nor the name of an image")
    return False


@dataclass(frozen=True, slots=True)
class _Recipe:
    """What an image is built from: the context's files by name, one of them `Dockerfile`.

    `doing` says what the build does; a later one that does the same replaces the earlier one.
    """

    repository: str
    doing: str
    files: Mapping[str, bytes]
    base: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """Return a tag that is another one as soon as any part is another one."""
        digest = hashlib.sha256(self.base.encode())
        for name, data in sorted(self.files.items()):
            digest.update(f"\0{name}\0{len(data)}\0".encode() + data)
        return f"{self.repository}:{digest.hexdigest()[:16]}"


def _from_name(client: docker.DockerClient, name: str, *, install: bool) -> DockerImage:
    image = _local(client, name) or _made_once(client, name, install=install)
    trust = host_trust()
    if trust is None:
        return image
    return _built(
        client,
        _Recipe(
            repository="freshrun/trusting",
            doing=f"putting the host's certificates into {name}",
            files=trusting(trust, base=str(image.id), user=_user(image)),
            notes={f"{_NOTE}trust": trust.note},
        ),
    )


def _from_recipe(client: docker.DockerClient, path: Path, *, install: bool) -> DockerImage:
    data = path.read_bytes()
    declared = _ARG_BASE.search(data.decode(errors="replace"))
    under = _from_name(client, declared[1] or BASE, install=install) if declared else None
    base = str(under.id) if under else ""
    doing = f"building {path.resolve()}"
    return _built(client, _Recipe("freshrun/fresh", doing, {"Dockerfile": data}, base=base))


def _user(image: DockerImage) -> str:
    return str(image.attrs["Config"].get("User") or "root")


def _local(client: docker.DockerClient, name: str) -> DockerImage | None:
    with refusals(f"look for the image {name}"):
        try:
            return client.images.get(name)
        except docker.errors.ImageNotFound:
            return None


def _made_once(client: docker.DockerClient, name: str, *, install: bool) -> DockerImage:
    """Pull or build an image, while other runs of this host wait for what comes of it."""
    with one_at_a_time(f"the image {name}"):
        return _local(client, name) or _pulled_or_built(client, name, install=install)


def _pulled_or_built(client: docker.DockerClient, name: str, *, install: bool) -> DockerImage:
    release = release_of(name)
    earlier = _local(client, f"freshrun/{release.name}") if release else None
    if earlier is not None:
        return earlier
    with _full_disk_named(client, f"pull {name}"):
        unreachable = _pull(client, name)
    if not unreachable:
        with refusals(f"look for the image {name}"):
            return client.images.get(name)
    missing = f"the image {name} is not here, and no registry gave it ({unreachable})"
    if release is None:
        refused = _REFUSED.search(unreachable)
        advice = (
            f"`docker login {_registry(name)}` first" if refused else "load it with `docker load`"
        )
        raise EngineError(f"{missing}; {advice}, or name one that is here")
    try:
        return _bootstrapped(client, release, install=install)
    except EngineError as fault:
        raise EngineError(f"{missing}; {fault}") from fault


def _bootstrapped(client: docker.DockerClient, release: Release, *, install: bool) -> DockerImage:
    with scratch() as folder:
        archive, program = bootstrap(release, folder=folder, install=install)
        note = (
            f"{release.name} was built from {release.mirror} with {program}: "
            "no registry was reachable"
        )
        with (
            progress("importing it"),
            refusals("import the image"),
            _full_disk_named(client, "import the image"),
        ):
            labels = f'LABEL {_NOTE}base="{note}" {_RECIPE}="{release.name}, from its mirror"'
            changes = [labels, 'CMD ["bash"]']
            answer = client.api.import_image(src=str(archive), changes=changes)
            made = _imported(answer)
            # Podman passes over the tag that an import asks for.
            client.api.tag(made, f"freshrun/{release.system}", release.suite)
            return client.images.get(f"freshrun/{release.name}")


def _imported(answer: str) -> str:
    """Return the id at the end of the engine's report of an import."""
    event = json.loads(answer.strip().splitlines()[-1])
    if "error" in event:
        raise EngineError(f"the container engine could not import the image: {event['error']}")
    return str(event["status"])


@contextmanager
def _full_disk_named(client: docker.DockerClient, doing: str) -> Iterator[None]:
    """Say where the engine's disk is full, whatever was raised for that."""
    try:
        yield
    except (EngineError, docker.errors.APIError) as fault:
        if _FULL not in str(fault):
            raise
        folder = client.info()["DockerRootDir"]
        raise EngineError(
            f"the container engine could not {doing}: no space is left on its disk, at {folder}; "
            "`docker system prune` frees what nothing uses"
        ) from fault


def _pull(client: docker.DockerClient, name: str) -> str:
    """Pull an image; return why no registry could be asked, or nothing where it is here now.

    The client's own `pull` waits for ever where a network swallows packets.
    """
    api, (repository, tag) = client.api, parse_repository_tag(name)
    login = docker.auth.get_config_header(api, _registry(name))
    try:
        with progress(f"pulling {name}"):
            answer = api.post(
                f"{api.base_url}/v{api.api_version}/images/create",
                params={"fromImage": repository, "tag": tag or "latest"},
                headers={"X-Registry-Auth": login} if login else {},
                stream=True,
                timeout=SILENCE,
            )
            with answer:
                words = _complaint(answer)
    except requests.RequestException as fault:
        if "timed out" not in str(fault):
            raise EngineError(f"the container engine was lost while it pulled {name}") from fault
        return f"not a word within {SILENCE:.0f} s"
    if _NO_SUCH.search(words):
        raise EngineError(f"there is no image {name}: {words}")
    if _FULL in words:
        raise EngineError(words)
    return words


def _registry(name: str) -> str:
    registry, _ = docker.auth.resolve_repository_name(parse_repository_tag(name)[0])
    return str(registry)


def _complaint(answer: requests.Response) -> str:
    """Read the engine's report of a pull to its end; return its error, or nothing."""
    if not answer.ok:
        return str(answer.json()["message"])
    events = (json.loads(line) for line in answer.iter_lines() if line)
    errors = [str(event["error"]) for event in events if "error" in event]
    return errors[0] if errors else ""


def _built(client: docker.DockerClient, recipe: _Recipe) -> DockerImage:
    if earlier := _local(client, recipe.tag):
        return earlier
    with one_at_a_time(recipe.tag):
        return _local(client, recipe.tag) or _newly_built(client, recipe)


def _newly_built(client: docker.DockerClient, recipe: _Recipe) -> DockerImage:
    doing = f"go on with {recipe.doing}"
    with progress(recipe.doing), refusals(doing), _full_disk_named(client, doing):
        events = client.api.build(
            fileobj=io.BytesIO(pack(recipe.files)),
            custom_context=True,
            tag=recipe.tag,
            rm=True,
            forcerm=True,
            decode=True,
            labels={_RECIPE: recipe.doing, **recipe.notes},
            buildargs={"BASE": recipe.base} if recipe.base else {},
        )
        build = _followed(heard(events, client=client, doing=doing))
        _name_unfinished(client.api, recipe.doing, image=build.last if build.error else "")
        if build.error:
            raise EngineError(f"{recipe.doing} failed: {build.error}{last_lines(build.printed)}")
        built = client.images.get(recipe.tag)
        _drop_earlier(client.api, recipe.doing, but=str(built.id))
        _bound(client.api)
    return built


@dataclass(frozen=True, slots=True)
class _Build:
    """What a build printed, its error, and the id of the last image that a step of it gave."""

    printed: str
    error: str
    last: str


def _followed(events: Iterable[Mapping[str, str]]) -> _Build:
    """Follow a build to its end, and say what it runs."""
    printed = error = last = ""
    for event in events:
        text = event.get("stream", "")
        printed += text
        error = event.get("error", error)
        last = [last, *_STEP.findall(text)][-1]
        if " : RUN " in text:
            say(shorten(text, width=100))
    return _Build(printed, error.strip(), last)


def _name_unfinished(api: docker.APIClient, doing: str, *, image: str) -> None:
    """Give what a failed build has made a name, so that it is found, used again and pruned.

    Without one nothing tells later whose it is. There is one such name for each recipe, and none
    after a build that succeeded.
    """
    tag = hashlib.sha256(doing.encode()).hexdigest()[:16]
    name, earlier = f"{_UNFINISHED}:{tag}", f"{_UNFINISHED}:{tag}-earlier"
    with suppress(docker.errors.APIError):
        api.tag(name, _UNFINISHED, f"{tag}-earlier")
    if image:
        with suppress(docker.errors.APIError):
            api.tag(image, _UNFINISHED, tag)
    else:
        _remove(api, name)
    _remove(api, earlier)


def _drop_earlier(api: docker.APIClient, doing: str, *, but: str) -> None:
    """Remove what the same recipe gave before, except where a run may have just chosen it."""
    for image in api.images(filters={"label": f"{_RECIPE}={doing}"}):
        if image["Id"] != but and image["Created"] < time.time() - DAY:
            _remove(api, image["Id"])


def _bound(api: docker.APIClient) -> None:
    """Keep the newest of all that was built; documents in folders of a day have recipes of a day.

    What is younger than a minute a run may have just chosen.
    """
    for image in _made(api)[MOST:]:
        if image.built and image.created < time.time() - _MINUTE:
            _remove(api, image.id)


def prune(engine: Engine) -> tuple[int, int]:
    """Remove every image that freshrun made; return how many went, and how many are in use."""
    with refusals("remove freshrun's images"), connected(engine) as client:
        before = _made(client.api)
        left = len(before) + 1
        while (images := _made(client.api)) and len(images) < left:
            left = len(images)
            for image in images:  # the newest first: others stand on the older ones
                _remove(client.api, image.id)
        return len(before) - len(images), len(images)


@dataclass(frozen=True, slots=True)
class _Made:
    """An image that freshrun made; `built` tells it from a base that is here to stay."""

    id: str
    names: tuple[str, ...]
    created: float

    @property
    def built(self) -> bool:
        return not any(release_of(name.removeprefix("freshrun/")) for name in self.names)


def _made(api: docker.APIClient) -> list[_Made]:
    """Return the images that freshrun made, the newest first."""
    found = {}
    for filters in ({"label": _RECIPE}, {"reference": "freshrun/*"}):
        for image in api.images(filters=filters):
            names = tuple(name for name in image["RepoTags"] or () if name != "<none>:<none>")
            # What someone builds on such an image has its label, and a name of its own.
            if all(name.startswith("freshrun/") for name in names):
                found[image["Id"]] = _Made(image["Id"], names, image["Created"])
    return sorted(found.values(), key=lambda image: -image.created)


def _remove(api: docker.APIClient, image: str) -> None:
    """Remove an image with all its names, unless a machine or another image stands on it."""
    users = api.containers(all=True, filters={"ancestor": image})
    if not users:
        with suppress(docker.errors.APIError):
            # Only then: it would take the image from under a machine that has not started yet.
            api.remove_image(image, force=True)
