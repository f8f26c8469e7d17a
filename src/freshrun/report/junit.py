"""Records as JUnit XML: a suite a document, a case for each command and checklist item.

The form is what Jenkins' own schema (`junit-10.xsd`) lets through and what GitLab reads of it.
GitLab knows a case by its class and its name alone, so those are unique in a document, and stay
the same where lines move. Neither has a place for a line: it stands in the text of each case.
"""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath

from freshrun.model import ChecklistItem, Outcome, Record, Status
from freshrun.report import words
from freshrun.report.console import failure_text

_WIDTH = 120
"""Characters of a name: a list of names is read, a heredoc is not."""

_NONE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML has no place for."""

_Text = Callable[[str], str]

_ELEMENT = {Status.FAILED: "failure", Status.BROKEN: "error"}


def junit_xml(records: Iterable[Record], *, hidden: _Text = str) -> str:
    """Return one report on all the records; `hidden` takes out of a text what nobody may see."""
    root = ET.Element("testsuites", name="freshrun")
    for record in records:
        root.append(_suite(record, hidden))
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ET.tostring(root, encoding='unicode')}\n"


@dataclass(frozen=True, slots=True)
class _Case:
    """One line of the report; `told` is its evidence, `beside` what stands by any status."""

    group: str
    name: str
    status: Status
    reason: str = ""
    kind: str = ""
    told: str = ""
    beside: str = ""
    seconds: float = 0.0


def _suite(record: Record, hidden: _Text) -> ET.Element:
    def text(value: str) -> str:
        return _inert(hidden(_NONE.sub("\ufffd", words.plain(value))))

    cases = list(_numbered(_cases(record, text)))
    found = Counter(case.status for case in cases)
    suite = ET.Element("testsuite", name=text(record.runbook), file=text(record.runbook))
    left_out = found[Status.SKIPPED] + found[Status.NOT_REACHED]
    suite.attrib |= {
        "tests": str(len(cases)),
        "failures": str(found[Status.FAILED]),
        "errors": str(found[Status.BROKEN]),
        "skipped": str(left_out),
        "time": f"{sum(case.seconds for case in cases):.3f}",
        "timestamp": text(record.started),
    }
    suite.append(_properties(record, text))
    suite.extend(_element(case, record=record, text=text) for case in cases)
    ET.SubElement(suite, "system-out").text = text("\n".join(_words(record)))
    return suite


def _properties(record: Record, text: _Text) -> ET.Element:
    """Return where it ran, for who compares two reports."""
    ran = record.provenance
    facts = {
        "verdict": record.verdict.value,
        "image": ran.image,
        "image digest": ran.image_id,
        "user": ran.user,
        "commit": ran.git_commit or "",
        "sha256": record.sha256,
    }
    properties = ET.Element("properties")
    for name, value in facts.items():
        if value:
            ET.SubElement(properties, "property", name=name, value=text(value))
    return properties


def _words(record: Record) -> Iterator[str]:
    """Yield what is to be said of the whole document."""
    yield f"{record.verdict.value}: {record.runbook}{words.untyped(record)}"
    yield from (f"stand-in: {each}" for each in record.provenance.stand_ins)
    yield from words.warnings(record)


def _cases(record: Record, text: _Text) -> Iterator[_Case]:
    """Yield every case; one that is no pass is among them where the verdict is none."""
    cases = [_command(each, text) for each in record.outcomes]
    cases += [_item(each, text) for each in record.checklist]
    if record.why_broken:
        yield _Case("", "the rehearsal", Status.BROKEN, record.why_broken, "broken")
    elif record.verdict is Status.FAILED and Status.FAILED not in {each.status for each in cases}:
        why = f"nothing failed, and not all was reached: {', '.join(words.tallies(record))}"
        yield _Case("", "the rehearsal", Status.FAILED, why, "not reached")
    yield from cases


def _command(outcome: Outcome, text: _Text) -> _Case:
    command, bad = outcome.command, outcome.status in words.BAD
    where = words.where(outcome)
    return _Case(
        command.section or "Before the first heading",
        _name(command.text, text),
        outcome.status,
        reason="" if outcome.status is Status.PASSED else words.why(outcome),
        kind=outcome.cause,
        told=failure_text(outcome) if bad else "",
        beside="\n".join([where, *(f"warning: {each}" for each in outcome.warnings)]),
        seconds=outcome.seconds,
    )


def _item(item: ChecklistItem, text: _Text) -> _Case:
    passed = item.status is Status.PASSED
    why = "" if passed else item.reason or item.status.value
    beside = item.reason if passed else ""
    return _Case("Checklist", _name(item.name, text), item.status, why, told=why, beside=beside)


def _name(value: str, text: _Text) -> str:
    """Return a command in one line, cut where it is long; what nobody may see is out before."""
    joined = re.sub(r"\\\n\s*", "", words.plain(value)).strip()
    line, _, more = text(joined).partition("\n")
    return f"{line[:_WIDTH]} ..." if more or len(line) > _WIDTH else line


def _numbered(cases: Iterable[_Case]) -> Iterator[_Case]:
    """Yield the cases, each of equal ones but the first behind its number."""
    taken: set[tuple[str, str]] = set()
    count: Counter[tuple[str, str]] = Counter()
    for case in cases:
        group, name = _class(case.group), case.name or "(nothing that can be seen)"
        key = group, name
        while key in taken:
            count[group, name] += 1
            key = group, f"{name} ({count[group, name] + 1})"
        taken.add(key)
        yield replace(case, group=group, name=key[1])


def _class(title: str) -> str:
    """Return a title without dots, which part the names of classes."""
    return re.sub(r"\s+", " ", re.sub(r"\.(?=\s|$)", "", title)).replace(".", "_").strip()


def _document(record: Record) -> str:
    path = PurePath(record.runbook)
    plain = path.with_suffix("") if path.suffix == ".md" else path
    return str(plain).replace(".", "_") or record.runbook


def _element(case: _Case, *, record: Record, text: _Text) -> ET.Element:
    element = ET.Element("testcase", name=text(case.name))
    group = f"{_document(record)}.{case.group}" if case.group else _document(record)
    element.set("classname", text(group))
    element.set("time", f"{case.seconds:.3f}")
    if case.status is not Status.PASSED:
        element.append(_verdict(case, text))
    if case.beside:
        ET.SubElement(element, "system-out").text = text(case.beside)
    return element


def _verdict(case: _Case, text: _Text) -> ET.Element:
    """Return why a case is no pass; GitLab reads the text of it, Jenkins the message too."""
    verdict = ET.Element(_ELEMENT.get(case.status, "skipped"))
    unreached = case.status is Status.NOT_REACHED
    why = f"not reached: {case.reason}" if unreached else case.reason
    verdict.set("type", text(case.kind or case.status.value))
    verdict.set("message", text(why))
    verdict.text = text(case.told or why)
    return verdict


def _inert(text: str) -> str:
    """Return a text without what GitLab takes for the path of a picture."""
    return text.replace("[[ATTACHMENT|", "[ [ATTACHMENT|")
