"""One run of the suite: which scenarios, against which database, for which CI run."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from drv.faults import EFFECTS, NO_EFFECT, Effect, Fault
from drv_suite.catalogue import BY_NAME, Scenario, Suite
from drv_suite.usage import UsageError

EXAMPLE_URL = "postgresql:///drv?host=/var/run/postgresql"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run was given. `url` is the address as declared, `out` where its files go."""

    suite: Suite
    url: str
    out: Path
    run_id: str
    commit: str
    started: datetime
    fault: Fault | None = None
    only: str | None = None

    @property
    def effect(self) -> Effect:
        """Return what the switched-on fault changes."""
        return EFFECTS[self.fault] if self.fault else NO_EFFECT

    @property
    def address(self) -> str:
        """Return the address that is connected to."""
        return self.effect.divert(self.url)

    def selects(self, scenario: Scenario) -> bool:
        """Tell whether the scenario is part of this run."""
        return self.suite is Suite.FULL or scenario.suite is Suite.SMOKE

    def command(self, name: str) -> str:
        """Return the command line that runs one scenario of this run again."""
        fault = f"DRV_FAULT={self.fault} " if self.fault else ""
        return f"{fault}drv-suite {self.suite} --only {name}"


def plan(suite: Suite, *, environ: Mapping[str, str], out: Path, only: str | None = None) -> Run:
    """Read the declared variables and return the run that they describe.

    Raises `UsageError` for a missing or unreadable address, an unknown fault or scenario, and a
    run id that is no plain word.
    """
    started = datetime.now(UTC)
    run = Run(
        suite=suite,
        url=_url(environ),
        out=out,
        run_id=_run_id(environ, started),
        commit=environ.get("DRV_COMMIT") or _checked_out_commit(),
        started=started,
        fault=_fault(environ),
        only=only,
    )
    if only and only not in (
        names := [name for name, each in BY_NAME.items() if run.selects(each)]
    ):
        raise UsageError(f"--only: no scenario {only!r} in {suite}; it has {', '.join(names)}")
    return run


def _url(environ: Mapping[str, str]) -> str:
    url = environ.get("DRV_DATABASE_URL", "")
    if not url:
        raise UsageError(f"DRV_DATABASE_URL is not set; want an address such as {EXAMPLE_URL}")
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # psycopg's own message repeats the address, password and all.
        raise UsageError(
            f"DRV_DATABASE_URL is no PostgreSQL address; want one such as {EXAMPLE_URL}"
        ) from None
    return url


def _run_id(environ: Mapping[str, str], started: datetime) -> str:
    run_id = environ.get("DRV_RUN_ID") or f"local-{started:%Y%m%dT%H%M%SZ}"
    if not re.fullmatch(r"[\w.-]{1,64}", run_id):
        raise UsageError(f"DRV_RUN_ID: {run_id!r} is no run id; want letters, digits, . _ -")
    return run_id


def _fault(environ: Mapping[str, str]) -> Fault | None:
    name = environ.get("DRV_FAULT", "")
    try:
        return Fault(name) if name else None
    except ValueError:
        known = ", ".join(Fault)
        raise UsageError(f"DRV_FAULT: unknown fault {name!r}; want one of {known}") from None


def _checked_out_commit() -> str:
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return "unknown"
    return answer.stdout.strip() or "unknown"
