"""What is measured through the engine: plain bash and the rehearsal itself, and its own times."""

import os
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

from contestants import Contestant
from timing import Figure, timed
from workloads import Step, Workload, runbook, script

from freshrun.document.reading import parse
from freshrun.machine.engine import Engine, connected
from freshrun.machine.image import Image
from freshrun.machine.machine import Machine
from freshrun.model.outcome import Outcome, Status
from freshrun.rehearsal.rehearsal import played_in

_RECEIVE = 256 * 1024


def plain_bash(machine: Machine, workload: Workload) -> Figure:
    """Return what bash takes for the commands on its stdin, its output read and thrown away."""
    with_proof, path = _proving(machine, workload)
    with machine.attach(["bash"]) as attached:
        figure = timed(lambda: _drained(attached.socket, script(with_proof)))
        while (exit_code := attached.exit_code()) is None:
            time.sleep(0.01)
    left = machine.read(path)
    return _proven(figure, left, workload=workload, exit_code=exit_code)


def rehearsed(machine: Machine, workload: Workload) -> Figure:
    """Return what `played_in` takes for a document that was read before, each command reported."""
    with_proof, path = _proving(machine, workload)
    document = parse(runbook(with_proof), path="runbook.md")
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="freshrun-bench-") as spill:
        coming = played_in(document, machine, spill=Path(spill))
        figure = timed(lambda: outcomes.extend(coming))
    passed = sum(outcome.status is Status.PASSED for outcome in outcomes)
    exit_code = 0 if passed == len(with_proof) else 1
    left = machine.read(path)
    return _proven(figure, left, workload=workload, exit_code=exit_code)


def docker_run(engine: Engine, image: Image) -> Figure:
    """Return what the engine takes to create, start and await a container of `true`."""
    with connected(engine) as client:
        made: list[str] = []

        def run() -> None:
            made.append(str(client.api.create_container(image.id, ["true"])["Id"]))
            client.api.start(made[0])
            client.api.wait(made[0])

        try:
            return timed(run)
        finally:
            for container in made:
                client.api.remove_container(container, force=True)


def machine_and_command(engine: Engine, image: Image) -> Figure:
    """Return the time from the call of `Machine` to the outcome of a first command in it."""
    document = parse(runbook([Step("true")]), path="runbook.md")
    begin = time.perf_counter()
    with Machine(image, engine=engine) as machine:
        outcome = next(played_in(document, machine))
        seconds = time.perf_counter() - begin
    return Figure(seconds, trouble=outcome.reason)


def program_and_command(program: Contestant) -> Figure:
    """Return the time from the start of the program to the line that a first command passed."""
    with tempfile.TemporaryDirectory(prefix="freshrun-bench-") as folder:
        document = Path(folder, "runbook.md")
        document.write_text(program.form([Step("true")]), encoding="utf-8")
        begin = time.perf_counter()
        with subprocess.Popen(
            [*program.argv, str(document)],
            cwd=folder,
            env={**os.environ, **dict(program.env)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            lines = iter(process.stdout or ())
            passed = any(line.startswith("  passed ") for line in lines)
            seconds = time.perf_counter() - begin
            for _ in lines:
                pass
    trouble = "" if passed and process.returncode == 0 else "the command did not pass"
    return Figure(seconds, trouble=trouble)


def docker_program(engine: Engine, *arguments: str) -> Figure:
    """Return what the `docker` program takes, its output thrown away."""
    env = {**os.environ, "DOCKER_HOST": engine.url}
    argv = ["docker", *arguments]
    begin = time.perf_counter()
    done = subprocess.run(argv, env=env, check=False, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begin
    return Figure(seconds, trouble=f"status {done.returncode}" if done.returncode else "")


def _proving(machine: Machine, workload: Workload) -> tuple[tuple[Step, ...], str]:
    """Return the commands and the path at which their proof will be, in the machine."""
    path = f"{machine.home}/proof-{uuid.uuid4().hex}"
    return workload.proving(path), path


def _proven(figure: Figure, left: bytes | None, *, workload: Workload, exit_code: int) -> Figure:
    """Hold the exit code, and the proof that the commands left, against what is true."""
    proof = (left or b"").decode().strip()
    trouble = ""
    if exit_code != 0:
        trouble = f"ended with status {exit_code}"
    elif proof != workload.proof:
        trouble = f"left the proof {proof!r}, not {workload.proof!r}"
    return Figure(figure.seconds, exit_code=exit_code, trouble=trouble)


def _drained(connection: socket.socket, text: str) -> None:
    """Give a bash its commands, and read what it prints without keeping it."""
    connection.sendall(text.encode())
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(_RECEIVE):
        pass
