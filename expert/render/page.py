"""What every page is made of: templates in which text stays text, and a policy that allows the page its style alone."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from expert.render.plain import visible


def render_page(template: str, styles: Sequence[str], **values: Any) -> str:
    """A page that extends ``page.html``: no script, no network, no font but the reader's own.

    Its style sheet is the only thing that its content security policy allows.
    """
    style = "\n".join(map(_read, styles))
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    page = _environment().get_template(template).render(**values, style=Markup(style), policy=policy)
    return f"{page.strip()}\n"


@cache
def _environment() -> Environment:
    return Environment(
        autoescape=True,
        finalize=_shown,
        loader=FunctionLoader(_read),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: Any) -> Any:
    """Text from files with what does not print shown as an escape; what the page itself is made of, as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _read(name: str) -> str:
    return files("expert.render").joinpath(name).read_text("utf-8")
