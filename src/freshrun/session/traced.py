"""What bash shows of its driver among what a command printed, taken away from it."""

import re
from collections.abc import Callable
from dataclasses import replace

from freshrun.model import Output

_NO_TERMINAL = re.compile(
    rb"^bash: (?:\[\d+: \d+ \(\d+\)\] tcsetattr: |cannot set terminal process group "
    rb"|no job control in this)[^\n]*\n",
    re.MULTILINE,
)
"""Said by a shell with jobs that has no terminal: where a signal ended one, or `exec` failed."""
_SAID = (b"tcsetattr: ", b"no job control")


class Traced:
    """The stderr of one shell, command by command: `set -x` goes on from one to the next."""

    def __init__(self, driver: str) -> None:
        """Take the driver's name in the shell, by which its lines are known."""
        self._name = name = driver.encode()
        word = rb"(?:'(?:[^']|'\\'')*'|\$'(?:[^'\\]|\\.)*'|[^\s']*)"
        start = rb"^[^\n]*" + re.escape(name)
        self._sign = re.compile(rb"^(\S)[^\n]*" + re.escape(name) + rb"untrace\n?\Z", re.MULTILINE)
        self._call = re.compile(start + rb" \d+ " + word + rb"\n?\Z", re.MULTILINE)
        self._done = re.compile(
            rb"(?:"
            + start
            + rb"pipe=[^\n]*\n)?"
            + start
            + rb"done=\d+\n"
            + start
            + rb"last="
            + word
            + rb"\n",
            re.MULTILINE,
        )
        self._shown = b""

    def as_typed(self, output: Output) -> Output:
        """Return what one command printed, as a terminal would show it."""
        if any(said in output.kept for said in _SAID):
            output = _changed(output, lambda text: _NO_TERMINAL.sub(b"", text))
        found = self._sign.search((output.tail or output.head)[-self._LAST :])
        before, self._shown = self._shown, found[1] if found else b""
        output = _changed_at_end(output, self._without_driver)
        if sign := self._shown or before:
            output = _changed(output, lambda text: _lifted(text, sign=sign))
        return output

    _LAST = 200
    """Bytes within which the driver's last line is looked for."""

    def _without_driver(self, text: bytes) -> bytes:
        if self._name not in text:
            return text
        text = self._call.sub(b"", _without_last_lines(self._name, text))
        ends = list(self._done.finditer(text)) if self._shown else []
        return text[: ends[-1].start()] + text[ends[-1].end() :] if ends else text


def _without_last_lines(name: bytes, text: bytes) -> bytes:
    """Return the text up to the last lines that have the driver's name, or are empty before it."""
    at = text.rfind(name)
    if at < 0:
        return text
    start = text.rfind(b"\n", 0, at) + 1
    while start > 0:
        before = text.rfind(b"\n", 0, start - 1) + 1
        line = text[before : start - 1]
        if line and name not in line:
            break
        start = before
    return text[:start]


def _lifted(text: bytes, *, sign: bytes) -> bytes:
    """Return a trace in which the depth is that of what was typed: it is evaluated one deeper."""
    twice = re.compile(rb"^" + re.escape(sign) + rb"(?=" + re.escape(sign) + rb")", re.MULTILINE)
    return twice.sub(b"", text)


def _changed(output: Output, change: Callable[[bytes], bytes]) -> Output:
    """Return an output with its head and its tail changed."""
    head, tail = change(output.head), change(output.tail)
    less = len(output.head) + len(output.tail) - len(head) - len(tail)
    return replace(output, head=head, tail=tail, size=output.size - less)


def _changed_at_end(output: Output, change: Callable[[bytes], bytes]) -> Output:
    """Return an output with the end of it changed."""
    if output.tail:
        tail = change(output.tail)
        return replace(output, tail=tail, size=output.size - len(output.tail) + len(tail))
    head = change(output.head)
    return replace(output, head=head, size=output.size - len(output.head) + len(head))
