"""A report as one self-contained page."""

from __future__ import annotations

from expert.lang.errors import require
from expert.render.sections import Report


def render_html(report: Report, *, appendix: bool = False) -> str:
    """The page; the appendix is folded away on the screen, and printed on request.

    Raises:
        MissingExtraError: what the extra ``report`` installs is not there.
    """
    require("report", "report", "jinja2")
    from expert.render.page import render_page

    return render_page("report.html", ("page.css", "report.css"), it=report, printed=appendix)
