"""Commands and options that a program does not have, by the manual of a known version of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from freshrun import shell
from freshrun.lint.flaw import Flaw
from freshrun.lint.manual import Manual, Usage, manuals
from freshrun.lint.subject import Subject
from freshrun.model import did_you_mean
from freshrun.shell import Call


@dataclass(frozen=True, slots=True)
class Missing:
    """A word of a call that the program does not know, by rule, and what is said of it."""

    rule: str
    word: str
    message: str


def unknown_words(subject: Subject) -> Iterator[Flaw]:
    """Find the commands and options that a program does not have, in commands and in prose."""
    for command in subject.commands:
        for call in subject.calls(command):
            for missing in _missing(call):
                at = _at(command.text, missing.word)
                span = (at, at + len(missing.word))
                yield subject.flaw_in(command, missing.rule, missing.message, span=span)
    yield from _in_prose(subject)


def _at(text: str, word: str) -> int:
    found = re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)
    return found.start() if found else 0


# --- one call ---

_LENIENT = {"git"}
"""Programs whose manual may be older than the reader's: there only a near word is a slip."""
_OPEN = {("docker", ""), ("kubectl", ""), ("gh", ""), ("git", ""), ("bd", "")}
"""Where plugins, extensions and aliases add commands."""
_ADDED = {
    *("buildx", "compose", "scout", "init", "model", "models", "mcp", "sbom", "desktop", "dev"),
    *("debug", "extension", "cloud", "offload", "sandbox", "app", "ai", "lfs", "flow", "crypt"),
    *("filter-repo", "subrepo", "town", "extras", "absorb", "review", "annex", "secret", "krew"),
    *("ctx", "ns", "neat", "tree", "stern", "cnpg", "argo", "dash", "act", "poi", "sync", "up"),
}
"""Well-known plugins, extensions and additions: none is a slip of a command."""
_HANDS_ON = re.compile(
    r"docker (?:container )?(?:run|exec|create)|docker (?:plugin|compose)\b.*|kubectl exec"
    r"|gh (?:codespace ssh|extension exec|alias set|copilot)"
)
"""Commands behind whose first plain word the words of another program begin."""
_OPTION = re.compile(
    r"(?P<name>--[A-Za-z][A-Za-z0-9-]*|-[A-Za-z])(?P<rest>(?:=.*|\w*)?)", re.DOTALL
)
_UNKNOWN = "?"
"""The words of a command that has no manual."""
_ALWAYS = {"--help", "-h", "--version", "-v"}


def _missing(call: Call) -> Iterator[Missing]:
    """Yield what a call names that the program does not have."""
    manual = manuals().get(call.name)
    if manual is not None:
        yield from _Reading(manual).read(call.words)


class _Reading:
    """One way through the words of a call."""

    def __init__(self, manual: Manual) -> None:
        self._manual = manual
        self._path = ""
        self._plain = False

    def read(self, words: Sequence[str]) -> Iterator[Missing]:
        """Yield what is missing, up to where nothing is known any more."""
        rest = iter(words)
        for word in rest:
            if word in {"", "--", "help"} or (self._plain and self._hands_on):
                return
            if word.startswith("-") and word != "-":
                missing, takes_value = self._option(word)
                yield from missing
                if takes_value:
                    next(rest, None)
            elif not self._enter(word):
                yield from self._unknown_command(word)
                self._plain = True
            if self._path not in self._manual.usages:
                return

    @property
    def _usage(self) -> Usage:
        return self._manual.usages[self._path]

    @property
    def _hands_on(self) -> bool:
        return bool(_HANDS_ON.fullmatch(self._shown))

    @property
    def _shown(self) -> str:
        return f"{self._manual.program} {self._path}".strip()

    def _enter(self, word: str) -> bool:
        """Go into a command; what has no manual ends the reading."""
        path = f"{self._path} {word}".strip()
        if not self._plain and (path in self._manual.usages or word in self._usage.commands):
            self._path = path
            return True
        if not self._plain and not self._usage.commands and not self._path:
            self._path = path  # a command that this manual leaves out
        return False

    def _unknown_command(self, word: str) -> Iterator[Missing]:
        commands = self._usage.commands if self._path in self._manual.usages else ()
        if self._plain or not commands or not re.fullmatch(r"[a-z][\w-]*", word):
            return
        hint = did_you_mean(word, commands)
        is_open = (self._manual.program, self._path) in _OPEN
        if (hint and word not in _ADDED) or not is_open:
            has = f"{self._manual.program} {self._manual.version} has no command"
            message = f"{has} `{f'{self._path} {word}'.strip()}`{hint or _known(commands)}"
            yield Missing("unknown-command", word, message)
        if is_open:
            self._path = word

    def _option(self, word: str) -> tuple[list[Missing], bool]:
        """Return what is missing of an option, and whether its value is the next word."""
        found = _OPTION.fullmatch(word)
        if found is None or self._path not in self._manual.usages:
            return [], False
        known = {**self._manual.usages[""].options, **self._usage.options}
        name, rest = found["name"], found["rest"]
        if self._usage.commands and name not in known:
            self._path = _UNKNOWN  # it may be one of a command further on, with its value
            return [], False
        if name.startswith("--"):
            return self._long(name, known), bool(known.get(name)) and not rest
        return self._short(name + rest, known)

    def _long(self, name: str, known: dict[str, bool]) -> list[Missing]:
        is_git = self._manual.program == "git"
        longer = any(option.startswith(name) for option in known)
        if name in known or name in _ALWAYS or (is_git and longer) or not self._usage.options:
            return []
        if is_git and name.startswith("--no-") and f"--{name[5:]}" in known:
            return []
        hint = did_you_mean(name, [option for option in known if option.startswith("--")])
        if not hint and self._manual.program in _LENIENT:
            return []
        return [self._no_option(name, hint)]

    def _short(self, word: str, known: dict[str, bool]) -> tuple[list[Missing], bool]:
        for at, letter in enumerate(word[1:], 1):
            option = f"-{letter}"
            if option not in known:
                is_known = option in _ALWAYS or not letter.isalpha() or not self._usage.options
                strict = self._manual.program not in _LENIENT and not is_known
                return ([self._no_option(option, "", within=word)] if strict else []), False
            if known[option]:
                return [], at == len(word) - 1
        return [], False

    def _no_option(self, name: str, hint: str, *, within: str = "") -> Missing:
        has = f"{self._manual.program} {self._manual.version} has no option `{name}`"
        message = f"{has} for `{self._shown}`{hint or f'; `{self._shown} --help` lists them'}"
        return Missing("unknown-option", within or name, message)


def _known(commands: Sequence[str]) -> str:
    return f"; it has {', '.join(commands)}"


# --- prose ---

_SPAN = re.compile(r"(?<!`)`(?P<code>[a-z]{2,10} [^`\n]{2,200})`(?!`)")
_PLACE = re.compile(r"<[\w /|-]{1,60}>|\{[\w.-]{1,60}\}|\[[^\]]{0,80}\]|\.{3}|\u2026")


def _in_prose(subject: Subject) -> Iterator[Flaw]:
    """Find them in the code spans of the text around the blocks."""
    spans = [
        (number, found)
        for number, line in _prose(subject)
        for found in _SPAN.finditer(line)
        if found["code"].partition(" ")[0] in manuals()
    ]
    texts = [_PLACE.sub("X", found["code"]) for _, found in spans]
    for (number, found), events in zip(spans, shell.events(texts), strict=True):
        for call in (event for event in events if isinstance(event, Call)):
            for missing in _missing(call):
                at = found.start("code") + _at(found["code"], missing.word)
                path, width = subject.runbook.path, len(missing.word)
                yield Flaw(path, number, missing.message, at + 1, missing.rule, width=width)


def _prose(subject: Subject) -> Iterator[tuple[int, str]]:
    """Yield the lines outside of blocks that hold a code span."""
    code = {
        number
        for block in subject.runbook.blocks
        for number in range(block.line, block.end_line + 1)
    }
    for number, line in enumerate(subject.lines, 1):
        if "`" in line and number not in code:
            yield number, line
