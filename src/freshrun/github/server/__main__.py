"""The command line: `serve --recording DIR --socket PATH [--proxy PORT --tls DIR] [...]`."""

import argparse
import signal
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from .faults import FAULTS, NO_FAULT
from .fields import Malformed
from .handler import Responder
from .journal import Journal
from .proxy import Credentials, proxy
from .reading import read
from .server import serve


def main() -> int:
    """Serve a recording until SIGTERM; print nothing but why that can't be done."""
    options = _parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        _serve(options)
    except (Malformed, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
    return 2


def _serve(options: argparse.Namespace) -> None:
    responder = Responder(
        read(options.recording),
        journal=Journal(options.journal),
        fault=FAULTS.get(options.fault, NO_FAULT),
    )
    with _proxy(options, responder):
        serve(responder, address=options.socket)


def _proxy(options: argparse.Namespace, responder: Responder) -> AbstractContextManager[None]:
    if options.proxy is None:
        return nullcontext()
    return proxy(responder, port=options.proxy, credentials=Credentials.below(options.tls))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="github", description="Serve a recorded run to gh.")
    commands = parser.add_subparsers(required=True, metavar="serve")
    command = commands.add_parser(
        "serve",
        help="answer until SIGTERM",
        epilog="faults:\n" + "".join(f"  {name:22}{FAULTS[name].meaning}\n" for name in FAULTS),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--recording", type=Path, required=True, metavar="DIR")
    command.add_argument("--socket", type=Path, required=True, metavar="PATH")
    command.add_argument("--proxy", type=int, metavar="PORT", help="answer HTTPS_PROXY there, too")
    command.add_argument("--tls", type=Path, default=Path(), metavar="DIR", help="the proxy's keys")
    command.add_argument("--journal", type=Path, metavar="PATH")
    command.add_argument("--fault", choices=FAULTS, metavar="NAME")
    return parser


if __name__ == "__main__":
    sys.exit(main())
