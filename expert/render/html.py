"""A report as one self-contained page: no script, no network, no font but the reader's own."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from expert.render.ladder_svg import ladder_svg
from expert.render.plain import visible
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
    """The page. Its style sheet is the only thing that its content security policy allows."""
    style = _read("report.css")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    environment = Environment(
        autoescape=True, finalize=_shown, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.from_string(_read("report.html")).render(
        it=report,
        style=Markup(style),
        legend=LEGEND,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        ladder=Markup(ladder_svg(report.rungs)),
    )
    return f"{page.strip()}\n"


def _shown(value: Any) -> Any:
    """Text from files with what does not print shown as an escape; what the page itself is made of, as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _read(name: str) -> str:
    return files("expert.render").joinpath(name).read_text("utf-8")
