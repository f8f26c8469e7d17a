"""A record, filled into the form that its JSON has."""

from msgspec import UNSET, to_builtins

from freshrun.model.outcome import LeftFile, Outcome, Output
from freshrun.model.record import Provenance, Record
from freshrun.model.record_form import (
    CommandForm,
    FileForm,
    ItemForm,
    KeptForm,
    OptionsForm,
    OutputForm,
    ProvenanceForm,
    RecordForm,
    RunbookForm,
    UntypedForm,
)
from freshrun.model.runbook import Options


def document(record: Record) -> object:
    """Return the record as lists, maps and plain values, keys in their order."""
    return to_builtins(_record(record))


def _record(record: Record) -> RecordForm:
    provenance = record.provenance
    return RecordForm(
        schema=1,
        verdict=record.verdict.value,
        state=record.state,
        run=record.run,
        fault=record.fault,
        runbook=RunbookForm(path=record.runbook, sha256=record.sha256, text=record.text),
        image=provenance.image,
        engine=provenance.engine,
        git_commit=provenance.git_commit,
        started=record.started,
        ended=record.ended,
        provenance=_provenance(provenance),
        checklist=tuple(
            ItemForm(name=item.name, status=item.status, reason=item.reason)
            for item in record.checklist
        ),
        commands=tuple(_command(outcome) for outcome in record.outcomes),
        trials=tuple(_command(outcome) for outcome in record.trials),
        untyped=tuple(
            UntypedForm(line=each.line, lines=each.lines, why=each.why, counts=each.counts)
            for each in record.untyped
        ),
    )


def _provenance(provenance: Provenance) -> ProvenanceForm:
    return ProvenanceForm(
        image_id=provenance.image_id,
        user=provenance.user,
        repository=provenance.repository,
        network=provenance.network,
        stand_ins=provenance.stand_ins,
        notes=provenance.notes,
        path=provenance.path,
        source=provenance.source,
        system=provenance.system,
    )


def _command(outcome: Outcome) -> CommandForm:
    command = outcome.command
    return CommandForm(
        number=command.number,
        file=command.file,
        line=command.line,
        end_line=command.end_line,
        section=command.section,
        text=command.text,
        status=outcome.status,
        reason=outcome.reason,
        cause=outcome.cause,
        hint=outcome.hint,
        diff=outcome.diff,
        ports=outcome.ports,
        captures=outcome.captures,
        job=outcome.job,
        warnings=outcome.warnings,
        ending=outcome.ending,
        exit_code=outcome.exit_code,
        expected_exit_code=command.options.exit,
        stages=command.stages,
        pipe_status=outcome.pipe_status,
        seconds=outcome.seconds,
        cwd=outcome.cwd,
        stdout=_output(outcome.stdout),
        stderr=_output(outcome.stderr),
        options=_options(command.options),
        promised=command.promised,
        parses=command.parses,
        root=command.root,
        within=command.within,
        files=tuple(map(_file, outcome.files)) or UNSET,
    )


def _file(file: LeftFile) -> FileForm:
    return FileForm(path=file.path, redirected=file.redirected, content=_output(file.content))


def _options(options: Options) -> OptionsForm:
    return OptionsForm(
        name=options.name,
        timeout=options.timeout,
        band=options.band,
        skip=options.skip,
        stdin=options.stdin,
        terminal=options.terminal,
        background=options.background,
        ready=options.ready,
        tty=options.tty,
    )


def _output(output: Output) -> OutputForm:
    text = output.text
    exact = output == Output(text.encode(), size=output.size, spill=output.spill)
    return OutputForm(
        text=text,
        bytes=output.size,
        truncated=output.truncated,
        spill=UNSET if output.spill is None else output.spill,
        base64=UNSET if exact else KeptForm(head=output.head, tail=output.tail),
    )
