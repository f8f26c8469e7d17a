"""A pytest whose own words nobody sees: what goes on, and how it ended, is shown by us."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import UnsupportedOperation
from typing import TextIO

import pytest

from freshrun.live import Show
from freshrun.plugin.closing import Closing
from freshrun.plugin.items import CommandItem


class Showing:
    """Puts a show in the place of pytest's own report."""

    def __init__(
        self,
        show: Show,
        stream: TextIO,
        *,
        nowhere: TextIO,
        after: Callable[[TextIO], None] | None = None,
    ) -> None:
        """Take the show, its stream, where pytest's own words go, and what comes behind it all."""
        self._after = after
        self._show = show
        self._stream = stream
        self._nowhere = nowhere
        self.colour = stream.isatty() and not os.environ.get("NO_COLOR")

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Let pytest report, as its other parts expect of it, but to nobody."""
        own = config.pluginmanager.get_plugin("terminalreporter")
        if own is not None:
            config.pluginmanager.unregister(own)
        silent = pytest.TerminalReporter(config, self._nowhere)
        config.pluginmanager.register(silent, "terminalreporter")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Show which check is judged."""
        if not isinstance(item, CommandItem):
            marker = item.get_closest_marker("checklist")
            self._show.checking(str(marker.args[0]) if marker and marker.args else item.name)

    def close(self, closing: Closing) -> None:
        """Show the verdict, in the place of what goes on."""
        self._show.__exit__(None, None, None)
        annotations = closing.annotations if os.environ.get("GITHUB_ACTIONS") == "true" else ""
        self._stream.write("".join(f"\n{text}\n" for text in (closing.text, annotations) if text))
        self._stream.flush()

    def behind(self) -> None:
        """Do what is to be done behind the verdict; Ctrl-C ends that alone."""
        with suppress(KeyboardInterrupt):
            if self._after:
                self._after(self._stream)


@contextmanager
def own(stream: TextIO) -> Iterator[TextIO]:
    """Yield what stdout or stderr is now: pytest takes both away while a check runs."""
    try:
        number = os.dup(stream.fileno())
    except (OSError, UnsupportedOperation, AttributeError):
        yield stream
        return
    with os.fdopen(number, "w", encoding=stream.encoding, errors="replace") as copy:
        yield copy
