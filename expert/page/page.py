"""The page: one file that asks, answers and explains offline."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files

from expert.lang.model import KnowledgeBase
from expert.lang.values import Facts
from expert.page.to_script import lean, script

PARTS = ("words.js", "record.js", "fields.js", "shown.js", "form.js")
"""The files of the form's script, in order."""

BEGINS = b"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="expert page">
"""
"""How every such page begins, and no other file."""

_MARK = re.compile(r"\{\{(\w+)\}\}")
_HIDDEN = re.compile(r"[^\S ]|[\x00-\x1f\x7f]")


def render_page(kb: KnowledgeBase, version: str, site: Facts | None = None) -> str:
    """The page as HTML; the same bytes for the same knowledge, site and version of the program.

    Its policy lets nothing run or load but its own script and style, which it names by their hashes. Texts of the
    knowledge are data of the script, and only become text.

    Args:
        version: of the program.
        site: policies of a site that count as given.
    """
    code = f'{script(kb, site)}(function () {{\n"use strict";\n{"".join(lean(_read(name)) for name in PARTS)}}})();'
    style = lean(_read("form.css"))
    sources = f"script-src '{_digest(code)}'; style-src '{_digest(style)}'"
    values = {
        "policy": f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'",
        "title": escape(_HIDDEN.sub(" ", kb.title)),
        "version": escape(version),
        "style": style,
        "script": code,
    }
    return _MARK.sub(lambda mark: values[mark[1]], _read("page.html"))


def _read(name: str) -> str:
    return files("expert.page").joinpath(name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
