"""What the document has to say about the word of a sign: who provides, sets, makes or shows it."""

import difflib
import re
from collections.abc import Iterator
from itertools import islice

from freshrun.diagnosis.alternatives import is_of_another_system
from freshrun.diagnosis.case import NOT_EXECUTABLE, Case, either, line_of, line_with, prose, token
from freshrun.diagnosis.cause import Cause, Remark
from freshrun.diagnosis.debian import package_of
from freshrun.model import Block, BlockKind, Command

# A part of a line up to what ends a command is read once, from its start: `(?>...)` finds the first
# of what is looked for there, and is not tried again.
_PART = r"(?<![^\n;|&])"
_MANAGER = (
    rf"{_PART}(?>[^\n;|&]*?"
    r"\b(?:apt-get|apt|aptitude|dnf|yum|apk|pacman|zypper|brew|snap|pip3?|pipx|uv|conda|npm|yarn"
    r"|pnpm|gem|bundle|cargo|go|choco)\s)(?>[^\n;|&]*?\b(?:install|add|get|i|S)\b)"
)
_FETCH = rf"{_PART}(?>[^\n;|&]*?\b(?:curl|wget)\b)"
_INSTALL = rf"(?:{_MANAGER}|{_FETCH})"
_SHELL = r"\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:ba|da|z)?sh\b"
_DEFINE = r"(?:^|[\n;&|{{(])[^\S\n]*+(?:alias\s+{word}=|function\s+{word}\b|{word}\s*\(\))"
_MAKE = (
    rf"{_PART}(?>[^\n;|&]*?(?:>|\s-o\b"
    r"|\b(?:tee|touch|mkdir|cp|mv|ln|install|clone|curl|wget|tar|unzip|venv|init|mktemp)\b)"
    r")[^\n;|&]*"
)


def program(case: Case, word: str) -> Remark:
    """Return what the document does to have a program, or which like it an earlier step uses."""
    found = provider(case, word)
    names = dict(islice(_called(case), _KNOWN))
    close = difflib.get_close_matches(word, names.keys() - {word}, n=1, cutoff=0.8)
    guess = f"; did you mean `{close[0]}`, as in {line_of(names[close[0]])}?" if close else ""
    off_path = _OFF_PATH if found.text.startswith(_ALTHOUGH) else ""
    known = _packaged(case, word) or guess
    return Remark(found.text + off_path + known + _also(case, word), found.cause)


_KNOWN = 500
"""Programs, the last ones before a command, that a mistyped name is held against."""


def _called(case: Case) -> Iterator[tuple[str, Command]]:
    """Yield the programs that earlier steps use, the nearest first, each with one that does."""
    seen: set[str] = set()
    for command in reversed(case.earlier):
        new = dict.fromkeys(name for name in _programs(command) if name not in seen)
        seen.update(new)
        yield from ((name, command) for name in new)


_ALTHOUGH = ", although"
_OFF_PATH = ", so it may be in a folder that `PATH` lacks"


_MISSING = either(
    r": (?P<word>[^:/]+): command not found$", r"^xargs: (?P<called>[^:/]+): No such file"
)


def _also(case: Case, word: str) -> str:
    """Return the other programs of a pipeline or list that are not there, in the text's order."""
    said = (_MISSING.search(line) for line in case.lines)
    others = {each["word"] or each["called"] for each in said if each} - {word}
    named = " and ".join(f"`{each}`" for each in sorted(others, key=case.command.text.find))
    verb = "are" if len(others) > 1 else "is"
    return f"; {named} {verb} not found either" if named else ""


def extension(case: Case, word: str) -> Remark:
    """Return the package that adds the command to git."""
    added = case.names(f"git: '{word}' is not a git command")
    return Remark(_packaged(case, f"git-{word}") if added else "")


def provider(case: Case, word: str) -> Remark:
    """Return what the document does to have a program or module of this name."""
    provides = f"{_installs(word)}|{_DEFINE.format(word=re.escape(word))}"
    found = _step(case, provides, verb="installs", although="installs something of that name")
    if found is not None:
        return found
    by_name = " by name" if line_with(case.earlier, _INSTALL) else ""
    without = f": no earlier step installs it{by_name}{_by_a_script(case)}"
    return _elsewhere(case, word, without) or Remark(without + _in_prose(case, word))


def _installs(word: str) -> str:
    """Return the pattern of what installs it: by name, as a file, or by a script of its site."""
    fetched = rf"{token(word)}(?:(?!/)|[^\n;&]{{0,300}}{_SHELL})"
    return rf"{_MANAGER}[^\n;|&]*?{token(word)}|{_FETCH}[^\n;|&]*?{fetched}"


_SCRIPTED = rf"(?<![^\n;&])(?>[^\n;&]*?\b(?:curl|wget)\b)[^\n;&]*{_SHELL}"


def _by_a_script(case: Case) -> str:
    """Return the step that gives a download to a shell: what that installs stands nowhere."""
    scripted = line_with(case.earlier, _SCRIPTED)
    return f", unless the script that {scripted} downloads should have" if scripted else ""


def _in_prose(case: Case, word: str) -> str:
    """Return where the prose has a command that installs it, else where it is only mentioned."""
    for number, line in prose(case.runbook):
        for code in re.findall(r"`([^`]+)`", line):
            if re.search(_installs(word), code):
                return f"; {case.runbook.path}:{number} says `{code}`, but only in the prose"
    return _in_text(case, rf"`[^`]*{token(word)}[^`]*`").text


def module(case: Case, word: str) -> Remark:
    """Return what the document does to have a module: a package, or a file that it shows."""
    found = _in_text(case, token(f"{word.partition('.')[0]}.py"))
    made = line_with(case.earlier, _MAKE + token(f"{word}.py"))
    return found if found.cause is not None and not made else provider(case, word)


def setter(case: Case, name: str) -> Remark:
    """Return where the document sets a variable."""
    if not name.isidentifier():
        return Remark()
    reads = rf"{_PART}(?>[^\n;|&]*?\b(?:read|mapfile|readarray)\s)[^\n;|&]*\b{name}\b"
    sets = rf"(?<![\w$]){name}=|\bfor\s+{name}\b|{reads}"
    if name in case.runbook.settings.secrets:
        return Remark(
            ": the document lists it as a secret, so export it before the rehearsal",
        )
    found = _step(case, sets, verb="sets", although="sets it for itself", here=" here")
    if found is not None:
        return found
    without = ": no earlier step sets it"
    return _elsewhere(case, name, without) or Remark(without + _in_text(case, token(name)).text)


_EXPANSION = re.compile(r"\$(?:(?P<plain>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)\})")


def _empty_in(case: Case, path: str) -> Remark | None:
    """Return the variable that must have been empty for this path to come of a word's expansion."""
    for word in re.sub("[\"']", "", case.command.text).split():
        if "$" in word and _EXPANSION.sub("", word) == path:
            names = [each["plain"] or each["braced"] for each in _EXPANSION.finditer(word)]
            if not names:
                continue  # a `$` that no name follows stands for itself
            unset = setter(case, names[0])
            said = f", for `{names[0]}` in `{word}` is empty{unset.text}"
            return Remark(said, unset.cause or Cause.UNSET_VARIABLE)
    return None


_DOWNLOADED = re.compile(r"\.(?:tar|tgz|gz|xz|bz2|zip|deb|rpm|apk|jar|war|whl|phar|exe|iso)$")
"""Ends of the names of files that nobody writes: to speak of one is not to show it."""


def maker(case: Case, path: str) -> Remark:
    """Return where the document makes a file, or shows it without making it."""
    name = path.rstrip("/").rpartition("/")[2]
    if (empty := _empty_in(case, path)) is not None:
        return empty
    relative = case.outcome.cwd is not None and bool(path) and not path.startswith(("/", "~"))
    where = f" in {case.outcome.cwd}" if relative else ""
    if not re.search(r"\w", name):
        return Remark(where)
    makes = _MAKE + token(name)
    found = _step(case, makes, verb="makes", although="makes something of that name")
    if found is None:
        without = ": no earlier step makes it by name"
        # Without a dot it is any word: only as a title of its own it is a file's name.
        shown = _in_text(case, token(name) if "." in name else rf"^\W*{token(name)}\W*$")
        cause = None if _DOWNLOADED.search(name) else shown.cause
        found = _elsewhere(case, name, without) or Remark(without + shown.text, cause)
    return Remark(where + found.text, found.cause)


def package(case: Case, _word: str) -> Remark:
    """Return whether apt's lists could be there at all, and what replaces the package."""
    no_candidate = case.names("has no installation candidate")
    for line, before in zip(case.lines, case.lines[1:], strict=False) if no_candidate else ():
        if re.search(
            r"the following packages replace it:|is a virtual package provided by:", before
        ):
            return Remark(f": apt offers `{line.strip()}` in its place", Cause.GONE)
    is_apt = re.search(r"\bapt(?:-get)?\s", case.command.text)
    update = r"\bapt(?:-get)?\s[^\n;|&]{0,200}update"
    if is_apt and not line_with((*case.earlier, case.command), update):
        return Remark(", and no step before it runs `apt-get update`")
    return Remark()


def network(case: Case, word: str) -> Remark:
    """Return whether the document shuts the network, or asks a server that no step starts."""
    if case.runbook.settings.network == "none":
        return Remark(": the document shuts the network (`network: none`)")
    here = re.search(r"\b(?:localhost|127\.0\.0\.1)\b", f"{word} {case.command.text}")
    return Remark(": that is this machine, where no step keeps a server up" if here else "")


def root(case: Case, _word: str) -> Remark:
    """Return what the command lacks that could help: the executable bit, or sudo."""
    if case.outcome.exit_code == NOT_EXECUTABLE:
        return Remark(", or it is not executable")
    return Remark("" if "sudo" in case.command.text else ", and the command does not use sudo")


def nothing(_case: Case, _word: str) -> Remark:
    """Return that the document has nothing to say."""
    return Remark()


# Steps.


def _step(case: Case, pattern: str, *, verb: str, although: str, here: str = "") -> Remark | None:
    """Return the step that holds the pattern; one that was not typed is a missing one."""
    if at := line_with(case.reached, pattern):
        return Remark(f"{here}{_ALTHOUGH} {at} {although}")
    if at := line_with(case.skipped, pattern):
        return Remark(f": {at} {verb} it, but the document skips that step", Cause.MISSING_STEP)
    if at := line_with(case.apart, pattern):
        where = "in a section that this one does not count on"
        return Remark(f": {at} {verb} it, but {where}", Cause.MISSING_STEP)
    if at := _in_unread_block(case, pattern):
        return Remark(f": {at} {verb} it, but in a block that is not run", Cause.MISSING_STEP)
    if at := line_with(case.later, pattern):
        return Remark(f": {at} {verb} it, but only later")
    return None


def _programs(command: Command) -> list[str]:
    """Return the words that stand where a shell expects a program."""
    return re.findall(r"(?:^|[\n;|&(])[^\S\n]*+(?:sudo\s+)?([\w.+-]++)(?=\s|$)", command.text)


_NOT_DEBIAN = re.compile(r"alpine|fedora|centos|rocky|alma|ubi\d|arch|opensuse|nixos|busybox")


def _packaged(case: Case, word: str) -> str:
    """Return which package of the distribution has a program of this name."""
    if is_of_another_system(word):
        return "; it is the package manager of another system"
    name = package_of(word)
    if name is None or _NOT_DEBIAN.search(case.runbook.settings.image or ""):
        return ""
    return f"; Debian 12 has one of that name in its package `{name}`"


# What the reader alone sees.

_UNREAD = ("", "text", "txt", "plain", "plaintext", "none", "yaml", "yml", "dockerfile", "docker")
"""Languages in which a document shows commands that are not run."""


def _in_unread_block(case: Case, pattern: str) -> str:
    for block in case.runbook.blocks:
        if block.kind is BlockKind.OTHER and block.language.lower() in _UNREAD:
            match = re.search(pattern, block.text) if block.line < case.command.line else None
            if match:
                line = block.line + 1 + block.text.count("\n", 0, match.end() - 1)
                return f"{case.runbook.path}:{line}"
    return ""


_MAKING = re.compile(
    r"\b(?:creat\w+|sav\w+|mak(?:e|ing)|put|writ(?:e|ing)|add|past(?:e|ing)|plac(?:e|ing)|edit\w*"
    r"|download\w*|copy|copying|named|called|following|contents?)\b",
    re.IGNORECASE,
)
_NEAR = 3
"""Lines between a file's name in the prose and the block that shows what is in it."""


def _in_text(case: Case, pattern: str) -> Remark:
    """Return where the document shows the pattern to the reader alone."""
    search = re.compile(pattern)
    shown = ((n, kind) for n, line, kind in _for_the_eye(case) if search.search(line))
    for number, kind in shown:
        return Remark(
            f"; {case.runbook.path}:{number} only shows it, in a {kind}", Cause.ONLY_SHOWN
        )
    mentions = [(n, line) for n, line in prose(case.runbook) if search.search(line)]
    for number, line in sorted(mentions, key=lambda each: not _makes(case, *each)):
        cause = Cause.ONLY_SHOWN if _makes(case, number, line) else None
        return Remark(f"; {case.runbook.path}:{number} only mentions it", cause)
    return Remark()


def _for_the_eye(case: Case) -> Iterator[tuple[int, str, str]]:
    """Yield the lines of blocks that are not run: number, text, and what they stand in."""
    for block in case.runbook.blocks:
        if block.kind is BlockKind.OTHER:
            kind = f"`{block.language}` block" if block.language else "block without a language"
            yield block.line, _title(case, block), kind
            for number, line in enumerate(block.text.split("\n"), block.line + 1):
                yield number, line, kind


_TITLE = re.compile(r"(?:title|file|filename|path|name)=|:[\w./-]*\w\.\w|\s[\w./-]*\w\.\w")


def _title(case: Case, block: Block) -> str:
    """Return the words of a fence where they name the file that the block shows."""
    lines = case.runbook.text.split("\n")
    fence = lines[block.line - 1] if block.line <= len(lines) else ""
    return fence if _TITLE.search(fence) else ""


def _makes(case: Case, number: int, line: str) -> bool:
    """Tell whether a line of prose has the reader make a file, or a block shows it just below."""
    return bool(_MAKING.search(line)) or any(
        0 < block.line - number <= _NEAR for block in _shown_files(case)
    )


def _shown_files(case: Case) -> list[Block]:
    return [block for block in case.runbook.blocks if block.kind is BlockKind.OTHER]


_READING = "read|see|follow|complete|finish|do|run|install|set up|go|work|start|visit|make|perform"
_READ_FIRST = (
    rf"prerequisit|before (?:you|start|continu|going|proceed)|\b(?:{_READING})\b.{{0,100}}\bfirst\b"
    rf"|\bfirst,? (?:{_READING})\b|assum\w+ (?:that )?(?:you|a|an|the|your)\b"
    r"|\bcomplete (?:the|all|our|this)\b(?! (?:list|set|example|reference|guide|docu))"
    r"|\bhave already\b|\balready (?:have|installed|done|completed|configured|followed|set up)\b"
)
"""What a sentence says that sends the reader away before anything else."""
_READ_FOR = rf"{_READ_FIRST}|install|set ?up|getting started|requir|follow"
_LINK = re.compile(
    r"\[[^\]]{0,200}\]\((?!https?:|mailto:|#)(?P<target>[^)\s]{1,200}\.(?:md|rst|html|adoc))"
)


def _elsewhere(case: Case, word: str, without: str) -> Remark | None:
    """Return the other document that has to be read first, where a line says so and names it.

    The line names the word, or is the document's only one to send the reader away first.
    """
    named, why = token(word), rf"(?i:{_READ_FOR})"
    naming = list(_links(case, rf"^(?>.*?{why}).*{named}|^(?>.*?{named}).*{why}"))
    sent = naming or list(_links(case, rf"(?i){_READ_FIRST}"))
    if not naming and len({target for _, target in sent}) != 1:
        return None
    number, target = sent[0]
    where = f"{case.runbook.path}:{number} sends the reader to {target} first"
    return Remark(f"{without}; {where}", Cause.MISSING_STEP)


def _links(case: Case, pattern: str) -> Iterator[tuple[int, str]]:
    """Yield the links to other documents in lines before the command that hold the pattern."""
    for number, line in prose(case.runbook):
        if number < case.command.line and re.search(pattern, line):
            yield from ((number, found["target"]) for found in _LINK.finditer(line))


def memory(case: Case, _word: str) -> Remark:
    """Return the limit that the document sets."""
    return Remark(f" (the machine's limit is {case.runbook.settings.memory})")


def port(case: Case, word: str) -> Remark:
    """Return the earlier step that names the port."""
    own = re.search(r"(?<![\d.])\d{2,5}(?![\d.])", case.command.text)
    number = word or (own[0] if own else "")
    at = line_with(case.earlier, rf"(?<!\d){number}(?!\d)") if number else ""
    return Remark(f": {at} names it too" if at else "")
