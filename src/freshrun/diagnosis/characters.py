"""Characters that a reader can't tell from the right ones, and HTML's names for some, in a command.

The text of the command is the evidence, what was printed only the occasion: where a program
complains of something else, a character that may well be meant is not blamed for it.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from freshrun.diagnosis.case import Case, either, last_words, quoted
from freshrun.diagnosis.cause import Cause, Diagnosis
from freshrun.diagnosis.known import any_sign
from freshrun.text import shown

_WIDTHS = "".join(map(chr, range(0x2000, 0x200B)))
_BLANKS = f"\u00a0\u1680{_WIDTHS}\u202f\u205f\u3000"
_INVISIBLE = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_DOUBLE = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"
_SINGLE = "\u2018\u2019\u201a\u201b\u2032\u00b4"
_MEANT = {
    **dict.fromkeys(_BLANKS, " "),
    **dict.fromkeys(_INVISIBLE, ""),
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_DOUBLE, '"'),
    **dict.fromkeys(_SINGLE, "'"),
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
}
"""What each of them stands for in a command."""
_ANY = f"[{''.join(_MEANT)}]"
_STRAY = re.compile(_ANY)
_UNMISTAKABLE = either(
    f"[{_BLANKS}{_INVISIBLE}]",
    rf"(?<!\S)[{_DASHES}](?=[A-Za-z{_DASHES}-])",
    rf"(?<![^\s=:,(])[{_DOUBLE}{_SINGLE}](?=\S)",
    r"(?<!\S)[\uff06\uff1b\uff1c\uff1e\uff5c](?!\S)",
)
"""Where it can't be meant outside of quotes: between words, before an option, around a word, and
as an operator."""


@dataclass(frozen=True, slots=True)
class _Stray:
    """A character, where it stands in a command's text, and whether the shell reads it there."""

    character: str
    position: int
    bare: bool
    certain: bool


@dataclass(frozen=True, slots=True)
class Slip:
    """Text that is surely a slip: where in a command it stands, and what is meant there.

    `name` says what it is, in words.
    """

    start: int
    end: int
    name: str
    meant: str


def stray_characters(text: str) -> Iterator[Slip]:
    """Yield the characters of a command that can't be meant, with the quotes that close one."""
    open_quotes: set[str] = set()
    after_dash = -1
    for stray in _strays(text):
        meant = _MEANT[stray.character]
        goes_on = meant in open_quotes or (meant == "-" and stray.position == after_dash)
        if stray.certain or (stray.bare and goes_on):
            open_quotes |= {meant} & {'"', "'"}
            after_dash = stray.position + 1
            name = f"{_name(stray.character)} (U+{ord(stray.character):04X})"
            yield Slip(stray.position, stray.position + 1, name, meant)


def html_entities(text: str) -> Iterator[Slip]:
    """Yield HTML's names of the characters that a shell reads, where they are not quoted."""
    for found in _ENTITY.finditer(unquoted(text)):
        meant = html.unescape(found[0]).replace("\u00a0", " ")
        if len(meant) == 1 and meant in "&<>\"' ":
            yield Slip(found.start(), found.end(), f"HTML entity `{found[0]}`", meant)


def blanks_after_backslash(text: str) -> Iterator[Slip]:
    """Yield the blanks that keep a backslash from joining a line and the next one."""
    for found in _SPLIT.finditer(unquoted(text)):
        before = text[: found.start() + 1]
        escapes = (len(before) - len(before.rstrip("\\"))) % 2 == 1
        if escapes and text[found.end() :].partition("\n")[2].partition("\n")[0].strip():
            yield Slip(found.start("blank"), found.end(), "blank after the backslash", "")


def _name(character: str) -> str:
    return unicodedata.name(character, "character").lower()


def characters(case: Case) -> Diagnosis | None:
    """Find a character, a blank after a backslash or an HTML entity that broke the command."""
    return _stray(case) or _after_backslash(case) or _entity(case)


def _stray(case: Case) -> Diagnosis | None:
    strays = list(_strays(case.command.text))
    for find in (_named, _unnamed):
        for stray in strays:
            if seen := find(case, stray):
                return Diagnosis(Cause.WRONG_CHARACTER, f"{_sentence(case, stray)} ({seen})")
    return None


def _strays(text: str) -> Iterator[_Stray]:
    bare = unquoted(text)
    certain = {found.start() for found in _UNMISTAKABLE.finditer(bare)}
    for found in _STRAY.finditer(text):
        at = found.start()
        yield _Stray(found[0], at, bare=bare[at] == found[0], certain=at in certain)


# What the shell reads itself.

_QUOTED = re.compile(r"\\.|'[^']*'|\"(?>(?:[^\"\\]|\\.)*)\"|(?<![^\s;|&(])#[^\n]*", re.DOTALL)
_HEREDOC = re.compile(r"(?<!<)<<-?[ \t]*+(['\"]?)(?P<word>\w+)\1")


def unquoted(text: str) -> str:
    """Return the text with quotes, comments and here-documents blanked, every position kept."""
    return _QUOTED.sub(_blanked, _without_documents(text))


def _blanked(found: re.Match[str]) -> str:
    if found[0].startswith("\\"):
        return found[0]
    return re.sub(r"[^\n]", " ", found[0])


def _without_documents(text: str) -> str:
    lines, word = [], ""
    for line in text.split("\n"):
        if word:
            lines.append(" " * len(line))
            word = "" if line.strip() == word else word
            continue
        lines.append(line)
        opened = _HEREDOC.search(line)
        word = opened["word"] if opened else ""
    return "\n".join(lines)


# What the failure says of it.

_COMPLAINT = re.compile(
    r"(?i)not found|no such|invalid|illegal|unexpected|unknown|unrecogni[sz]ed|cannot|can't|bad "
    r"|could not|couldn't|did not match|does not exist|unsupported|not supported|unable|malformed"
    r"|error|missing|ambiguous"
)
_ESCAPED = re.compile(r"(?:\\[0-3][0-7]{2})+|(?:\\x[0-9a-f]{2})+|(?:%[0-9A-Fa-f]{2})+")
_IN_A_LANGUAGE = r"(?:at or near|character|token|symbol|byte)\W{0,3}"
"""How the reader of a language complains of one character, also inside of a shell's quotes."""


def _named(case: Case, stray: _Stray) -> str:
    """Return the complaint that names the character, quoted."""
    names = partial(_names, stray) if stray.bare else partial(_misreads, stray)
    for line in _printed(case):
        if names(line) and (stray.certain or not stray.bare or _is_a_slip(case, stray, line)):
            return quoted(line)
        if stray.certain and any(_names(each, line) for each in _closing(case, stray)):
            return quoted(line)
    return ""


def _closing(case: Case, opening: _Stray) -> list[_Stray]:
    """Return the quotes that can close one, of which the failure may name the last alone."""
    if (meant := _MEANT[opening.character]) not in {'"', "'"}:
        return []
    strays = (each for each in _strays(case.command.text) if each.position > opening.position)
    return [each for each in strays if each.bare and _MEANT[each.character] == meant]


def _printed(case: Case) -> Iterator[str]:
    """Yield the lines as they were printed, typographic quotes and all, the last one first."""
    for output in (case.outcome.stderr, case.outcome.stdout):
        yield from reversed([line for line in shown(output.text).split("\n") if line.strip()])


def _names(stray: _Stray, line: str) -> bool:
    if _COMPLAINT.search(line) is None:
        return False
    first = f"\\x{stray.character.encode()[0]:02x}"
    code = f"U+{ord(stray.character):04X}"
    return stray.character in _decoded(line) or first in line or code in line.upper()


def _misreads(stray: _Stray, line: str) -> bool:
    if f"U+{ord(stray.character):04X}" in line.upper() or "INVALID_CHARACTER" in line:
        return True
    return re.search(_IN_A_LANGUAGE + stray.character, _decoded(line)) is not None


def _decoded(line: str) -> str:
    """Return a line with the escapes of bash, Python and addresses undone."""
    return _ESCAPED.sub(_character, line)


def _character(found: re.Match[str]) -> str:
    kind = found[0][:2]
    numbers = re.findall(r"[0-9A-Fa-f]{2,3}", found[0])
    base = 16 if kind == "\\x" or kind[0] == "%" else 8
    return bytes(int(each, base) & 0xFF for each in numbers).decode(errors="replace")


def _is_a_slip(case: Case, stray: _Stray, line: str) -> bool:
    """Tell whether a visible character inside a word is wrong there: it could be a file's name."""
    word = _word(case.command.text, stray)
    plain = "".join(_MEANT.get(each, each) for each in word)
    return "command not found" in line or (plain != word and plain in case.runbook.text)


_ELSEWHERE = {
    *(Cause.COMMAND_NOT_FOUND, Cause.NETWORK, Cause.SERVICE_NOT_RUNNING, Cause.PORT_TAKEN),
    *(Cause.DISK_FULL, Cause.OUT_OF_MEMORY, Cause.TOO_MANY_PROCESSES, Cause.RUNTIME_VERSION),
    *(Cause.UNSET_VARIABLE, Cause.PERMISSION_DENIED, Cause.RATE_LIMIT, Cause.OTHER_MACHINE),
    *(Cause.MODULE_NOT_FOUND, Cause.REFUSED_BY_POLICY, Cause.INTERPRETER_NOT_FOUND),
}
"""What a wrong character brings about only where the failure names it."""
_UNCLOSED = re.compile(r"unexpected EOF while looking for matching|[Uu]nterminated quoted")
_PART = re.compile(r"[^\n;|&()]+")
_SAYS = re.compile(r"^\s*+(?:sudo\s++)?(?:echo|printf)\b")


def _unnamed(case: Case, stray: _Stray) -> str:
    """Return what was printed where nothing but the character explains it."""
    other = any_sign(case)
    if stray.bare and _MEANT[stray.character] in {'"', "'"} and _is_unclosed(case):
        return last_words(case)
    if not stray.certain or (other is not None and other.cause in _ELSEWHERE):
        return ""
    part = _part(case.command.text, stray.position)
    if _SAYS.match(part) or (other is not None and _is_of_another(case, part, other.hint)):
        return ""
    return last_words(case)


def _is_unclosed(case: Case) -> bool:
    return any(_UNCLOSED.search(line) for line in case.lines)


def _part(text: str, position: int) -> str:
    """Return the simple command that stands at a position."""
    parts = (part for part in _PART.finditer(unquoted(text)) if part.end() > position)
    found = next(parts, None)
    return text[found.start() : found.end()] if found else text


_SHORT = 2


def _is_of_another(case: Case, part: str, hint: str) -> bool:
    """Tell whether a hint is about a word of another command in the same text."""
    own = set(part.split())
    others = {word for word in case.command.text.split() if len(word) > _SHORT} - own
    return any(word in hint for word in others) and not any(
        word in hint for word in own if len(word) > _SHORT
    )


# What is said of it.


def _sentence(case: Case, stray: _Stray) -> str:
    name = _name(stray.character)
    stands = f"the {name} (U+{ord(stray.character):04X}) stands at {_place(case, stray.position)}"
    meant = _MEANT[stray.character]
    if meant == " ":
        before = case.command.text[: stray.position].split()
        after = f", after `{before[-1]}`," if before else ","
        return f"{stands}{after} where a plain blank is meant: write a plain blank there"
    word = _STRAY.sub(
        lambda each: each[0] if _MEANT[each[0]].strip() else "", _word_of(case, stray)
    )
    if not meant:
        return f"{stands}, in `{word}`, where nobody sees it: delete it"
    return f"{stands}, in `{word}`, where `{meant}` is meant: write `{meant}`"


def _word_of(case: Case, stray: _Stray) -> str:
    return _word(case.command.text, stray)


def _word(text: str, stray: _Stray) -> str:
    before = re.split(r"\s", text[: stray.position])[-1]
    after = re.split(r"\s", text[stray.position :], maxsplit=1)[0]
    return before + after


def _place(case: Case, position: int) -> str:
    """Return file, line and column of a position in the command's text, as in the document."""
    before = case.command.text[:position]
    row, column = before.count("\n"), position - (before.rfind("\n") + 1)
    line = case.command.line + row
    own = case.command.text.split("\n")[row]
    offset = max(0, _line(case, line).find(own))
    return f"{case.command.file}:{line}, column {offset + column + 1}"


def _line(case: Case, number: int) -> str:
    """Return a line of the document, empty where it is not there."""
    lines = case.runbook.text.split("\n")
    return lines[number - 1] if 0 < number <= len(lines) else ""


# Blanks after a backslash.

_SPLIT = re.compile(rf"\\(?P<blank>[ \t{_BLANKS}]+)(?=\n|$)")


def _after_backslash(case: Case) -> Diagnosis | None:
    """Find the blank that keeps a backslash from joining a line and the next one."""
    other = any_sign(case)
    if found := _SPLIT.search(unquoted(case.command.text)):
        if other is not None and other.cause in _ELSEWHERE:
            return None
        return _split(case, _place(case, found.start("blank")))
    return _split_before(case)


def _split_before(case: Case) -> Diagnosis | None:
    """Find the line above that should have gone on here."""
    number = case.command.line - 1
    above = _line(case, number)
    found = _SPLIT.search(above)
    in_block = case.block is not None and case.block.line < number
    if found is None or not in_block or not _starts_a_line(case):
        return None
    return _split(case, f"{case.command.file}:{number}, column {found.start('blank') + 1}")


def _starts_a_line(case: Case) -> bool:
    first = case.command.text.partition("\n")[0]
    return re.match(r"[\s>]*+$", _line(case, case.command.line).partition(first)[0]) is not None


def _split(case: Case, where: str) -> Diagnosis:
    said = f"a blank stands after the backslash at {where}, so the command ends there"
    hint = f"{said}: delete what follows the backslash ({last_words(case)})"
    return Diagnosis(Cause.WRONG_CHARACTER, hint)


# HTML's names of characters.

_ENTITY = re.compile(r"&(?P<name>#\d{1,6}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8}\d?);")
_SYNTAX = re.compile(r"^(?:-?(?:ba|da|z)?sh): .*[Ss]yntax error")


def _entity(case: Case) -> Diagnosis | None:
    """Find an HTML entity, which the shell reads as `&`, a command of that name, and `;`."""
    text = _whole_lines(case)
    for found in _ENTITY.finditer(unquoted(text)):
        meant = html.unescape(found[0])
        if meant != found[0] and (seen := _broken_by(case, found["name"])):
            number = case.command.line + text.count("\n", 0, found.start())
            column = found.start() - text.rfind("\n", 0, found.start())
            where = f"{case.command.file}:{number}, column {column}"
            said = f"the HTML entity `{found[0]}` stands at {where}, where `{meant}` is meant"
            return Diagnosis(Cause.WRONG_CHARACTER, f"{said}: write `{meant}` ({quoted(seen)})")
    return None


def _whole_lines(case: Case) -> str:
    """Return the document's lines of the command, for `;` and `&` end one in the middle of one."""
    numbers = range(case.command.line, case.command.end_line + 1)
    lines = "\n".join(_line(case, number) for number in numbers)
    return lines if lines.strip() else case.command.text


def _broken_by(case: Case, name: str) -> str:
    """Return the line in which the shell takes the entity's name for a command, or stumbles."""
    missed = (line for line in case.lines if line.endswith(f": {name}: command not found"))
    stumbled = (line for line in case.lines if _SYNTAX.search(line))
    return next(missed, "") or next(stumbled, "")
