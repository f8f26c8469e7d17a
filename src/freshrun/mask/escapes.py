"""Escapes of JSON, shells, C, URLs, XML, mail and others, replaced by what they stand for."""

import re
from functools import lru_cache
from html.entities import html5
from string import ascii_letters, digits

LEVELS = 3
"""How often an escape can be escaped again: JSON in JSON in a shell's quotes."""

_HEX = "[0-9A-Fa-f]"
_KINDS = {
    b"\\": rf"\\u[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}"
    rf"|\\x\{{(?P<braced>{_HEX}{{1,8}})\}}|\\u\{{(?P<point>{_HEX}{{1,6}})\}}"
    rf"|\\x(?P<byte>{_HEX}{{1,2}})|\\u+(?P<unit>{_HEX}{{4}})|\\U(?P<long>{_HEX}{{8}})"
    r"|\\(?P<octal>0[0-3][0-7]{2}|[0-3][0-7]{2}|[0-7]{1,2})"
    r"|\\\r?\n|\\(?P<letter>[^\x80-\xff])",
    b"&": r"&#0*(?P<decimal>[0-9]{1,7});?"
    rf"|&#[xX]0*(?P<hex>{_HEX}{{1,6}});?|&(?P<name>[A-Za-z][A-Za-z0-9]{{1,31}});?",
    b"%": rf"%u(?P<percent>{_HEX}{{4}})|%(?P<url>{_HEX}{{2}})",
    b"=": rf"=\r?\n|=(?P<quoted>{_HEX}{{2}})",
}
"""The escapes, by the byte that each begins with; last the one whose text can be anything."""


def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode("latin-1"), re.DOTALL)


ESCAPED = _compiled("|".join(_KINDS.values()))
"""Any escape."""

_OF_A_KIND = {lead: _compiled(pattern) for lead, pattern in _KINDS.items()}
_NAMED = re.compile(r"\?P<\w+>")
_PIECES = {lead: _compiled(f"({_NAMED.sub('?:', kind)})") for lead, kind in _KINDS.items()}
_ALL_PIECES = _compiled(f"({'|'.join(_NAMED.sub('?:', kind) for kind in _KINDS.values())})")
_CONTROLS = {ord("n"): b"\n", ord("t"): b"\t", ord("r"): b"\r", ord("0"): b"\0"}


_IDLE = bytes(set(range(0x80)) - set((ascii_letters + digits).encode() + b"\\=%&#;{}\r\n"))
"""What is no part of an escape."""


def unescaped(text: bytes) -> bytes:
    """Return the text with each escape replaced by what it stands for, once.

    To look for one kind of escape is ten times as fast as to look for any: each begins with a byte
    of its own, which no other one holds.
    """
    leads = [lead for lead, kind in _OF_A_KIND.items() if lead in text and kind.search(text)]
    if not leads:
        return text
    one_by_one = _by_kinds(text, leads) if len(leads) == 1 or b"\\" not in leads else None
    return _replaced(text, _ALL_PIECES)[0] if one_by_one is None else one_by_one


def _by_kinds(text: bytes, leads: list[bytes]) -> bytes | None:
    """Return it with one kind replaced after the other, `None` where that may not be the same.

    It is, as long as nothing that a kind leaves can be a part of an escape of those that follow.
    """
    for number, lead in enumerate(leads, start=1):
        text, left = _replaced(text, _PIECES[lead])
        if number < len(leads) and not all(map(_is_idle, left)):
            return None
    return text


def _is_idle(part: bytes) -> bool:
    return bool(part) and not part.translate(None, _IDLE)


def _replaced(text: bytes, kind: re.Pattern[bytes]) -> tuple[bytes, set[bytes]]:
    """Return the text with escapes replaced, and what they gave, but for those that stay."""
    pieces = kind.split(text)
    escapes = set(pieces[1::2])
    pieces[1::2] = map(meant, pieces[1::2])
    return b"".join(pieces), {new for escape in escapes if (new := meant(escape)) != escape}


@lru_cache(maxsize=4096)
def meant(escape: bytes) -> bytes:
    """Return what an escape stands for."""
    found = ESCAPED.match(escape)
    kind = found.lastgroup if found else None
    if found is None or kind is None:
        return b"" if escape.endswith(b"\n") else _pair(escape)
    text = found[kind]
    if kind == "letter":
        return _CONTROLS.get(text[0], text)
    if kind == "octal":
        return bytes([int(text, 8)])
    if kind in {"byte", "url", "quoted"}:
        return bytes([int(text, 16)])
    if kind == "name":
        return _named(text.decode(), whole=escape)
    return _character(int(text, 10 if kind == "decimal" else 16), otherwise=escape)


def _pair(text: bytes) -> bytes:
    r"""Return the character of `\ud83d\ude00`, the two halves that JSON makes of it."""
    high, low = (int(half, 16) for half in text[2:].split(rb"\u"))
    return chr(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF)).encode()


def _named(name: str, *, whole: bytes) -> bytes:
    if whole.endswith(b";"):
        return html5[f"{name};"].encode() if f"{name};" in html5 else whole
    lengths = range(len(name), 1, -1)  # `&ltb` is a `<` and a `b`
    known = next((length for length in lengths if name[:length] in html5), 0)
    return html5[name[:known]].encode() + name[known:].encode() if known else whole


def _character(code: int, *, otherwise: bytes) -> bytes:
    return chr(code).encode(errors="surrogatepass") if code <= 0x10FFFF else otherwise  # noqa: PLR2004
