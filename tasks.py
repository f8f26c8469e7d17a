"""The front door: `invoke --list` shows what can be done here."""

import os
import shlex
import sys

from invoke.collection import Collection
from invoke.context import Context
from invoke.tasks import task

from freshrun import tasks as freshrun_tasks

PYTHON = shlex.quote(sys.executable)


@task(
    name="test",
    help={
        "fast": "leave out what needs a container engine",
        "engine": "leave out what needs none",
        "coverage": "hold the branches that the tests take against the floor in pyproject.toml",
        "workers": "run so many tests at a time; as many as there are processors, up to four",
    },
)
def run_tests(
    context: Context,
    *,
    fast: bool = False,
    engine: bool = False,
    coverage: bool = False,
    workers: int = 0,
) -> None:
    """Run freshrun's own tests, with a container engine of its own where there is none."""
    only = "" if fast == engine else f" -m '{'not engine' if fast else 'engine'}'"
    many = workers or min(os.cpu_count() or 1, 4)
    program = "coverage run -m pytest" if coverage else "pytest"
    if coverage:
        context.run(f"{PYTHON} -m coverage erase", pty=False)
    context.run(f"{PYTHON} -m {program} -n {many} --dist loadscope{only}", pty=False)
    if coverage:
        context.run(f"{PYTHON} -m coverage combine --quiet", pty=False)
        context.run(f"{PYTHON} -m coverage report", pty=False)


@task(help={"without-rivals": "freshrun and plain bash alone", "repeats": "the best of N"})
def bench(context: Context, *, without_rivals: bool = False, repeats: int = 3) -> None:
    """Measure freshrun beside plain bash and its rivals, and hold it against its aims."""
    only = " --without-rivals" if without_rivals else ""
    context.run(f"{PYTHON} tests/bench --repeats {repeats}{only}", pty=False)


ns = Collection.from_module(freshrun_tasks)
ns.add_task(run_tests)
ns.add_task(bench)
