"""A record, taken out of the form that its JSON has."""

from dataclasses import replace

from msgspec import UNSET, ValidationError, convert

from freshrun.model.errors import FreshrunError
from freshrun.model.outcome import LeftFile, Outcome, Output
from freshrun.model.record import ChecklistItem, Provenance, Record
from freshrun.model.record_form import CommandForm, OutputForm, RecordForm
from freshrun.model.runbook import Command, Untyped
from freshrun.model.wrong_value import explained, shown, wrong


def record(document: dict[str, object]) -> Record:
    """Return the record that a document holds; `FreshrunError` with the place that is wrong."""
    if document.get("schema") != 1 or isinstance(document["schema"], bool):
        raise wrong(document, "schema", right="1, the version that this freshrun reads")
    try:
        form = convert(document, RecordForm)
    except ValidationError as error:
        raise explained(document, str(error)) from None
    except UnicodeEncodeError as error:  # of a key or a fixed word; in any other text it is a byte
        found = shown(error.object)
        raise FreshrunError(f"{found} stands there: expected text that UTF-8 can hold") from None
    taken = _record(form)
    if form.verdict != taken.verdict.value:
        right = f'"{taken.verdict.value}", as its commands and items say'
        raise wrong(document, "verdict", right=right)
    return taken


def _record(form: RecordForm) -> Record:
    return Record(
        runbook=form.runbook.path,
        sha256=form.runbook.sha256,
        started=form.started,
        ended=form.ended,
        provenance=replace(
            convert(form.provenance, Provenance, from_attributes=True),
            image=form.image,
            engine=form.engine,
            git_commit=form.git_commit,
        ),
        outcomes=_outcomes(form.commands, "commands"),
        checklist=tuple(convert(i, ChecklistItem, from_attributes=True) for i in form.checklist),
        trials=_outcomes(form.trials, "trials"),
        untyped=tuple(convert(each, Untyped, from_attributes=True) for each in form.untyped),
        fault=form.fault,
        run=form.run,
        state=form.state,
        text=form.runbook.text,
    )


def _outcomes(forms: tuple[CommandForm, ...], key: str) -> tuple[Outcome, ...]:
    return tuple(_outcome(form, f"{key}[{number}]") for number, form in enumerate(forms))


def _outcome(form: CommandForm, key: str) -> Outcome:
    return Outcome(
        command=_command(form),
        status=form.status,
        ending=form.ending,
        exit_code=form.exit_code,
        seconds=form.seconds,
        stdout=_output(form.stdout, f"{key}.stdout"),
        stderr=_output(form.stderr, f"{key}.stderr"),
        cwd=form.cwd,
        pipe_status=form.pipe_status,
        reason=form.reason,
        warnings=form.warnings,
        cause=form.cause,
        hint=form.hint,
        diff=form.diff,
        ports=form.ports,
        captures=form.captures,
        job=form.job,
        files=()
        if form.files is UNSET
        else tuple(
            LeftFile(
                one.path,
                _output(one.content, f"{key}.files[{number}].content"),
                redirected=one.redirected,
            )
            for number, one in enumerate(form.files)
        ),
    )


def _command(form: CommandForm) -> Command:
    command = convert(form, Command, from_attributes=True)
    return replace(command, options=replace(command.options, exit=form.expected_exit_code))


def _output(form: OutputForm, key: str) -> Output:
    spill = None if form.spill is UNSET else form.spill
    if form.base64 is not UNSET:
        return Output(form.base64.head, form.base64.tail, form.bytes, spill)
    try:
        return Output(form.text.encode(), size=form.bytes, spill=spill)
    except UnicodeEncodeError:
        raise FreshrunError(
            f"{key}.text is {shown(form.text)}: expected text that UTF-8 can hold"
        ) from None
