"""Documents on a real cluster of this host: none is lost or done twice, and no secret is shown.

The workers share an engine; scheduler and workers are processes that are killed as an accident
would.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from dask_cluster import OwnCluster, below, own_cluster, serving, waited_for

from freshrun.machine.engine import Engine, connected

PROGRAM = str(Path(sys.executable).parent / "freshrun")
IMAGE = ("--image=debian:bookworm", "--keep-engine")
GOOD = "```bash\necho one\n```\n"
LONG = "```bash\nsleep 4\n```\n"
CANARY = "canary-5b1e77c0d4"
ENDED = 240.0

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCluster]:
    """Return a cluster with one worker, which its nanny starts anew."""
    with own_cluster(tmp_path_factory.mktemp("cluster")) as made:
        made.worker("one")
        yield made


def repository(folder: Path, **texts: str) -> list[str]:
    """Make a repository of documents; return their names."""
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    who = ("-c", "user.name=a", "-c", "user.email=a@localhost")
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "all")):
        subprocess.run(["git", *who, *words], cwd=folder, check=True)
    return [f"{name}.md" for name in texts]


@contextmanager
def begun(
    cluster: OwnCluster, *words: str, cwd: Path, env: Mapping[str, str] | None = None
) -> "Iterator[subprocess.Popen[str]]":
    """Start the program; it is ended with the test."""
    argv = ["env", "--default-signal=INT", PROGRAM, *words, *IMAGE, f"--cluster={cluster.file}"]
    with subprocess.Popen(
        argv,
        cwd=cwd,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(env or {})},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def record(folder: Path, name: str) -> Mapping[str, object]:
    """Return the record of one document of a run of several."""
    place = folder / ".freshrun" / f"record-{name}.json"
    read: Mapping[str, object] = json.loads(place.read_text("utf-8"))
    return read


def commands(folder: Path, name: str) -> list[Mapping[str, Mapping[str, object]]]:
    """Return what the record of one document has of each command."""
    read = record(folder, name)["commands"]
    assert isinstance(read, list)
    return read


def verdicts(folder: Path, names: list[str]) -> list[object]:
    """Return how documents ended."""
    return [record(folder, name)["verdict"] for name in names]


def machines(engine: Engine, nanny: int) -> list[str]:
    """Return the machines of the rehearsals that go on below a worker's nanny."""
    makers = below(nanny)
    with connected(engine) as client:
        found = client.api.containers(all=True, filters={"label": "freshrun"})
        return [str(one["Id"]) for one in found if int(one["Labels"]["freshrun.pid"]) in makers]


def is_there(engine: Engine, machine: str) -> bool:
    """Tell whether a machine has not been removed."""
    with connected(engine) as client:
        return any(one["Id"] == machine for one in client.api.containers(all=True))


def stored(folder: Path) -> list[Path]:
    """Return what calls have finished and keep for the next one."""
    return [*(folder / ".freshrun" / "cluster").glob("call-*/*.json")]


def pages(cluster: OwnCluster) -> Iterator[str]:
    """Yield what the dashboards of scheduler and workers show to whoever asks."""
    told = json.loads(cluster.file.read_text("utf-8"))
    base = f"http://127.0.0.1:{told['services']['dashboard']}"
    for page in ("info/main/workers.html", "info/main/logs.html", "json/counts.json", "metrics"):
        yield requests.get(f"{base}/{page}", timeout=30).text


def test_a_document_takes_its_secrets_along_and_nothing_shows_them(
    cluster: OwnCluster, tmp_path: Path
) -> None:
    """Not Dask's logs, nor its pages, nor the state that it dumps, nor what comes back."""
    head = "---\nfreshrun: {secrets: [TOKEN], checklist: checks}\n---\n"
    long = '```bash\nsleep 3; printf %s "$TOKEN" | sha256sum\nhead -c 5M /dev/zero\n```\n'
    (tmp_path / "checks").mkdir()
    check = 'def test_it(runbook):\n    """It is read."""\n    assert runbook.commands\n'
    (tmp_path / "checks" / "test_it.py").write_text(check, "utf-8")
    names = repository(tmp_path, secret=head + long, good=GOOD, bad="```bash\nfalse\n```\n")
    (tmp_path / "good.md").write_text("```bash\necho changed\n```\n", "utf-8")
    words = (*names, "--html=p.html", "--junit=j.xml")
    with begun(cluster, *words, cwd=tmp_path, env={"TOKEN": CANARY}) as process:
        waited_for(lambda: "freshrun-" in state(cluster))
        seen = [state(cluster), *pages(cluster)]
        printed, _ = process.communicate(timeout=ENDED)
    assert process.returncode == 1, printed
    assert verdicts(tmp_path, names) == ["passed", "passed", "failed"], printed
    assert "3 rehearsals: 1 failed, 2 passed" in printed
    assert stored(tmp_path) == []
    seen += [*pages(cluster), printed, cluster.logged("scheduler")]
    seen += [cluster.logged("one"), *(p.read_text("utf-8") for p in tmp_path.glob("[pj].*"))]
    kept = [path for path in (tmp_path / ".freshrun").rglob("*") if path.is_file()]
    assert not [text for text in (*seen, *(p.read_text("utf-8") for p in kept)) if CANARY in text]
    _wait, first, second = commands(tmp_path, "secret.md")
    digest = subprocess.run(["sha256sum"], input=CANARY.encode(), capture_output=True, check=True)
    assert str(first["stdout"]["text"]).split()[0] == digest.stdout.decode().split()[0]
    assert Path(str(second["stdout"]["spill"])).stat().st_size == 5 * 2**20
    (only,) = commands(tmp_path, "good.md")
    assert only["stdout"]["text"] == "changed\n"
    assert (tmp_path / "p-good.md.html").exists()


def state(cluster: OwnCluster) -> str:
    """Return all that a scheduler and its workers know of tasks, as Dask tells it."""
    script = (
        "import sys, distributed\n"
        "def told(dask_scheduler):\n"
        "    tasks = dask_scheduler.tasks.values()\n"
        "    return repr([(t.key, t.run_spec, vars(t) if hasattr(t, '__dict__') else '',\n"
        "        [(n, getattr(t, n, '')) for n in t.__slots__]) for t in tasks])\n"
        "with distributed.Client(sys.argv[1], set_as_default=False) as client:\n"
        "    print(client.run_on_scheduler(told), client.call_stack(), client.get_worker_logs())\n"
        "    print(client.get_scheduler_logs(), client.get_events())\n"
    )
    argv = [sys.executable, "-c", script, cluster.address]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def test_a_killed_worker_takes_nothing_down(
    cluster: OwnCluster, tmp_path: Path, engine: Engine
) -> None:
    """Its document is done once more, by one that came late; what had ended is not repeated."""
    names = repository(tmp_path, a=GOOD, b=LONG, c=GOOD, d=GOOD)
    nanny = cluster.processes[1]
    with begun(cluster, *names, cwd=tmp_path) as process:
        waited_for(lambda: len(stored(tmp_path)) == 1)
        waited_for(lambda: machines(engine, nanny.pid))
        first = record(tmp_path, "a.md")
        (before,) = machines(engine, nanny.pid)
        pid = serving(nanny.pid)
        assert pid
        os.kill(pid, signal.SIGKILL)
        cluster.worker("late")
        printed, _ = process.communicate(timeout=ENDED)
    assert process.returncode == 0, printed
    assert verdicts(tmp_path, names) == ["passed"] * 4
    assert record(tmp_path, "a.md") == first
    waited_for(lambda: not is_there(engine, before))


def test_a_document_that_kills_its_worker_twice_is_broken(
    cluster: OwnCluster, tmp_path: Path
) -> None:
    """It names both; the others go on. Only a checklist can do so: it is run on the worker."""
    (tmp_path / "checks").mkdir()
    check = (
        "import os\nfrom pathlib import Path\n\n\n"
        'def test_it():\n    """End the worker."""\n'
        "    fields = Path(f'/proc/{os.getppid()}/stat').read_text().rpartition(')')[2].split()\n"
        "    os.kill(int(fields[1]), 9)\n"
    )
    (tmp_path / "checks" / "test_it.py").write_text(check, "utf-8")
    killer = f"---\nfreshrun: {{checklist: checks}}\n---\n{GOOD}"
    names = repository(tmp_path, killer=killer, good=GOOD, more=GOOD)
    with begun(cluster, *names, cwd=tmp_path) as process:
        printed, _ = process.communicate(timeout=ENDED)
    assert process.returncode == 2, printed
    assert verdicts(tmp_path, names) == ["broken", "passed", "passed"]
    fault = str(record(tmp_path, "killer.md")["fault"])
    assert fault.startswith("it lost its worker 2 times: "), printed
    assert " and then " in fault


def test_a_scheduler_that_is_killed_leaves_what_had_ended(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, engine: Engine
) -> None:
    """The rest is broken and says why; a second call goes on, and Ctrl-C leaves no machine."""
    names = repository(tmp_path, a=GOOD, b=LONG, c=GOOD)
    with own_cluster(tmp_path_factory.mktemp("dask")) as cluster:
        cluster.worker("first")
        with begun(cluster, *names, cwd=tmp_path) as process:
            waited_for(lambda: len(stored(tmp_path)) == 1)
            cluster.processes[0].kill()
            printed, _ = process.communicate(timeout=ENDED)
        assert process.returncode == 2, printed
        assert verdicts(tmp_path, names) == ["passed", "broken", "broken"]
        assert "the scheduler of the cluster was lost" in str(record(tmp_path, "c.md")["fault"])
        first = record(tmp_path, "a.md")
        cluster.scheduler()
        worker = cluster.worker("second")
        with begun(cluster, *names, cwd=tmp_path) as process:
            waited_for(lambda: machines(engine, worker.pid))
            (left,) = machines(engine, worker.pid)
            process.send_signal(signal.SIGINT)
            printed, _ = process.communicate(timeout=ENDED)
        assert process.returncode == 130, printed
        assert verdicts(tmp_path, names) == ["passed", "broken", "broken"]
        waited_for(lambda: not is_there(engine, left))
        with begun(cluster, *names, cwd=tmp_path) as process:
            printed, _ = process.communicate(timeout=ENDED)
    assert process.returncode == 0, printed
    assert "1 of 3 were finished by a call that was broken off" in printed
    again = record(tmp_path, "a.md")
    assert (again["started"], again["commands"]) == (first["started"], first["commands"])
    assert stored(tmp_path) == []
