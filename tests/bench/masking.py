"""What it costs to look for secrets in outputs, beside copying them."""

import time
from collections.abc import Callable, Iterator

from freshrun.mask.masking import Mask

_SIZE, _PIECE = 8_000_000, 64 * 1024
_SECRET = "s3cr3t-T0ken-value-9f8e7d"  # noqa: S105 - it opens nothing

_OUTPUTS = {
    "plain": b"2026-01-02 12:00:%02d INFO worker handled request c0ffee%06d in 12 ms\n",
    "coloured": b"\x1b[32mok\x1b[0m test %02d of c0ffee%06d passed\n",
    "painted over": b"\x1b[2K\x1b[1GDownloading %02d of c0ffee%06d [####]",
}
"""A piece of an output of each kind, with two numbers in it."""


def throughput(*, repeats: int) -> Iterator[str]:
    """Yield a line for each kind of output: megabytes a second of processor time."""
    yield f"{'outputs, one secret':27}{'hidden':>14}{'copied':>14}"
    for name, unit in _OUTPUTS.items():
        lines = b"".join(unit % (n % 60, n) for n in range(_SIZE // len(unit)))
        pieces = [lines[at : at + _PIECE] for at in range(0, len(lines), _PIECE)]
        speeds = (len(lines) / _best(way, pieces, repeats) / 1e6 for way in (_hidden, _copied))
        yield f"{name:27}" + "".join(f"{speed:>9.0f} MB/s" for speed in speeds)


def _hidden(pieces: list[bytes]) -> None:
    mask = Mask([_SECRET])
    size = sum(len(mask.feed(piece)) for piece in pieces) + len(mask.flush())
    if size != sum(map(len, pieces)):
        raise AssertionError("something that is no secret was hidden")


def _copied(pieces: list[bytes]) -> None:
    copy = bytearray()
    for piece in pieces:
        copy += piece


def _best(way: Callable[[list[bytes]], None], pieces: list[bytes], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        began = time.process_time()
        way(pieces)
        times.append(time.process_time() - began)
    return min(times)
