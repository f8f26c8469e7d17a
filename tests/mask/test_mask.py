"""Secrets do not show, in whatever form and whatever pieces they come."""

import codecs
import html
import json
import quopri
import re
import shlex
import subprocess
import time
import unicodedata
from base64 import (
    a85encode,
    b32encode,
    b64encode,
    b85encode,
    encodebytes,
    urlsafe_b64encode,
)
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from freshrun.mask.masking import MASK, Mask
from freshrun.mask.search import Hints
from freshrun.text.screen import rendered, shown

SECRET = "s3cr3t/with+odd=chars&more"  # noqa: S105 - it opens nothing
AWKWARD = 'it\'s 100% "odd" <b>\\&$x; ä/€~+'
KEY = (
    "-----BEGIN KEY-----\n" + "\n".join(f"{n:02}cafeBABE/+line{n:050}" for n in range(9)) + "\nQw=="
)

OD = tuple(
    f"-v {how}"
    for how in (
        "-An -tx1",
        "-An -c",
        "-An -b",
        "-An -x",
        "-An -td1",
        "-c",
        "-b",
        "-tx1z",
        "-a",
        "-d",
    )
)


def od(options: str, text: str) -> bytes:
    """Return what `od` shows of the text amid another one, from the next line on."""
    written = f"a token={text}\n".encode()
    dump = ["od", *options.split()]
    done = subprocess.run(dump, input=written, capture_output=True, check=True)
    return b"\n" + done.stdout


NAMED = {"/": "&sol;", "+": "&plus;", "=": "&equals;", "&": "&amp;", "<": "&lt", ";": "&semi;"}

FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "url": lambda s: quote(s, safe="").encode(),
    "url with + for blanks": lambda s: quote_plus(s).encode(),
    "url with slashes": lambda s: quote(s).encode(),
    "url in lower case": lambda s: quote(s, safe="").replace("%2F", "%2f").encode(),
    "every byte of a url": lambda s: "".join(f"%{b:02x}" for b in s.encode()).encode(),
    "base64": lambda s: b64encode(s.encode()),
    "base64 after 1": lambda s: b64encode(b"u" + s.encode() + b"tail"),
    "base64 after 2": lambda s: b64encode(b"ab" + s.encode() + b"!"),
    "basic auth": lambda s: b64encode(b"user:" + s.encode()),
    "base64 for urls": lambda s: urlsafe_b64encode(b"user:" + s.encode()),
    "base64 in a url": lambda s: quote(b64encode(s.encode()), safe="").encode(),
    "base64 in lines": lambda s: encodebytes(b"x" * 50 + s.encode()),
    "base64 in JSON": lambda s: json.dumps(encodebytes(b"x" * 51 + s.encode()).decode()).encode(),
    "base64 in YAML": lambda s: encodebytes(b"x" * 52 + s.encode()).replace(b"\n", b"\r\n    "),
    "JSON": lambda s: json.dumps(s).encode(),
    "JSON with UTF-8": lambda s: json.dumps(s, ensure_ascii=False).encode(),
    "JSON in JSON": lambda s: json.dumps(json.dumps(s, ensure_ascii=False)).encode(),
    "JSON with slashes": lambda s: json.dumps(s).replace("/", "\\/").encode(),
    "Python": lambda s: repr(s).encode(),
    "Python's bytes": lambda s: repr(s.encode()).encode(),
    "XML": lambda s: html.escape(s).encode(),
    "XML's text": lambda s: html.escape(s, quote=False).encode(),
    "shell": lambda s: shlex.quote(s).encode(),
    "shell's trace": lambda s: s.replace("'", "'\\''").encode(),
    "hex": lambda s: s.encode().hex().encode(),
    "HEX": lambda s: s.encode().hex().upper().encode(),
    "dump": lambda s: b"\n " + s.encode().hex(" ").encode(),
    "words of hex": lambda s: s.encode().hex(" ", 2).encode(),
    "hex with colons": lambda s: s.encode().hex(":").encode(),
    "every byte for C": lambda s: each(r"\x{:02x}", s.encode()),
    "every byte for C, in upper case": lambda s: each(r"\x{:02X}", s.encode()),
    "octal": lambda s: each(r"\{:03o}", s.encode()),
    "short octal": lambda s: each(r"\{:o}", s.encode()),
    "octal of echo -e": lambda s: each(r"\0{:03o}", s.encode()),
    "the shell's own quotes": lambda s: b"$'" + each(r"\x{:x}", s.encode()) + b"'",
    "an array in C": lambda s: each("0x{:02x}, ", s.encode()),
    "UTF-16 units": lambda s: each(r"\u{:04x}", map(ord, s)),
    "code points": lambda s: each(r"\u{{{:x}}}", map(ord, s)),
    "long code points": lambda s: each(r"\U{:08X}", map(ord, s)),
    "code points of Perl": lambda s: each(r"\x{{{:x}}}", map(ord, s)),
    "code points of old JavaScript": lambda s: each("%u{:04x}", map(ord, s)),
    "decimal references": lambda s: each("&#{};", map(ord, s)),
    "padded references": lambda s: each("&#000{};", map(ord, s)),
    "open references": lambda s: each("&#{}", map(ord, s)),
    "hex references": lambda s: each("&#x{:x};", map(ord, s)),
    "HEX references": lambda s: each("&#X00{:X};", map(ord, s)),
    "XML in XML": lambda s: html.escape(html.escape(s)).encode(),
    "names of characters": lambda s: "".join(NAMED.get(c, c) for c in s).encode(),
    "url in mixed case": lambda s: each("%{:02X}%{:02x}", s.encode()),
    "url in a url": lambda s: quote(quote(s, safe=""), safe="").encode(),
    "every byte of a url in a url": lambda s: each("%25{:02X}", s.encode()),
    "every byte of a url in a url in a url": lambda s: each("%2525{:02X}", s.encode()),
    "JSON in a url": lambda s: quote(json.dumps(s)).encode(),
    "JSON in JSON in JSON": lambda s: json.dumps(json.dumps(json.dumps(s))).encode(),
    "Python's ASCII": lambda s: ascii(s).encode(),
    "Python in Python": lambda s: repr(repr(s.encode())).encode(),
    "Markdown": lambda s: re.sub("([!-/:-@[-`{-~])", r"\\\1", s).encode(),
    "mail": lambda s: quopri.encodestring(s.encode()),
    "every byte of a mail": lambda s: each("={:02X}", s.encode()),
    "base64 of base64": lambda s: b64encode(b64encode(b"u:" + s.encode())),
    "base64 of UTF-16": lambda s: b64encode(s.encode("utf-16-le")),
    "base32": lambda s: b32encode(s.encode()),
    "base32 after 3": lambda s: b32encode(b"abc" + s.encode() + b"\n"),
    "base85": lambda s: b85encode(s.encode() + b"..."),
    "ASCII85": lambda s: a85encode(b"xx" + s.encode() + b"..."),
    "decimal bytes": lambda s: str(list(s.encode())).encode(),
    "binary": lambda s: each("{:08b} ", s.encode()),
    "UTF-16": lambda s: s.encode("utf-16-le"),
    "UTF-16 of networks": lambda s: s.encode("utf-16-be"),
    "upper case": lambda s: s.upper().encode(),
    "lower case": lambda s: s.lower().encode(),
    "swapped case": lambda s: s.swapcase().encode(),
    "decomposed": lambda s: unicodedata.normalize("NFD", s).encode(),
    "letter by letter": lambda s: "\n".join(s).encode(),
    "spaced": lambda s: " ".join(s).encode(),
    "in a box": lambda s: " \u2502\r\n\u2502 ".join(textwrap(s, 7)).encode(),
    "quoted in lines": lambda s: "\n    | ".join(textwrap(s, 9)).encode(),
    "backwards": lambda s: s[::-1].encode(),
    "rot13": lambda s: codecs.encode(s, "rot13").encode(),
    "NULs between": lambda s: "\0".join(s).encode(),
    "DELs between": lambda s: "\x7f".join(s).encode(),
    "nothing of no width between": lambda s: "\u200b".join(s).encode(),
    "soft hyphens": lambda s: "\u00ad".join(s).encode(),
    "directions": lambda s: "\u2066\u202d".join(s).encode(),
    **{f"od {how}": partial(od, how) for how in OD},
    "bytes of Go": lambda s: each("0x{:x}, ", s.encode()),
    "points of Unicode": lambda s: each("U+{:04X} ", map(ord, s)),
    "a list of code points": lambda s: json.dumps(list(map(ord, s)), indent=1).encode(),
    "chr of Python": lambda s: each("chr({}) + ", map(ord, s)),
    "char of PowerShell": lambda s: each("[char]{}+", map(ord, s)),
    "CHAR of SQL": lambda s: each("CHAR({})||", map(ord, s)),
    "hex of Basic": lambda s: each("&H{:02X} ", map(ord, s)),
    "hex of Lisp": lambda s: each("#x{:02x} ", map(ord, s)),
    "tcpdump -X": lambda s: b"\n" + dumped(s, "\t0x{:04x}:  {}  {}\n", width=2),
    "gdb's x/xb": lambda s: b"\n0x7ffe0010:\t" + each("0x{:02x}\t", s.encode()),
    "xxd": lambda s: b"\n" + dumped(s, "{:08x}: {}  {}\n", width=2),
    "hexdump -C": lambda s: b"\n" + dumped(s, "{:08x}  {}  |{}|\n", width=1),
}


def each(form: str, numbers: Iterable[int]) -> bytes:
    """Return the numbers in a form, or in two forms in turn."""
    forms = [f"{part}" for part in re.split("(?<=})(?=%)", form)]
    return "".join(forms[n % len(forms)].format(code) for n, code in enumerate(numbers)).encode()


def textwrap(text: str, width: int) -> list[str]:
    """Return the text in lines of a width, with all its blanks."""
    return [text[at : at + width] for at in range(0, len(text), width)]


def dumped(text: str, form: str, *, width: int) -> bytes:
    """Return a dump with the text beside the hex digits, as `xxd` and `hexdump -C` write it."""
    data = f"token={text}\n".encode()
    lines = []
    for at in range(0, len(data), 16):
        part = data[at : at + 16]
        beside = "".join(chr(b) if 0x20 <= b < 0x7F else "." for b in part)
        lines.append(form.format(at, f"{part.hex(' ', -width):<47}", beside))
    return "".join(lines).encode()


def masked(data: bytes, *, secrets: list[str], pieces: list[int]) -> bytes:
    """Return what a mask lets through of `data`, cut at `pieces`.

    What follows makes the mask let go of it bit by bit.
    """
    mask = Mask(secrets)
    cuts = sorted({min(cut, len(data)) for cut in pieces})
    parts = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    parts += [b"~" * 19] * 60
    shown = b"".join(map(mask.feed, parts)) + mask.flush()
    return shown.removesuffix(b"~" * 19 * 60)


@pytest.mark.parametrize("secret", [SECRET, AWKWARD], ids=["usual", "awkward"])
@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=20)
@given(pieces=st.lists(st.integers(0, 200), max_size=6))
def test_every_form_is_hidden_wherever_the_stream_is_cut(
    form: str, secret: str, pieces: list[int]
) -> None:
    """Escaped, encoded, dumped, amid other base64, in lines, and split over several reads."""
    written = FORMS[form](secret)
    hidden = masked(b"before " + written + b" after", secrets=[secret], pieces=pieces)
    assert MASK in hidden
    assert len(hidden) < len(b"before " + written + b" after") - len(secret) // 2
    assert hidden.startswith(b"before ")
    assert hidden.endswith(b" after")
    for part in ("s3cr3t", "odd", "chars", "more", "100"):
        assert part.encode() not in hidden


ON_A_TERMINAL: dict[str, Callable[[str], str]] = {
    "colours": lambda s: "".join(f"\x1b[3{n % 8}m{c}" for n, c in enumerate(s)) + "\x1b[0m",
    "grep --color": lambda s: f"{s[:5]}\x1b[01;31m\x1b[K{s[5:9]}\x1b[m\x1b[K{s[9:]}",
    "a link": lambda s: f"{s[:5]}\x1b]8;;http://x/\x1b\\{s[5:]}\x1b]8;;\x1b\\",
    "a link, old end": lambda s: f"{s[:5]}\x1b]8;;http://x/\a{s[5:]}\x1b]8;;\a",
    "a title": lambda s: f"{s[:5]}\x1b]0;title\a{s[5:]}",
    "a device's words": lambda s: f"{s[:5]}\x1bP1$r0m\x1b\\{s[5:]}",
    "one byte of control": lambda s: f"{s[:5]}\x9b31m{s[5:]}",
    "characters set": lambda s: f"{s[:5]}\x1b(B{s[5:]}",
    "bold on paper": lambda s: "".join(f"{c}\b{c}" for c in s),
    "underlined on paper": lambda s: "".join(f"_\b{c}" for c in s),
    "a mistake": lambda s: f"{s[:6]}XX\b\b{s[6:]}",
    "written again": lambda s: f"{s[:6]}\b\b{s[4:]}",
    "carriage return": lambda s: f"loading...\r{s}",
    "half overwritten": lambda s: f"{'x' * 6}{s[6:]}\r{s[:6]}",
    "from both ends": lambda s: f"\x1b[7G{s[6:]}\x1b[1G{s[:6]}",
    "cursor back": lambda s: f"{s[:6]}zzz\x1b[3D{s[6:]}",
    "cursor back and forth": lambda s: f"{s[:6]}\x1b[6D\x1b[6C{s[6:]}",
    "cursor up": lambda s: f"{s[:6]}\n\x1b[A\x1b[6C{s[6:]}",
    "cursor kept": lambda s: f"{s[:6]}\x1b7zz\x1b8{s[6:]}",
    "end erased": lambda s: f"{s[:6]}zzz\x1b[3D\x1b[K{s[6:]}",
    "nothing erased": lambda s: f"{s[:6]}\x1b[K{s[6:]}",
    "line erased": lambda s: f"junk\x1b[2K\r{s}",
    "letters taken away": lambda s: f"{s[:6]}zzz{s[6:]}\r\x1b[6C\x1b[3P",
    "letters put between": lambda s: f"{s[6:]}\r\x1b[6@{s[:6]}",
    "escapes in colours": lambda s: "\x1b[1m".join(each(r"\x{:02x}", s.encode()).decode()),
    "base64 in colours": lambda s: "\x1b[1m".join(b64encode(s.encode()).decode()),
    "references half overwritten": lambda s: half_overwritten(each("&#{};", map(ord, s)).decode()),
}


def on_terminal(text: str) -> str:
    """Return what a terminal shows in the end, and behind it each line as it leaves that."""
    return f"{rendered(text)[0]}\n{shown(text)}"


def half_overwritten(text: str) -> str:
    """Return a text whose first half is printed last."""
    half = len(text) // 2
    return f"{'x' * half}{text[half:]}\r{text[:half]}"


@pytest.mark.parametrize("secret", [SECRET, AWKWARD], ids=["usual", "awkward"])
@pytest.mark.parametrize("form", ON_A_TERMINAL)
@settings(max_examples=20)
@given(pieces=st.lists(st.integers(0, 200), max_size=6))
def test_what_a_terminal_makes_a_secret_of_is_hidden(
    form: str, secret: str, pieces: list[int]
) -> None:
    """Neither the bytes without their sequences nor what a terminal shows in the end tells it."""
    written = ON_A_TERMINAL[form](secret)
    assert form.startswith(("escapes", "base64", "references")) or secret in on_terminal(written)
    hidden = masked(f"before\n{written}\nafter".encode(), secrets=[secret], pieces=pieces)
    assert MASK in hidden
    assert hidden.startswith(b"before\n")
    assert hidden.endswith(b"\nafter")
    for text in (hidden.decode(), on_terminal(hidden.decode())):
        assert not [part for part in ("s3cr3t", "odd", "chars", "more", "100") if part in text]


NOISE = st.sampled_from(
    [
        "\x1b[31m",
        "\x1b[0m",
        "\x1b[K",
        "\x1b]8;;x\a",
        "\0",
        "\u200b",
        "\x7f",
        "\x1b(B",
        "zz\b\b",
        "\n",
    ]
)
SECRETS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=4).filter(
    lambda text: len(text.encode()) < 200
)


@settings(max_examples=400, deadline=None)
@given(data=st.data(), secret=SECRETS)
def test_no_secret_is_left_whatever_stands_between_its_letters(
    data: st.DataObject, secret: str
) -> None:
    """The bytes, the text without sequences and the screen hold no secret, however it was cut."""
    noise = [data.draw(st.one_of(st.just(""), NOISE)).replace("\n", "") for _ in secret]
    written = "".join(letter + other for letter, other in zip(secret, noise, strict=True))
    pieces = data.draw(st.lists(st.integers(0, 300), max_size=4))
    hidden = masked(f"[\n{written}\n]".encode(), secrets=[secret], pieces=pieces).decode()
    assert secret not in hidden
    assert secret not in re.sub("\x1b(?:\\[[0-9;]*[mK]|\\]8;;x\a|\\(B)|[\0\u200b\x7f]", "", hidden)
    assert secret not in on_terminal(hidden)


ENCODERS = st.sampled_from(
    [
        json.dumps,
        lambda s: json.dumps(s, ensure_ascii=False),
        lambda s: quote(s, safe=""),
        html.escape,
        repr,
        ascii,
        shlex.quote,
        lambda s: b64encode(s.encode()).decode(),
        lambda s: b32encode(s.encode()).decode(),
        lambda s: s.encode().hex(),
        lambda s: "".join(f"\\x{byte:02x}" for byte in s.encode()),
        lambda s: "".join(f"&#{ord(letter)};" for letter in s),
    ]
)


@settings(max_examples=400, deadline=None)
@example(secret="00'0", encode=shlex.quote)  # noqa: S106 - opens nothing
@example(secret="0'0", encode=lambda s: s.replace("'", "'\\''"))  # noqa: S106 - same
@given(secret=SECRETS, encode=ENCODERS)
def test_no_secret_is_left_however_it_is_written(secret: str, encode: Callable[[str], str]) -> None:
    """A random secret in a usual form, which stands alone, is not there afterwards."""
    written = encode(secret)
    hidden = masked(f"[ {written} ]".encode(), secrets=[secret], pieces=[]).decode()
    assert written not in hidden
    assert secret not in hidden


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("hostname", "the host name, HOSTNAME and Host-Name"),
        ("postgres", "PostgreSQL, post-gres and POSTGRES"),
        ("pass", "Pass, p.a.s.s, path and compass-less: pas"),
        ("12345678", "1234-5678 on 2024-12-31 12:34:56,78"),
        ("s3cr3t/with+odd", "s3cr3t/without and s3cr3t"),
        ("a.b-c", "abc a-b-c a.b c"),
        ("!!!!----", "!!!! ---- ! - ! -"),
    ],
)
def test_other_text_is_not_hidden(secret: str, text: str) -> None:
    """Words that are only like a secret that is a word, a number or all marks stay as they are."""
    text = text.replace("compass-less", "comp4ss")
    assert Mask([secret]).text(f"{text}, and so on") == f"{text}, and so on"


def test_a_person_is_shown_what_stands_around_a_secret() -> None:
    """No letter before or behind it is taken along, nor the lines of a dump that hold none."""
    mask = Mask(["Kn0f3a9bc71d2e4f6a8b"])
    assert mask.text("user=me token=Kn0f3a9bc71d2e4f6a8b; rest=1") == "user=me token=***; rest=1"
    assert mask.text('{"a": "Kn0f3a9bc71d2e4f6a8b", "b": 2}') == '{"a": "***", "b": 2}'
    assert mask.text("c0a2ff0 Kn0f3a9bc71d2e4f6a8b is it\nc0a2ff1 next").endswith(
        "is it\nc0a2ff1 next"
    )


@given(
    hints=st.sets(st.binary(min_size=4, max_size=9), max_size=9),
    data=st.data(),
)
def test_all_hints_are_found_at_once_as_one_by_one(hints: set[bytes], data: st.DataObject) -> None:
    """With the library and without it, where they overlap, hold each other and repeat."""
    parts = st.lists(st.one_of(st.sampled_from(sorted(hints) or [b""]), st.binary(max_size=3)))
    text = b"".join(data.draw(parts))
    there = sorted(hint for hint in hints if hint in text)
    assert sorted(Hints(hints, fast=True).within(text)) == there
    assert sorted(Hints(hints, fast=False).within(text)) == there


BIG = "".join(chr(97 + n * n * 7 % 26) + str(n * 31 % 97) for n in range(25_000))[: 64 * 1024]
NEARLY = {
    "a large secret": (BIG, BIG.encode() * 4),
    "all but its last letter": (BIG, (BIG[:-1] + "~!").encode() * 16),
    "one letter over and over": ("a" * 64 * 1024, b"a" * 2**20),
    "one letter, and another": ("a" * 64 * 1024, (b"a" * 65_000 + b"b") * 16),
    "a few letters over and over": ("ab1c" * 16 * 1024, (b"ab1c" * 16_000 + b"b") * 16),
}


@pytest.mark.parametrize("case", NEARLY)
def test_a_secret_of_64_kilobytes_is_hidden_in_half_a_second(case: str) -> None:
    """Also where a megabyte nearly holds it everywhere; the time is this process's own."""
    secret, printed = NEARLY[case]
    began = time.process_time()
    mask = Mask([secret])
    shown = b"".join(mask.feed(printed[at : at + 32_768]) for at in range(0, len(printed), 32_768))
    shown += mask.flush()
    assert time.process_time() - began < 0.5
    assert secret.encode() not in shown


FLOODS = {
    "colours": b"\x1b[31m",
    "openings of sequences": b"\x1b]",
    "backspaces": b"a\b",
    "carriage returns": b"\r 10% done",
    "escapes": b"%41",
    "backslashes": b"\\",
    "references": b"&#0",
    "entities": b"&a",
    "soft breaks": b"=\n",
    "offsets": b"\n00000000: ",
    "marks": b"-",
    "NULs": b"\0",
    "blanks": b"  \n",
    "rows": b"\x1b[99B",
    "rows put between": b"x\x1b[L",
    "letters put between": b"x\x1b[@",
    "nearly a secret": b"s3cr3t/with+odd=chars&mor",
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_takes_time_as_its_length_does(flood: str) -> None:
    """Four times as much takes about four times as long, whatever is printed over and over."""
    times = []
    for size in (2**19, 2**21):
        data = FLOODS[flood] * (size // len(FLOODS[flood]))
        mask = Mask([SECRET])
        began = time.process_time()
        for at in range(0, size, 32_768):
            mask.feed(data[at : at + 32_768])
        mask.flush()
        times.append(time.process_time() - began)
    assert times[1] < 10 * times[0] + 0.2


PARTS = st.sampled_from([b"abab", b"ab", b"abcd", b"cdab", b"*", b"x", b"%61", b"YWJhYg==", b"61"])


@given(
    parts=st.lists(PARTS, max_size=30),
    pieces=st.lists(st.integers(0, 150), max_size=8),
    secrets=st.lists(st.sampled_from(["abab", "ababcd", "cdab", "abcdab"]), max_size=3),
)
def test_what_is_shown_does_not_depend_on_the_cuts(
    parts: list[bytes], pieces: list[int], secrets: list[str]
) -> None:
    """Also where secrets hold each other, overlap, and repeat."""
    data = b"".join(parts)
    whole = masked(data, secrets=secrets, pieces=[])
    assert masked(data, secrets=secrets, pieces=pieces) == whole
    assert not [secret for secret in secrets if secret.encode() in whole]


@pytest.mark.parametrize(
    ("secrets", "text", "shown"),
    [
        (["token", "tokenandmore"], b"<tokenandmore>", b"<***>"),
        (["tokenandmore", "andm"], b"<tokenandmore>", b"<***>"),
        (["first-half", "half-of-it"], b"<first-half-of-it>", b"<***>"),
        (["aaaa"], b"<aaaaaaa>", b"<***>"),
        (["same"], b"samesame", b"******"),
        (["postgres"], b"user postgres, host postgres.example", b"user ***, host ***.example"),
    ],
)
def test_secrets_that_meet_leave_nothing_of_each_other(
    secrets: list[str], text: bytes, shown: bytes
) -> None:
    """One that holds another, that overlaps another, that repeats itself, that is a word."""
    for cut in range(len(text)):
        assert masked(text, secrets=secrets, pieces=[cut]) == shown


@pytest.mark.parametrize("form", ["plain", "base64", "hex"])
def test_a_secret_that_was_cut_off_does_not_show(form: str) -> None:
    """A command that is killed while it prints leaves no telling part; a few letters stay."""
    written = FORMS[form](SECRET)
    for end in range(len(written) // 2 + 1, len(written) + 1):
        mask = Mask([SECRET])
        shown = mask.feed(b"x" * 999 + written[:end]) + mask.flush()
        assert shown == b"x" * 999 + MASK
    mask = Mask([SECRET])
    assert mask.feed(b"x" * 999 + written[:4]) + mask.flush() == b"x" * 999 + written[:4]
    assert mask.feed(b"again") + mask.flush() == b"again"


@pytest.mark.parametrize(
    "secret",
    ["Kn" + "3f882bd00ec774aa" * 2, "ghp_" + "Ab9xQ2" * 12, "s3cr3t-" * 100, ":/?#[]@!$&'()*+" * 3],
    ids=["token", "long token", "very long", "signs"],
)
def test_twelve_characters_of_a_secret_that_was_cut_off_are_hidden(secret: str) -> None:
    """A share of a long one would still be read off the end of what a killed command printed."""
    for end in range(14, len(secret)):  # twelve letters and digits, and the signs between them
        mask = Mask([secret])
        shown = mask.feed(b"full\n" + secret[:end].encode()) + mask.flush()
        assert secret[:14].encode() not in shown, shown
        assert shown.startswith(b"full\n***")


@given(data=st.binary(max_size=300), pieces=st.lists(st.integers(0, 300), max_size=6))
def test_bytes_without_a_secret_pass_unchanged(data: bytes, pieces: list[int]) -> None:
    """Nothing is lost at a cut, and nothing else is replaced."""
    assert masked(data, secrets=[SECRET], pieces=pieces) == data


@pytest.mark.parametrize(
    "written",
    [
        KEY,
        KEY.replace("\n", "\r\n"),
        KEY.replace("\n", " "),
        KEY.replace("\n", "\n    "),
        json.dumps({"key": KEY}),
        "\n".join(reversed(KEY.splitlines()[:-1])),
        b64encode(KEY.encode()).decode(),
        encodebytes(KEY.encode()).decode(),
    ],
    ids=["whole", "terminal", "unquoted", "indented", "JSON", "its lines", "base64", "wrapped"],
)
def test_a_secret_of_several_lines_is_hidden_whole_and_line_by_line(written: str) -> None:
    """A private key is one secret, and so is each of its longer lines."""
    hidden = masked(written.encode(), secrets=[KEY + "\n"], pieces=[5, 90, 91])
    assert not [line for line in KEY.splitlines()[:-1] if line.encode() in hidden]
    assert not [n for n in range(0, len(written) - 24, 8) if written[n : n + 24].encode() in hidden]


@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_an_empty_secret_hides_nothing(empty: str) -> None:
    """It would be found between any two bytes, or any two words."""
    assert Mask([empty]).feed(b"plain words\n") == b"plain words\n"


def test_text_is_masked_as_bytes_are() -> None:
    """Reasons and messages hide the same forms; what is no valid text stays as it is."""
    assert Mask([SECRET]).text(f"token {SECRET}!") == "token ***!"
    assert Mask([SECRET]).text(f"\udcff\ud800{quote(SECRET)}") == "\udcff\ud800***"


def test_what_is_held_back_can_be_looked_at() -> None:
    """A line that says "ready" is seen at once, and the start of a secret is not."""
    mask = Mask([SECRET])
    assert mask.feed(b"ready\n") == b""
    assert mask.peek() == b"ready\n"
    assert mask.feed(SECRET[:9].encode()) == b""
    assert mask.peek() == b"ready\n"
    assert mask.feed(SECRET[9:].encode() + b".") + mask.peek() == b"ready\n***."
    assert mask.flush() == b"ready\n***."


class Colour(Enum):
    """A fixed word."""

    RED = "red-as-a-secret"


@dataclass(frozen=True)
class Leaf:
    """A value as the harness has them."""

    text: str
    data: bytes = b""
    number: int = 0
    word: Colour = Colour.RED
    place: Path | None = None


@dataclass(frozen=True)
class Tree:
    """A value that holds others."""

    leaves: tuple[Leaf, ...]
    cells: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))


def test_a_value_is_hidden_in_all_its_depth() -> None:
    """Texts, bytes, tuples, mappings and dataclasses; a fixed word and a number stay."""
    mask = Mask(["red-as-a-secret", "1234"])
    tree = Tree((Leaf("<1234>", b"1234", 1234),), MappingProxyType({"a1234": "1234b"}))
    hidden = mask.hide(tree)
    assert hidden == Tree((Leaf("<***>", b"***", 1234),), MappingProxyType({"a***": "***b"}))
    assert hidden.leaves[0].word is Colour.RED
    assert Mask(()).hide(tree) is tree


def test_what_has_no_secret_is_not_searched_twice() -> None:
    """The look that spares the search never says no to a text that holds a form."""
    for form, write in FORMS.items():
        for secret in (SECRET, AWKWARD, KEY):
            found = Mask([secret])
            assert found.hide(write(secret)) != write(secret), form
