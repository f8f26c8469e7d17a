"""One way of several: for another system, or in place of what was already done."""

import re

from freshrun.diagnosis.case import Case, line_of, quoted
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.diagnosis.debian import package_of
from freshrun.model import Command

_SYSTEMS = "package managers of systems"
_FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("package managers of Node", ("npm", "npx", "yarn", "pnpm", "bun", "bunx")),
    (
        _SYSTEMS,
        (
            *("apt", "apt-get", "aptitude", "dnf", "yum", "pacman", "zypper", "apk", "emerge"),
            *("brew", "port", "snap", "flatpak", "nix-env", "pkg", "winget", "choco", "scoop"),
        ),
    ),
    (
        "package managers of Python",
        ("pip", "pip3", "pipx", "conda", "mamba", "poetry", "uv", "pdm"),
    ),
)
_ON_DEBIAN = {"apt", "apt-get", "aptitude", "snap", "flatpak", "nix-env"}
_SAME = ({"npm", "npx"}, {"bun", "bunx"}, {"apt", "apt-get", "aptitude"}, {"pip", "pip3"})
"""Names in a family that are one way."""

_NEAR = 2
"""Blocks away that a document shows its other ways."""


def alternatives(case: Case) -> Diagnosis | None:
    """Find a neighbouring command that does the same in another way."""
    return _other_manager(case) or _other_clone(case)


def _other_manager(case: Case) -> Diagnosis | None:
    """Find the other manager where this one is not there."""
    own = manager(case.command)
    if own is None or not case.names(f"{own[1]}: command not found"):
        return None
    family, name = own
    for command in _neighbours(case):
        if command.number > case.command.number and _is_to_be_installed(family, name):
            continue
        other = manager(command)
        if other is None or is_one_way(name, other[1]) or name in installed(command):
            continue
        if other[0] == family or installed(case.command) & installed(command):
            what = family if other[0] == family else "ways to install"
            return _diagnosis(case, command, said=f"`{name}` and `{other[1]}` are {what}")
    return None


def manager(command: Command) -> tuple[str, str] | None:
    """Return the family and the name of the first package manager that a command calls."""
    word = re.search(r"(?:^|[\n;|&(])[^\S\n]*+(?:sudo\s+(?:-\w+\s+)*)?([\w-]+)", command.text)
    name = word[1] if word else ""
    return next(((family, name) for family, members in _FAMILIES if name in members), None)


def is_of_another_system(name: str) -> bool:
    """Tell whether it is the package manager of a system that is not Debian."""
    return name in set(dict(_FAMILIES)[_SYSTEMS]) - _ON_DEBIAN


def _is_to_be_installed(family: str, name: str) -> bool:
    """Tell whether a manager that is named first is a program that the machine could well have."""
    return family != _SYSTEMS and package_of(name) is not None


def is_one_way(name: str, other: str) -> bool:
    """Tell whether two managers do the same work in the same way, such as apt and apt-get."""
    return one_way(name) == one_way(other)


def one_way(name: str) -> str:
    """Return the name that stands for all managers that do the same work in the same way."""
    return next((min(same) for same in _SAME if name in same), name)


_INSTALLING = r"\b(?:install|add|-S|-Sy|-Syu|i|global add)\s+(?P<rest>[^\n;|&]+)"


def installed(command: Command) -> set[str]:
    """Return the packages that a command names to be installed."""
    found = re.search(_INSTALLING, command.text)
    words = found["rest"].split() if found else []
    return {word for word in words if re.fullmatch(r"@?[A-Za-z][\w@/.+-]*", word)}


_REFUSED = re.compile(r"already exists and is not an empty|\(publickey|Host key verification")


def _other_clone(case: Case) -> Diagnosis | None:
    """Find the other address of the same repository, which is there or wants no key."""
    refused = any(_REFUSED.search(line) for line in case.lines)
    own = cloned(case.command) if refused else ""
    for command in _neighbours(case) if own else ():
        if cloned(command) == own and command.text != case.command.text:
            return _diagnosis(case, command, said=f"both clone `{own}`")
    return None


def cloned(command: Command) -> str:
    """Return the name of the repository that a command clones, empty where it clones none."""
    found = re.search(
        r"\b(?:git|gh repo) clone\s+(?:-\S+\s+)*(?:\S*[/:])(?P<name>[\w.-]+?)(?:\.git)?(?:\s|$)",
        command.text,
    )
    return found["name"] if found else ""


def _neighbours(case: Case) -> list[Command]:
    """Return the other commands of the same block and of the blocks around it, nearest first."""
    blocks = list(case.runbook.blocks)
    own = next((n for n, block in enumerate(blocks) if case.command in block.commands), None)
    if own is None:
        return []
    near = blocks[max(0, own - _NEAR) : own + _NEAR + 1]
    others = [c for block in near for c in block.commands if c != case.command]
    return sorted(others, key=lambda command: abs(command.line - case.command.line))


def _diagnosis(case: Case, other: Command, *, said: str) -> Diagnosis:
    printed = f" ({quoted(case.lines[0])})" if case.lines else ""
    hint = (
        f"{said}: {line_of(other)} is the other way, so only one of the two can be typed{printed}"
    )
    return Diagnosis(Cause.ALTERNATIVES, hint)
