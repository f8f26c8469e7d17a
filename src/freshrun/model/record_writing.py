"""A record, filled into the form that its JSON has."""

from msgspec import UNSET, convert, to_builtins

from freshrun.model.outcome import LeftFile, Outcome, Output
from freshrun.model.record import Record
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
        provenance=convert(provenance, ProvenanceForm, from_attributes=True),
        checklist=tuple(convert(item, ItemForm, from_attributes=True) for item in record.checklist),
        commands=tuple(_command(outcome) for outcome in record.outcomes),
        trials=tuple(_command(outcome) for outcome in record.trials),
        untyped=tuple(convert(each, UntypedForm, from_attributes=True) for each in record.untyped),
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
        options=convert(command.options, OptionsForm, from_attributes=True),
        promised=command.promised,
        parses=command.parses,
        root=command.root,
        within=command.within,
        files=tuple(map(_file, outcome.files)) or UNSET,
    )


def _file(file: LeftFile) -> FileForm:
    return FileForm(path=file.path, redirected=file.redirected, content=_output(file.content))


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
