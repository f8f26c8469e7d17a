"""What the words of a simple command do, as far as they are plain text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

_NAME = re.compile(r"[A-Za-z_]\w*")
_GIVEN = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.DOTALL)

_WRAPPERS: Mapping[str, str] = {
    "sudo": "CDghpRrTtUu",
    "env": "Cu",
    "command": "",
    "builtin": "",
    "exec": "a",
    "nohup": "",
    "time": "fo",
    "nice": "n",
    "timeout": "ks",
    "xargs": "aEIdLnPs",
}
"""Commands that start the command in their words, and their short options that take a value."""

_ASKS_FOR = re.compile(r"-[pvV]*[vV][pvV]*")
_IN_THIS_SHELL = {"command", "builtin"}


def unwrapped(words: Sequence[str]) -> tuple[str, Mapping[str, str], Sequence[str]]:
    """Return what starts the command, the variables that it gives it, and the command's words.

    A word that is not plain text is empty, or ends at the `=` of its `NAME=`. What starts it is
    empty where that is this shell.
    """
    wrapper = ""
    given: dict[str, str] = {}
    at = 0
    while words[at] in _WRAPPERS and at + 1 < len(words):
        name = words[at]
        if name == "command" and _ASKS_FOR.fullmatch(words[at + 1]):
            break  # `command -v NAME` asks where it is, and starts nothing
        wrapper = wrapper if name in _IN_THIS_SHELL or wrapper == "sudo" else name
        at = _after_options(words, at + 1, with_value=_WRAPPERS[name]) + (name == "timeout")
        while name in {"sudo", "env"} and (found := _GIVEN.fullmatch("".join(words[at : at + 1]))):
            given[found["name"]] = found["value"]
            at += 1
        if at >= len(words):
            return wrapper, given, (name,)
    return wrapper, given, words[at:]


def _after_options(words: Sequence[str], at: int = 0, *, with_value: str) -> int:
    """Return the index after the options that begin at `at`, and after their values."""
    while at < len(words) and words[at].startswith("-"):
        option = words[at]
        at += 1
        if option == "--":
            break
        if len(option) == 2 and option[1] in with_value:  # noqa: PLR2004 - a dash and a letter
            at += 1
    return min(at, len(words))


_SHELLS = {"bash", "sh", "dash", "zsh", "ksh"}
_LANGUAGES = re.compile(r"python[\d.]*|node|perl|ruby|php")


def script_of(name: str, words: Sequence[str]) -> str:
    """Return the text that a shell is started with: `bash -c 'text'`."""
    if name not in _SHELLS:
        return ""
    for index, word in enumerate(words[:-1]):
        if re.fullmatch(r"-\w*c", word):
            return words[index + 1]
    return ""


def code_of(name: str, words: Sequence[str]) -> str:
    """Return the text that `eval` runs in this shell, where all of it is plain."""
    return " ".join(words) if name == "eval" and all(words) else ""


def mentioned_in(name: str, words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a program in another language, or of a trap, that may be variables."""
    if name != "trap" and not _LANGUAGES.fullmatch(name):
        return ()
    code = [word for word in words if re.search(r"\W", word)]
    return tuple(dict.fromkeys(_NAME.findall(" ".join(code))))


_READING: Mapping[str, str] = {"read": "adinNptu", "mapfile": "dnOsuCc", "readarray": "dnOsuCc"}
"""Builtins that read into variables, and their options that take a value."""

_UNNAMED = {"read": "REPLY", "mapfile": "MAPFILE", "readarray": "MAPFILE"}


def names_set(name: str, words: Sequence[str]) -> Iterator[str]:
    """Yield the variables that a builtin sets."""
    if name in _READING:
        first = _after_options(words, with_value=_READING[name])
        targets = [*words[first:], *_arrays(words)]
        yield from filter(_NAME.fullmatch, targets or [_UNNAMED[name]])
    elif name == "getopts" or (name == "printf" and list(words[:1]) == ["-v"]):
        yield from filter(_NAME.fullmatch, words[1:2])


def _arrays(words: Sequence[str]) -> list[str]:
    """Return what `read -a NAME` and `read -ra NAME` set."""
    return [b for a, b in pairwise(words) if re.fullmatch(r"-\w*a", a)]
