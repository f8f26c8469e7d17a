"""Names that somebody else gave: which of them may become a file below a folder of ours."""

import re
from collections.abc import Iterable

_LONGEST_PART = 255
"""In bytes: no usual file system takes more."""

_LONGEST = 1024
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:[. ].*)?", re.IGNORECASE)


def unfit(name: str) -> str:
    """Return why a relative path must not be written, empty where it may be."""
    parts = name.split("/")
    if not name or name.startswith("/") or ".." in parts or "\\" in name or _has_drive(name):
        return "leads out of its folder"
    if _CONTROL.search(name):
        return "has a character that no name may have"
    if any(part in {"", "."} for part in parts):
        return "is no plain path"
    if len(_bytes(name)) > _LONGEST or any(len(_bytes(part)) > _LONGEST_PART for part in parts):
        return f"is longer than a file's name may be ({len(_bytes(name)):,} bytes)"
    if any(_DEVICE.fullmatch(part) for part in parts):
        return "is a device's name on some machines"
    return ""


def clash(names: Iterable[str]) -> tuple[str, str] | None:
    """Return two of the paths that can't both be files in every folder, where there are two.

    They are the same, or they or their folders differ only in case, or one is the other's folder.
    """
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        above = _folders(name)
        other = files.get(name.casefold()) or folders.get(name.casefold())
        for folder in above:
            first = folders.setdefault(folder.casefold(), name)
            if folder.casefold() in files or not first.startswith(f"{folder}/"):
                other = other or files.get(folder.casefold()) or first
        if other:
            return other, name
        files[name.casefold()] = name
    return None


def _folders(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def shown(name: str) -> str:
    """Return a name as one short line of printable characters."""
    plain = name.encode("unicode_escape").decode() if _CONTROL.search(name) else name
    return plain if len(plain) <= 80 else f"{plain[:60]}...{plain[-17:]}"  # noqa: PLR2004 - a line


def _bytes(name: str) -> bytes:
    return name.encode(errors="surrogatepass")


def _has_drive(name: str) -> bool:
    return name[1:2] == ":" and name[:1].isalpha()
