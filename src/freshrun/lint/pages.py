"""The documents of a repository as a graph of links: which lead nowhere, and what leads where."""

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from freshrun.document import Link, Page, page
from freshrun.host import tracked_files
from freshrun.model import Finding, FreshrunError, Runbook, did_you_mean

CLICKS = 2
"""How many clicks a runbook may be away from the front door."""


class Pages(Mapping[str, Page]):
    """The documents below a folder by their names, each read when it is first asked for."""

    def __init__(self, root: Path, names: Iterable[str]) -> None:
        self._root = root
        self._names = dict.fromkeys(sorted(names))
        self.known: dict[str, Page] = {}

    def __getitem__(self, name: str) -> Page:
        if name not in self._names:
            raise KeyError(name)
        if name not in self.known:
            self.known[name] = page(_text(self._root / name))
        return self.known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True)
class Documents:
    """The Markdown documents of a repository, and the files that their links may lead to.

    `files` are those that git has, for only they are there for other people; `pages` are the
    documents among them. Names are relative to `root`, with `/`. `address` is where the repository
    is on GitHub, empty where nobody said: absolute links into it are links of it.
    """

    root: Path
    files: frozenset[str]
    pages: Mapping[str, Page]
    address: str = ""

    @property
    def external(self) -> tuple[str, ...]:
        """Return the addresses of other places that the documents link to; nobody asks there."""
        return external_links(*self.pages.values())

    @cached_property
    def folders(self) -> frozenset[str]:
        """Return the folders that hold a file, at any depth."""
        return frozenset(folder for file in self.files for folder in _above(file))

    @cached_property
    def alike(self) -> Mapping[str, tuple[str, ...]]:
        """Return the files by their names in small letters, with and without the folder."""
        found: dict[str, list[str]] = {}
        for file in sorted(self.files):
            found.setdefault(file.lower(), []).append(file)
            found.setdefault(f"/{posixpath.basename(file)}", []).append(file)
        return {name: tuple(files) for name, files in found.items()}

    @cached_property
    def beside(self) -> Mapping[str, tuple[str, ...]]:
        """Return the files of each folder."""
        found: dict[str, list[str]] = {}
        for file in sorted(self.files):
            found.setdefault(posixpath.dirname(file), []).append(file)
        return {folder: tuple(files) for folder, files in found.items()}

    @cached_property
    def _lengths(self) -> dict[str, int]:
        """Return how many lines a file has that some link wants one of, as far as was asked."""
        return {}

    def length(self, name: str) -> int:
        """Return how many lines a file has."""
        if name not in self._lengths:
            self._lengths[name] = _length(self.root / name)
        return self._lengths[name]

    def beside_file(self, path: str | Path, *, address: str | None) -> "Documents":
        """Return the same documents with one that git may not have yet, and an address."""
        name = _name(path, self.root)
        if name in self.pages and not address:
            return self
        return _documents(self.root, self.files | {name}, address)

    def name(self, path: str | Path) -> str:
        """Return the name of a document, given its path; `FreshrunError` where it is none."""
        name = _name(path, self.root)
        if name not in self.pages:
            raise FreshrunError(f"{path}: git has no such document in {self.root}; `git add` it")
        return name


def documents(
    path_in_it: str | Path, *, with_file: str | Path | None = None, address: str | None = None
) -> Documents:
    """Return the Markdown documents that git has in the repository around a path.

    `address` is the repository's, or its clone URL; `with_file` is one that git may not have yet.
    Where there is no repository, the files of the folder are taken.
    """
    root, files = tracked_files(path_in_it)
    if with_file is not None:
        files |= {_name(with_file, root)}
    return _documents(root, files, address)


def _documents(root: Path, files: frozenset[str], address: str | None) -> Documents:
    names = (name for name in files if name.lower().endswith((".md", ".markdown", ".mdx")))
    pages = Pages(root, names)
    return Documents(root, files, pages, (address or "").rstrip("/").removesuffix(".git"))


def external_links(*pages: Page) -> tuple[str, ...]:
    """Return the addresses of other places that some documents link to, each once."""
    targets = (link.target for each in pages for link in each.links)
    return tuple(sorted({target for target in targets if _is_external(target)}))


def dead_links(documents: Documents, *, of: str = "") -> tuple[Finding, ...]:
    """Find the links that don't lead to a file, or an anchor, of the repository.

    They are those of all documents, or of one alone; other documents are read as far as its links
    need them. Links to other places (`Documents.external`) are not followed.
    """
    return tuple(
        Finding(name, link.line, problem)
        for name in ((of,) if of else documents.pages)
        for link in documents.pages[name].links
        if (problem := _problem(link, documents, name=name))
    )


def discoverable(
    documents: Documents, *, front_door: str, runbook: Runbook, linked_from: tuple[str, ...] = ()
) -> tuple[Finding, ...]:
    """Find the front door too far from the runbook, and documents without a link to it.

    The front door may be `CLICKS` away; those in `linked_from` link to the runbook themselves.
    """
    goal = documents.name(runbook.path)
    missing = [name for name in (front_door, *linked_from) if name not in documents.pages]
    if missing:
        return tuple(Finding(name, 1, "git has no such document; write it") for name in missing)
    far = _distance(documents, start=front_door, goal=goal)
    findings = [
        Finding(name, 1, f"it does not link to the runbook; link to {_relative(goal, name)}")
        for name in linked_from
        if goal not in _targets(documents, name)
    ]
    if far is None or far > CLICKS:
        found = "no link leads" if far is None else f"it takes {far} clicks"
        message = f"{found} from here to the runbook; link to {_relative(goal, front_door)}"
        findings.append(Finding(front_door, 1, message))
    return tuple(findings)


def _name(path: str | Path, root: Path) -> str:
    return os.path.relpath(Path(path).resolve(), root).replace(os.sep, "/")


def _above(file: str) -> Iterator[str]:
    while file := posixpath.dirname(file):
        yield file


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig", errors="replace")
    except OSError:  # git has it, the folder does not any more
        return ""


# --- one link ---

_SCHEME = re.compile(r"\A(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_FILE = re.compile(r"(?:file:|[a-z]:[\\/])", re.IGNORECASE)


def _is_external(target: str) -> bool:
    return bool(_SCHEME.match(target)) and not _FILE.match(target)


def _problem(link: Link, documents: Documents, *, name: str) -> str:
    """Return what is wrong with a link of the document `name`, nothing where it leads there."""
    target = link.target
    shown = f'the link "{unquote(target)}"'
    if _is_external(target):
        inside = _inside(target, documents.address)
        return _lost(documents, *inside, shown=shown, name=name) if inside else ""
    if _FILE.match(target):
        return f"{shown} is an absolute path; write it relative to this document"
    path, fragment = _split(target)
    wanted = _resolved(path, name=name)
    if path.startswith("/") and _is_route(documents, wanted):
        return ""
    if wanted.startswith(".."):
        return f"{shown} leaves the repository; link to a file in it, or give its whole address"
    return _lost(documents, wanted, fragment, shown=shown, name=name)


def _lost(documents: Documents, wanted: str, fragment: str, *, shown: str, name: str) -> str:
    """Return why a file of the repository, or an anchor in it, is not there."""
    if wanted not in documents.files and not _is_folder(documents, wanted):
        return f"{shown} leads to no file that git has{_near(documents, wanted, name=name)}"
    return _fragment_problem(documents, _shown(documents, wanted), fragment, shown=shown)


_VIEWS = "blob|tree|raw|blame|edit"
_FIXED = re.compile(r"[0-9a-f]{7,40}|v?\d+(?:\.\d+)+\S*")
"""A commit or a version: what it holds, the present files don't tell."""


def _inside(target: str, address: str) -> tuple[str, str] | None:
    """Return the file and the anchor that an address into the repository means, `None` if none.

    A page about something else, such as an issue or a run, is none; nor is one of a fixed version.
    """
    here = re.sub(r"^https?://(?:www\.)?", "", address, flags=re.IGNORECASE)
    there = re.sub(r"^(?:https?:)?//(?:www\.)?", "", target, flags=re.IGNORECASE)
    raw = re.sub(r"^github\.com/", "raw.githubusercontent.com/", here)
    for base, views in ((here, rf"/(?:{_VIEWS})"), (raw, "" if raw != here else "(?!)")):
        start = re.match(rf"{re.escape(base)}(?:\.git)?(?=[/#?]|$)", there, re.IGNORECASE)
        if not here or not start:
            continue
        path, fragment = _split(there[start.end() :])
        flow = re.fullmatch(r"/actions/workflows/([^/]+\.ya?ml)/?", path)
        if flow:
            return f".github/workflows/{flow[1]}", ""
        if path in {"", "/"} and base == here:
            return ".", fragment
        view = re.fullmatch(rf"{views}/(?:refs/heads/)?(?P<ref>[^/]+)(?P<path>/.*)?", path)
        if view and not _FIXED.fullmatch(view["ref"]):
            return posixpath.normpath((view["path"] or "").strip("/") or "."), fragment
    return None


def _split(target: str) -> tuple[str, str]:
    """Return the path and the fragment of a relative target, as they are read."""
    path, _, fragment = target.partition("#")
    return unquote(path.partition("?")[0]), unquote(fragment)


def _resolved(path: str, *, name: str) -> str:
    """Return the name that a path means in the document `name`; one above the root has `..`."""
    if not path:
        return name
    if path.startswith("/"):  # GitHub reads it from the repository's root
        return posixpath.normpath(path.lstrip("/") or ".")
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _is_route(documents: Documents, wanted: str) -> bool:
    """Tell whether a path from the root may be one of a site that is built: no file, no folder."""
    first = wanted.partition("/")[0]
    return not posixpath.splitext(wanted)[1] and first not in {*documents.folders, *documents.files}


def _is_folder(documents: Documents, name: str) -> bool:
    return name == "." or name in documents.folders


def _shown(documents: Documents, name: str) -> str:
    """Return the document that a folder shows, or the name itself."""
    if name in documents.files:
        return name
    readme = posixpath.normpath(posixpath.join(name, "README.md"))
    return readme if readme in documents.files else name


def _near(documents: Documents, wanted: str, *, name: str) -> str:
    """Tell what may be meant: the same name in other letters, in another place, or a near one."""
    alike = documents.alike.get(wanted.lower(), ())
    alike = alike or documents.alike.get(f"/{posixpath.basename(wanted)}", ())
    if len(alike) == 1:
        return f'; did you mean "{_relative(alike[0], name)}"?'
    if os.path.exists(documents.root / wanted):  # noqa: PTH110 - a name can be too long to ask for
        return ", though it is in this folder; `git add` it"
    near = [*documents.beside.get(posixpath.dirname(wanted), ()), *alike]
    return did_you_mean(_relative(wanted, name), [_relative(file, name) for file in near[:_NEAR]])


_NEAR = 200
"""Files of a folder that one of them can be mistyped for."""


def _relative(name: str, other: str) -> str:
    return posixpath.relpath(name, posixpath.dirname(other) or ".")


_LINES = re.compile(r"L(?P<first>\d{1,9})(?:C\d+)?(?:-L(?P<last>\d{1,9})(?:C\d+)?)?")


def _fragment_problem(documents: Documents, name: str, fragment: str, *, shown: str) -> str:
    lines = _LINES.fullmatch(fragment)
    if lines:
        wanted, there = int(lines["last"] or lines["first"]), documents.length(name)
        return f"{shown}: {name} has only {there} lines" if wanted > there else ""
    if re.fullmatch(_LINES, fragment.upper()):
        return f'{shown}: lines are told in capitals, "#{fragment.upper()}"'
    is_tab = fragment.startswith("tab/")  # DocFX shows tabs under headings that link to one
    if name not in documents.pages or is_tab or fragment in {"", "top"}:
        return ""
    anchors = documents.pages[name].anchors
    if fragment.removeprefix("user-content-") in anchors:
        return ""
    small = fragment.lower()
    hint = f'; did you mean "{small}"?' if small in anchors else did_you_mean(fragment, anchors)
    return f'{shown}: {name} has no heading or anchor "#{fragment}"{hint}'


def _length(path: Path) -> int:
    return len(path.read_bytes().splitlines()) if path.is_file() else 0


# --- the graph ---


def _targets(documents: Documents, name: str) -> Iterator[str]:
    """Yield the documents that one document links to."""
    for link in documents.pages[name].links:
        inside = _inside(link.target, documents.address)
        if inside or not _is_external(link.target):
            named = inside[0] if inside else _resolved(_split(link.target)[0], name=name)
            wanted = _shown(documents, named)
            if wanted in documents.pages:
                yield wanted


def _distance(documents: Documents, *, start: str, goal: str) -> int | None:
    """Return the fewest clicks from one document to another, `None` where no links lead there."""
    reached, edge = {start}, {start}
    for clicks in range(len(documents.pages)):
        if goal in reached:
            return clicks
        edge = {target for name in edge for target in _targets(documents, name)} - reached
        reached |= edge
    return None
