"""A rehearsal of a document up to one of its blocks."""

import subprocess
import sys
import tempfile
from pathlib import Path

from freshrun.model import FreshrunError, Record, Runbook, from_json


def run_until(runbook: Runbook, line: int) -> Record:
    """Type what stands above the end of a block into a fresh machine; return the record.

    `line` is where the block begins. `FreshrunError` where nothing was typed.
    """
    text = _until(runbook, line)
    path = Path(runbook.path).resolve()
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "record.json"
        # Beside the document: what the text names is looked for there.
        with tempfile.NamedTemporaryFile(
            "w", suffix=path.suffix, prefix=f".{path.stem}-", dir=path.parent, encoding="utf-8"
        ) as beside:
            beside.write(text)
            beside.flush()
            said = _run(Path(beside.name), record)
        return _read(record, said=said)


def _until(runbook: Runbook, line: int) -> str:
    """Return the document's text up to the end of the block that begins in a line."""
    for block in runbook.blocks:
        if block.line == line:
            return "\n".join(runbook.text.split("\n")[: block.end_line]) + "\n"
    raise FreshrunError(f"{runbook.path}:{line}: no block begins here")


def _run(document: Path, record: Path) -> str:
    program = Path(sys.executable).with_name("freshrun")
    run = subprocess.run(
        [program, document, "--json", record, "--no-checklist", "--keep-engine"],
        cwd=document.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return (run.stderr.strip() or run.stdout.strip()).rpartition("\n")[2]


def _read(path: Path, *, said: str) -> Record:
    if not path.exists():
        raise FreshrunError(said or "freshrun left no record")
    record = from_json(path.read_text("utf-8"))
    if record.why_broken:
        raise FreshrunError(record.why_broken)
    return record
