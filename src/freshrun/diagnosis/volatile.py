"""Volatile values: the kinds of text that no two runs share, each told by its form and its words.

A kind is left out wherever the same form can mean what a document promises: a setting, a version,
a checksum, a count, a status.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

_NEVER = r"(?!)"


def _any_two(_old: str, _new: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of volatile values: texts of one form.

    `words` name it, with an article, and `name` is what a capture of it is called. `before` and
    `after` stand around it in a line. A line with `unless` has none, nor has the output of a
    command with `computed`, or without `source`. `alike` tells whether two values differ as those
    of two runs do. `head` and `tail` are what is no part of the noise where both values have it.
    With `identity`, the same value in two places is no chance.
    """

    words: str
    name: str
    form: str
    before: str = ""
    after: str = ""
    unless: str = _NEVER
    computed: str = _NEVER
    source: str = ""
    alike: Callable[[str, str], bool] = _any_two
    head: str = "^"
    tail: str = "$"
    identity: bool = False

    def places(self, line: str, *, command: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of each value in a line of the command's output."""
        if re.search(self.unless, line, re.IGNORECASE) or re.search(self.computed, command):
            return
        if re.search(self.source, command):
            for found in re.finditer(f"{self.before}(?P<value>{self.form}){self.after}", line):
                yield found.span("value")

    def echo(self, old: str, new: str) -> "Kind":
        """Return the kind of this one pair of values, wherever they stand."""
        form = rf"(?<!\w)(?:{re.escape(old)}|{re.escape(new)})(?!\w)"
        return Kind(
            self.words,
            self.name,
            form,
            alike=lambda *values: values == (old, new),
            identity=self.identity,
        )


# Whether two values differ as those of two runs do.

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _later(old: str, new: str) -> bool:
    """Tell whether a clock can have said the second, now that it has said the first."""
    then, now = _day(old), _day(new)
    return then is None or now is None or then <= now


def _day(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day, `None` of a text that does not say all three."""
    if numbers := re.match(r"(\d{4})[-/]?(\d\d)[-/]?(\d\d)", text):
        return int(numbers[1]), int(numbers[2]), int(numbers[3])
    year = re.search(r"\b20\d\d\b", text)
    month = re.search("|".join(_MONTHS), text)
    day = re.search(r"\b\d\d?\b(?!:)", text)
    if year is None or month is None or day is None:
        return None
    return int(year[0]), _MONTHS.index(month[0]), int(day[0])


def _unlike(old: str, new: str) -> bool:
    """Tell whether they have no more in common than random texts of one length."""
    same = sum(a == b for a, b in zip(old, new, strict=False))
    return len(old) == len(new) and same * 3 <= len(old)


def _hashes(old: str, new: str) -> bool:
    mixed = all(re.search("[a-f]", text) and re.search("[0-9]", text) for text in (old, new))
    return mixed and _unlike(old, new)


_VARIED = 5
"""Different characters from which on a UUID is taken for a random one."""


def _uuids(old: str, new: str) -> bool:
    """Tell whether neither is one that somebody chose, such as that of all zeros."""
    return all(len(set(text)) >= _VARIED for text in (old, new))


def _mktemp(old: str, new: str) -> bool:
    return _unlike(old[-8:], new[-8:])


_TURN = re.compile("(?<=[a-z])(?=[A-Z0-9_])|(?<=[A-Z])(?=[a-z0-9])|(?<=[0-9_])(?=[A-Za-z])")


def _turns(text: str) -> int:
    """Return how often small letters, capitals and digits take turns: once in `python311`."""
    return len(_TURN.findall(text))


def _tempfile(old: str, new: str) -> bool:
    return min(_turns(old[-8:]), _turns(new[-8:])) > 1 and _unlike(old[-8:], new[-8:])


def _template(old: str, new: str) -> bool:
    """Tell whether both end in random text, and not in a word such as `Release2`."""
    ends = [re.split("[/._-]", text)[-1] for text in (old, new)]
    return min(map(_turns, ends)) > _turns("Release2") and _unlike(*ends)


def _no_init(old: str, new: str) -> bool:
    """Tell whether neither is process 1: that a process is the machine's first is no chance."""
    return min(int(old), int(new)) > 1


_LOW = 1 << 20


def _addresses(old: str, new: str) -> bool:
    """Tell whether both are where programs have their memory, and not null or a small offset."""
    return min(int(old, 16), int(new, 16)) >= _LOW


_EPHEMERAL = range(32768, 65536)
_APART = 100


def _ephemeral(old: str, new: str) -> bool:
    """Tell whether the system chose both ports: a service's own is round, or near to another."""
    first, second = int(old), int(new)
    chosen = all(port in _EPHEMERAL and port % 1000 > _APART for port in (first, second))
    return chosen and abs(first - second) > _APART


# What else a form can mean.

_SETTING = (
    r"time[ds]?[ -]?out|limit|deadline|\bevery\b|interval|retr(?:y|ies)|retention|expir|\bttl\b"
    r"|\bmax|minimum|budget|\bsla\b|sleep|delay|\bpause|\bwait|back-?off|threshold|target|schedul"
    r"|\bcron|\bvalid\b|validity|until|\bdue\b|default|\bconfig\b|\bsettings?\b|quota|allow|keep"
    r"|daily|nightly|weekly|\bnext\b|at (?:most|least)|not (?:before|after)|exceed|expect"
    r"|reserv|slower|faster"
)
"""A number, time or size that somebody chose, or that something is held against."""
_VERSION = r"version|releas|\bbuild\b|\bapi\b|\bv\d|copyright|support|\bborn\b|(?-i:GCC|LTS)"
_CHOSEN = rf"{_VERSION}|{_SETTING}"
_DATA = r"\||[\"']|,.*,"
"""A row of a table, JSON or CSV: the days in it are rather what is told than when."""
_CODE = r"error|\bcodes?\b|status|signal|hresult|colou?r"
_CHECKSUM = r"sum\b|\bsha-?\d|\bmd5|digest|\bcrc|integrity|\betag|fingerprint|signature|\bkey\b"
_ASKS_VERSION = r"(?:^|\s)(?:-V|--version|version)(?=\s|$)"
_GIVEN_DATE = rf"{_ASKS_VERSION}|\bdate\b.{{0,200}}\s(?:-[dr]|--date|--reference)|\bcal\b"
_PINNED = (
    r"\b(?:rev-parse|describe|ls-remote|ls-tree|hash-object|clone|checkout|switch|pull|fetch"
    r"|submodule|images?|xxd|hexdump|od|openssl)\b"
)
"""Programs whose hashes say which state of a repository, or which bytes, somebody has."""

# Times.

_MONTH = f"(?:{'|'.join(_MONTHS)})[a-z]{{0,6}}"
_WEEKDAY = "(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?"
_DAY = r"(?:[ 0]?[1-9]|[12]\d|3[01])"
_YEAR = r"20\d\d"
_DATE = rf"{_YEAR}[-/](?:0[1-9]|1[0-2])[-/](?:0[1-9]|[12]\d|3[01])"
_HOUR = r"(?:[01]?\d|2[0-3])"
_CLOCK = rf"{_HOUR}:[0-5]\d:[0-5]\d(?:[.,]\d{{1,9}})?(?: ?[AP]M)?"
_MINUTES = rf"{_HOUR}:[0-5]\d(?: ?[AaPp][Mm])?"
_ZONE = r"(?: ?(?:Z|UTC|GMT|CES?T|BST|IST|JST|[ECMP][SD]T|[+-]\d\d:?\d\d)(?!\w))?"
_START, _END = r"(?<![\w.:/-])", r"(?![\w:/-]|[.,]\d)"
_NUMBER = r"(?<![\w.:-])\d+(?:,\d{3}){0,6}(?:\.\d+)?"
_SECONDS = r"(?:[nuµμm]s|s(?:ec(?:ond)?s?)?|min(?:ute)?s?|h(?:(?:ou)?rs?)?)\b"
_UNIT = r"[^\d.,]*$"
_TOOK = (
    r"(?i:\b(?:took|elapsed|duration|real|user|sys|time|passing \(|(?:done|finished|completed?"
    r"|built|passed|failed|ran|run|compiled|installed|started|ready|executed|resolved|prepared"
    r"|audited|generated|downloaded|loaded|processed|checked|analy[sz]ed|bundled|tests?|packages?"
    r"|modules?|files?|[kmg]?b) in))[ :=\t]*"
)


def _time(words: str, *forms: str, before: str = "") -> Kind:
    """Return a kind of what a clock says."""
    form = f"(?:{'|'.join(forms)}){_END}"
    return Kind(words, "time", form, before, unless=_CHOSEN, computed=_GIVEN_DATE, alike=_later)


_DURATION = Kind(
    "a duration",
    "duration",
    rf"(?:(?<![\w.:-])(?:\d+h ?)?\d+m ?\d+(?:\.\d+)?s\b|{_NUMBER} ?{_SECONDS})",
    before=_TOOK,
    unless=_SETTING,
    tail=_UNIT,
)

_TIMES = (
    _time(
        "a date and time",
        rf"{_START}{_DATE}[T _]{_CLOCK}{_ZONE}",
        rf"{_START}{_DATE}[T ]{_MINUTES}{_ZONE}",
        rf"{_START}{_WEEKDAY}{_MONTH} {_DAY} {_CLOCK}{_ZONE}(?: {_YEAR})?(?: [+-]\d{{4}})?",
        rf"{_START}{_WEEKDAY}{_DAY} {_MONTH} {_YEAR},? {_CLOCK}{_ZONE}",
        rf"(?<![\w/])\d\d/{_MONTH}/{_YEAR}:{_CLOCK}{_ZONE}",
        rf"{_START}{_MONTH} {_DAY} (?:{_MINUTES}| {_YEAR})",
    ),
    replace(
        _time("a date and time"),
        form=rf"(?<![\w.:]){_YEAR}[01]\d[0-3]\d[T_-][0-2]\d(?:[0-5]\d){{2}}Z?(?![\w:-])",
        name="stamp",
        identity=True,
    ),
    replace(
        _time(
            "a date",
            rf"{_START}{_DATE}",
            rf"{_START}{_WEEKDAY}{_MONTH} {_DAY},? {_YEAR}",
            rf"{_START}{_WEEKDAY}{_DAY} {_MONTH} {_YEAR}",
        ),
        name="date",
        unless=rf"{_CHOSEN}|{_DATA}",
    ),
    _time("a time", rf"{_START}{_CLOCK}{_ZONE}"),
    _time("a time", rf"{_START}{_MINUTES}{_ZONE}", before=r"\bat "),
    replace(
        _time("a Unix time", rf"{_START}1[5-9]\d{{8}}(?:\.\d+)?"),
        source=r"^(?>[^;|&\n]*?\bdate )(?>[^;|&\n]*?%s)[^;|&\n]*$",
    ),
    _DURATION,
    replace(_DURATION, form=rf"(?<![\w.:-])\d+\.\d\d+ ?{_SECONDS}", before=""),
)

# Names and numbers that a run makes up.

_TMP = r"(?<![\w/.])(?:/var)?/tmp/"
_TEMPORARY = Kind(
    "a temporary path",
    "random",
    rf"(?:{_TMP}|(?<![\w/.])/var/folders/\w\w/\w+/T/)tmp\.[A-Za-z0-9]{{8,10}}(?![\w-]|\.\w)",
    alike=_mktemp,
    head=r"^.*[/.]",
    identity=True,
)
_PID = Kind(
    "a process id",
    "pid",
    r"\d{1,7}(?!\w|[.,:/-]\w|%)",
    before=r"(?i:\b(?:p?pid|process[ -]id)\b\)?(?: ?[:=#] ?| is | ))",
    unless=rf"{_SETTING}|\d of \d",
    alike=_no_init,
    identity=True,
)

_IDENTITIES = (
    Kind(
        "a UUID",
        "uuid",
        r"(?<![\w-])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![\w-])",
        alike=_uuids,
        identity=True,
    ),
    _TEMPORARY,
    replace(
        _TEMPORARY,
        form=rf"{_TMP}tmp[a-z0-9_]{{8}}(?![\w-]|\.\w)",
        alike=_tempfile,
        head="^.*/tmp",
    ),
    replace(
        _TEMPORARY,
        form=rf"{_TMP}[\w-]+[._-][A-Za-z0-9]{{6,12}}(?![\w-]|\.\w)",
        alike=_template,
        head="^.*[/._-]",
    ),
    Kind(
        "a hash",
        "hash",
        r"(?<![\w.:#+-])[0-9a-f]{7,64}(?![\w-]|[.:]\w)",
        unless=rf"{_CHECKSUM}|{_CODE}|{_VERSION}|\bHEAD is\b|\bpin",
        computed=rf"{_CHECKSUM}|{_PINNED}|{_ASKS_VERSION}",
        alike=_hashes,
        identity=True,
    ),
    Kind(
        "a memory address",
        "address",
        r"0x[0-9a-f]{8,16}(?!\w)",
        before=r"\bat ",
        unless=_CODE,
        alike=_addresses,
        identity=True,
    ),
    _PID,
    replace(
        _PID,
        before="^",
        after="$",
        source=(
            r"""^\s*(?:echo ["']?\$(?:[$!]|BASHPID)["']?"""
            r"|p(?:grep|idof)\s[^;|&\n]*[^;|&\s])\s*$"
        ),
        computed=r"\s(?:-[a-z]*c|--count)\b",
    ),
    replace(_PID, before=r"^\[\d+\] ", after="$", source=r"^[^;|&\n]*[^;|&\n]&\s*$"),
    Kind(
        "a port",
        "port",
        r"\d{5}(?!\w|[.,-]\w)",
        before=r"(?i:\bport(?: |: ?|=)|(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[::1?\]|\*):)",
        unless=_SETTING,
        alike=_ephemeral,
        identity=True,
    ),
)

# Sizes of what comes and goes.

_SIZES = (
    Kind("a rate", "rate", rf"{_NUMBER} ?[kKMGT]?i?B/s\b", unless=_SETTING, tail=_UNIT),
    Kind(
        "a byte count",
        "size",
        rf"{_NUMBER} ?(?:[kKMGT]?i?B|bytes)\b(?!/)",
        before=(
            r"(?i:\b(?:fetched|need to get|this operation,|received|sent|free|rss|resident|heap"
            r"|peak)\b)[ :=]*"
        ),
        unless=_SETTING,
        tail=_UNIT,
    ),
)

KINDS = (*_TIMES, *_IDENTITIES, *_SIZES)
"""All kinds; where two fit, the first one holds."""
