"""What site builders show and CommonMark does not know: content tabs, admonitions, MDX comments."""

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Tab:
    """One of several content tabs side by side, of which a reader follows one.

    Lines count from 1, that of the title included; tabs of one `group` stand side by side.
    """

    title: str
    group: int
    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Opened:
    """The lines of a document as CommonMark has to see them; each keeps its number.

    `comments` are the first and last lines of what no reader of an MDX page sees.
    """

    lines: tuple[str, ...]
    tabs: tuple[Tab, ...] = ()
    comments: tuple[tuple[int, int], ...] = ()


def opened(lines: Sequence[str], *, mdx: bool = False) -> Opened:
    """Take the contents of tabs and admonitions out of their indentation, and comments of MDX away.

    A container is `=== "title"`, `!!! kind` or `??? kind` with text below it that is indented by
    four more, as Material for MkDocs shows it. What stands in a fence is only text.
    """
    scan = _Scan(tuple(line.expandtabs(4) for line in lines), mdx=mdx)
    seen = tuple(scan.line(number) for number in range(len(lines)))
    scan.leave(0, number=len(lines))
    kept = (new if touched else line for line, (new, touched) in zip(lines, seen, strict=True))
    return Opened(tuple(kept), tuple(sorted(scan.tabs, key=_place)), tuple(scan.comments))


def _place(tab: Tab) -> int:
    return tab.line


_INDENT = 4
_HEADER = re.compile(r'(?P<blanks> *)(?:===[!+]?\s+"(?P<title>[^"]+)"|(?:!!!|\?\?\?\+?)\s+\w.*)\s*')
_FENCE = re.compile(r"\s*(?P<sign>`{3,}|~{3,})(?P<info>.*)")
_COMMENT, _END_OF_COMMENT = re.compile(r"\s*\{/\*"), "*/}"


@dataclass(slots=True)
class _Container:
    """A container that is open: where its content begins in a line, and its tab if it is one."""

    content: int
    line: int
    title: str | None
    group: int


@dataclass(slots=True)
class _Scan:
    """A walk through the lines: what is open at the line that is looked at."""

    all: tuple[str, ...]
    mdx: bool
    tabs: list[Tab] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    stack: list[_Container] = field(default_factory=list)
    fence: str = ""
    groups: int = 0
    last: dict[int, int] = field(default_factory=dict)
    """The group of the tab that has just been left, by its indentation."""

    def line(self, number: int) -> tuple[str, bool]:
        """Return a line as CommonMark has to see it, and whether that differs."""
        text = self.all[number]
        if not text.strip() or self._in_comment(number):
            return "", bool(text.strip())
        indent = len(text) - len(text.lstrip())
        self.leave(indent, number=number)
        header = None if self.fence else _HEADER.fullmatch(text)
        if header and self._has_content(number, indent):
            self._enter(header, number=number)
            return "", True
        if not header:
            self.last = {at: group for at, group in self.last.items() if at > indent}
        shift = _INDENT * len(self.stack)
        inside = text[shift:] if not text[:shift].strip() else text
        self._follow_fence(inside)
        return inside, shift > 0

    def leave(self, indent: int, *, number: int) -> None:
        """Leave the containers whose content a line with this indentation is not."""
        while self.stack and indent < self.stack[-1].content:
            left = self.stack.pop()
            self.fence = ""
            if left.title is not None:
                self.tabs.append(Tab(left.title, left.group, left.line, number))
                self.last[left.content - _INDENT] = left.group

    def _enter(self, header: re.Match[str], *, number: int) -> None:
        indent = len(header["blanks"])
        group = self.last.pop(indent, 0) if header["title"] else 0
        if not group:
            self.groups += 1
            group = self.groups
        self.stack.append(_Container(indent + _INDENT, number + 1, header["title"], group))

    def _has_content(self, number: int, indent: int) -> bool:
        rest = (self.all[n] for n in range(number + 1, len(self.all)))
        below = next(filter(str.strip, rest), "")
        return len(below) - len(below.lstrip()) >= indent + _INDENT

    def _follow_fence(self, text: str) -> None:
        found = _FENCE.fullmatch(text)
        if found is None:
            return
        sign = found["sign"]
        if not self.fence:
            self.fence = "" if "`" in sign and "`" in found["info"] else sign
        elif sign.startswith(self.fence) and not found["info"].strip():
            self.fence = ""

    def _in_comment(self, number: int) -> bool:
        """Tell whether a line is one of an MDX comment that begins a line of its own."""
        if self.comments and number < self.comments[-1][1]:
            return True
        if not self.mdx or self.fence or not _COMMENT.match(self.all[number]):
            return False
        rest = range(number, len(self.all))
        end = next((n for n in rest if _END_OF_COMMENT in self.all[n]), len(self.all) - 1)
        self.comments.append((number + 1, end + 1))
        return True


# --- which tab a reader follows here ---

_HERE = re.compile(r"\b(linux|debian|ubuntu|apt|apt-get|deb|bash|posix|unix|wsl)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\b(mac ?os|os ?x|darwin|windows|powershell|cmd|fedora|rhel|red ?hat|centos|alma|almalinux"
    r"|rocky|suse|opensuse|arch|alpine|freebsd|openbsd|nix|nixos|gentoo|homebrew|brew|winget|choco"
    r"|chocolatey|scoop|dnf|yum|zypper|pacman|apk|fish|zsh|nushell)\b",
    re.IGNORECASE,
)


def not_followed(tabs: Sequence[Tab], *, with_shell: Sequence[int]) -> Iterator[Tab]:
    """Yield the tabs that a reader on a Debian machine passes over.

    Of tabs side by side that hold shell, which begins at one of the lines `with_shell`, in order,
    the first that names this system is followed, else the first that names no other.
    """
    shell = [tab for tab in tabs if bisect(with_shell, tab.line) < bisect(with_shell, tab.end_line)]
    for _, group in groupby(sorted(shell, key=lambda tab: tab.group), key=lambda tab: tab.group):
        side_by_side = sorted(group, key=_place)
        here = [tab for tab in side_by_side if _HERE.search(tab.title)]
        other = [tab for tab in side_by_side if not _ELSEWHERE.search(tab.title)]
        followed = (here or other)[:1]
        yield from (tab for tab in side_by_side if tab not in followed)
