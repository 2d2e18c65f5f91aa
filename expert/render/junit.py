"""Results of cases as JUnit XML, as build servers read it: a suite for each file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from expert.cases.results import CaseResult
from expert.render.cases import failure_line
from expert.render.plain import visible

BEGINS = b"""<?xml version='1.0' encoding='utf-8'?>
<testsuites name="expert test" """
"""What every document that is written here begins with."""


def render_junit(results: Sequence[CaseResult]) -> bytes:
    """The whole document; characters that XML cannot hold, or that do not print, are shown as escapes."""
    files: dict[str, list[CaseResult]] = {}
    for result in results:
        files.setdefault(result.case.at.file, []).append(result)
    suites = ElementTree.Element("testsuites", {"name": "expert test", **_counts(results)})
    for file, in_file in files.items():
        suite = ElementTree.SubElement(suites, "testsuite", {"name": visible(file), **_counts(in_file)})
        for result in in_file:
            _add_case(suite, result)
    ElementTree.indent(suites)
    document: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _add_case(suite: ElementTree.Element, result: CaseResult) -> None:
    case = result.case
    topic = Path(case.at.file).name.removesuffix(".yaml").removesuffix(".test")
    names = {"name": visible(case.name), "classname": visible(topic)}
    place = {"file": visible(case.at.file), "line": str(case.at.line)}
    element = ElementTree.SubElement(suite, "testcase", {**names, **place, "time": f"{result.seconds:.6f}"})
    lines = [visible(failure_line(failure)) for failure in result.failures]
    if lines:
        ElementTree.SubElement(element, "failure", {"message": lines[0]}).text = "\n".join(lines)


def _counts(results: Sequence[CaseResult]) -> dict[str, str]:
    return {
        "tests": str(len(results)),
        "failures": str(sum(bool(result.failures) for result in results)),
        "errors": "0",
        "skipped": "0",
        "time": f"{sum(result.seconds for result in results):.6f}",
    }
