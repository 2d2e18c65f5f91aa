"""A report as one self-contained page."""

from __future__ import annotations

from expert.lang.errors import require
from expert.render.ladder_svg import ladder_svg
from expert.render.sections import Report

LEGEND = (
    ("recommended", "recommended", "supported, not excluded, and the first that is"),
    ("available", "available", "supported and not excluded; an earlier step comes first or is open"),
    ("waiting", "waiting", "available once the recommended step is settled"),
    ("excluded", "excluded", "a rule speaks against it"),
    ("unsupported", "not supported", "no rule speaks for it"),
    ("open", "open", "not enough is known"),
)


def render_html(report: Report) -> str:
    """The page.

    Raises:
        MissingExtraError: what the extra ``report`` installs is not there.
    """
    require("report", "report", "jinja2")
    from markupsafe import Markup

    from expert.render.page import render_page

    drawing = Markup(ladder_svg(report.rungs))
    return render_page("report.html", ("page.css", "report.css"), it=report, legend=LEGEND, ladder=drawing)
