"""The table of figures: a row for each contestant, a column for each workload."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from timing import Figure
from workloads import Workload, failing, flood, printing, trivial

FEW, SOME, MANY = 200, 500, 5_000
"""Numbers of trivial commands; what a command costs is the difference between them."""

WORKLOADS = (trivial(FEW), trivial(SOME), trivial(MANY), printing(), flood(), failing())
"""Every contestant does each of them."""

WIDTHS = (27, 8, 8, 8, 9, 8, 8, 7, 8, 9)
"""Of the columns; the first one holds the name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One contestant's figures, by the name of the workload."""

    name: str
    figures: Mapping[str, Figure]

    def seconds(self, workload: Workload) -> float | None:
        """Return what a workload took, `None` where it was not done."""
        figure = self.figures[workload.name]
        return None if figure.trouble else figure.seconds

    def megabytes(self, workload: Workload) -> float | None:
        """Return the peak memory of a workload, `None` where it is not known."""
        peak = self.figures[workload.name].peak
        return None if peak is None else peak / 1e6

    @property
    def marginal(self) -> float | None:
        """Return milliseconds for each command beyond the first few."""
        few = self.seconds(trivial(FEW))
        for number in (MANY, SOME):
            seconds = self.seconds(trivial(number))
            if few is not None and seconds is not None:
                return (seconds - few) / (number - FEW) * 1000
        return None

    @property
    def sees_failures(self) -> bool:
        """Tell whether a command that fails in the middle makes the whole fail."""
        return self.figures[failing().name].exit_code not in {0, None}

    def __str__(self) -> str:
        """Return the row's line."""
        times = [_time(self.figures[workload.name]) for workload in WORKLOADS[:-1]]
        marginal = "-" if self.marginal is None else f"{self.marginal:.3f}"
        peaks = (_peak(self.megabytes(workload)) for workload in (trivial(MANY), flood()))
        sees = "yes" if self.sees_failures else "no"
        return _line(self.name, *times[:3], marginal, *times[3:], *peaks, sees)

    @property
    def notes(self) -> Iterator[str]:
        """Yield what the numbers don't say."""
        for workload in WORKLOADS[:-1]:
            figure = self.figures[workload.name]
            if figure.trouble or figure.remark:
                yield f"{self.name}, {workload.name}: {figure.trouble or figure.remark}"


def header() -> str:
    """Return the head of the table; times are in seconds, memory in megabytes."""
    above = _line("", "200", "500", "5,000", "ms a", "20 x", "200", "MB at", "MB at", "fails on")
    below = ("", "cmds", "cmds", "cmds", "command", "50 KB", "MB", "5,000", "200 MB", "`false`")
    return f"{above}\n{_line(*below)}"


def _line(name: str, *cells: str) -> str:
    first, *others = WIDTHS
    return f"{name:{first}}" + "".join(
        f"{cell:>{width}}" for cell, width in zip(cells, others, strict=True)
    )


def _time(figure: Figure) -> str:
    if figure.trouble:
        return f">{figure.seconds:.0f}" if figure.exit_code is None else "wrong"
    return f"{figure.seconds:.3f}" + ("*" if figure.remark else "")


def _peak(megabytes: float | None) -> str:
    return "-" if megabytes is None else f"{megabytes:.0f}"
