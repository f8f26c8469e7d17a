"""The command line: `serve --recording DIR --socket PATH [--journal PATH] [--fault NAME]`."""

import argparse
import signal
import sys
from pathlib import Path

from .faults import FAULTS, NO_FAULT
from .fields import Malformed
from .journal import Journal
from .reading import read
from .server import serve


def main() -> int:
    """Serve a recording until SIGTERM; print nothing but why that can't be done."""
    options = _parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        serve(
            read(options.recording),
            address=options.socket,
            journal=Journal(options.journal),
            fault=FAULTS.get(options.fault, NO_FAULT),
        )
    except (Malformed, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="github", description="Serve a recorded run to gh.")
    commands = parser.add_subparsers(required=True, metavar="serve")
    command = commands.add_parser(
        "serve",
        help="answer on a Unix socket until SIGTERM",
        epilog="faults:\n" + "".join(f"  {name:20}{FAULTS[name].meaning}\n" for name in FAULTS),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--recording", type=Path, required=True, metavar="DIR")
    command.add_argument("--socket", type=Path, required=True, metavar="PATH")
    command.add_argument("--journal", type=Path, metavar="PATH")
    command.add_argument("--fault", choices=FAULTS, metavar="NAME")
    return parser


if __name__ == "__main__":
    sys.exit(main())
