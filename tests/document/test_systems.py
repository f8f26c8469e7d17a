"""Which systems a document says it works on: what it claims, and nothing that it only mentions."""

import pytest

from freshrun.document import parse
from freshrun.document.systems import System, systems_named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Tested on Debian 12 and 13, Ubuntu 24.04 LTS.", "Debian 12|Debian 13|Ubuntu 24.04"),
        ("## Supported systems\n\n- Debian 12 (bookworm)\n- Ubuntu 22.04/24.04\n",
         "Debian 12|Ubuntu 22.04|Ubuntu 24.04"),
        ("## Platforms\n\n| System | |\n|---|---|\n| Fedora Linux 41 | yes |\n", "Fedora 41"),
        ("Works on Debian bookworm. Not supported on Debian 11.", "Debian 12"),
        ("Requires Ubuntu 22.04+ and 2 CPUs, Debian 12, 16 GB of memory.",
         "Ubuntu 22.04 or later|Debian 12"),
        ("It runs on macOS 14 or later, and on **Debian 13**.", "macOS 14 or later|Debian 13"),
        ("It is tested on Debian 12. It works on Debian 12.", "Debian 12"),
        ("On Debian 12 the package is called x.", ""),
        ("Tested on Debian.", ""),
        ("Debian 11 is unsupported.", ""),
        ("## Not supported\n\nDebian 11\n", ""),
        ("It doesn't work on Ubuntu 20.04.", ""),
        ("## Requirements\n\nDocker 24\n\n## Else\n\nDebian 12 has x.", ""),
        ("It works.\n\n```bash\necho tested on Debian 13\n```\n", ""),
    ],
)  # fmt: skip
def test_what_is_claimed_is_named(text: str, named: str) -> None:
    """In its order, each once; an honest exception is no promise."""
    assert "|".join(map(str, systems_named(parse(text, path="a.md")))) == named


@pytest.mark.parametrize(
    ("system", "pretty", "is_it"),
    [
        (System("Debian", "12", 1), "Debian GNU/Linux 12 (bookworm)", True),
        (System("Debian", "13", 1), "Debian GNU/Linux 12 (bookworm)", False),
        (System("Debian", "12", 1, later=True), "Debian GNU/Linux 13 (trixie)", True),
        (System("Debian", "12", 1, later=True), "Debian GNU/Linux 11 (bullseye)", False),
        (System("Ubuntu", "24.04", 1), "Ubuntu 24.04.3 LTS", True),
        (System("Ubuntu", "24.04", 1), "Ubuntu 24.10", False),
        (System("Ubuntu", "12", 1), "Debian GNU/Linux 12 (bookworm)", False),
        (System("Debian", "1", 1), "Debian GNU/Linux 12 (bookworm)", False),
        (System("Debian", "12", 1), "Debian GNU/Linux", False),
        (System("Debian", "12", 1), "", False),
    ],
)
def test_a_machine_is_that_system_by_what_it_calls_itself(
    system: System, pretty: str, *, is_it: bool
) -> None:
    """A number is compared as a number."""
    assert system.matches(pretty) is is_it
