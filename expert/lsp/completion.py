"""What may be written at a place: the keys of the mapping there, new entries, and the values of the schema there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lsprotocol import types

from expert.edit.scaffold import keys_to_fill_in
from expert.edit.schema_texts import Schema
from expert.lang.folder_layout import form_at, kind_of, sections
from expert.lang.format import FORMS
from expert.lsp.open_folder import OpenFolder
from expert.lsp.place import ITEM, key_on, keys_around, path_of
from expert.lsp.text import Text

_KIND = types.CompletionItemKind
_IN_FLOW = re.compile(r"[\[{,:]\s|[\[{,]")


class _Wanted(NamedTuple):
    """What is completed: the path to it, what is written of it, and whether a key or a value may be there."""

    path: tuple[str, ...]
    written: str
    key: bool
    value: bool


def completions(folder: OpenFolder, name: str, text: Text, offset: int) -> list[types.CompletionItem]:
    """What may be written at a character of a file, in the documented order."""
    kind = kind_of(name)
    wanted = _wanted(text, offset)
    schema = _schema_at(folder.good.schemas[kind], wanted.path) if folder.good else {}
    found: list[types.CompletionItem] = []
    if wanted.key:
        taken = keys_around(text, offset) if wanted.value else set()
        found += _keys(kind, wanted.path, schema, taken)
        found += _new_entries(kind, wanted.path)
    if wanted.value:
        found += _values(schema)
    place = text.range(offset - len(wanted.written), offset)
    for number, it in enumerate(found):
        it.text_edit = types.TextEdit(place, it.insert_text or it.label)
        it.filter_text, it.sort_text = it.label, f"{number:05}"
        it.detail = it.detail or folder.caution or None
    return found


# --- where ------------------------------------------------------------------------------------------------------------


def _wanted(text: Text, offset: int) -> _Wanted:
    line = text.line_before(offset)
    path = path_of(text, offset)
    content = re.sub(r"^ *(?:- +)*", "", line)
    key = key_on(line).strip()
    if not key:
        return _in_flow(path, content) if content[:1] in ("{", "[") else _Wanted(path, content, True, True)
    value = content[content.index(":", len(key)) + 1 :].lstrip()
    inside = (*path, key)
    return _in_flow(inside, value) if value[:1] in ("{", "[") else _Wanted(inside, value, False, True)


def _in_flow(path: tuple[str, ...], value: str) -> _Wanted:
    """What is completed within braces or brackets that are open at the end of a value."""
    open_at: list[str] = []
    start = 0
    for at, sign in enumerate(value):
        if sign in "[{":
            open_at.append(ITEM if sign == "[" else "")
        elif sign in "]}" and open_at:
            open_at.pop()
        elif sign == "," and open_at:
            open_at[-1] = ITEM if open_at[-1] == ITEM else ""
        elif sign == ":" and value[at + 1 : at + 2] in (" ", "") and open_at and open_at[-1] != ITEM:
            open_at[-1] = value[start:at].strip()
        else:
            continue
        start = at + 1
    inner = (*path, *(it for it in open_at if it))
    is_key = bool(open_at) and open_at[-1] == ""
    return _Wanted(inner, value[start:].lstrip(), is_key, not is_key)


def _schema_at(root: Schema, path: Sequence[str]) -> Schema:
    """The schema of what is at a path; empty if there is none."""
    schema = root
    for part in path:
        schema = _resolved(root, schema)
        if part == ITEM:
            schema = schema.get("items") or {}
        else:
            further = schema.get("additionalProperties") or {}
            by_pattern = (it for form, it in schema.get("patternProperties", {}).items() if re.search(form, part))
            schema = schema.get("properties", {}).get(part) or next(by_pattern, further)
    return _resolved(root, schema)


def _resolved(root: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]] | {
            k: v for k, v in schema.items() if k != "$ref"
        }
    return schema


# --- what -------------------------------------------------------------------------------------------------------------


def _keys(kind: str, path: tuple[str, ...], schema: Schema, taken: set[str]) -> Iterator[types.CompletionItem]:
    form = form_at(kind, path)
    meanings = {key: it.meaning for key, it in form.keys.items()} if form else {}
    meanings |= {key: it.get("description", "") for key, it in schema.get("properties", {}).items()}
    for key, meaning in meanings.items():
        if key not in taken:
            yield types.CompletionItem(key, kind=_KIND.Property, insert_text=f"{key}: ", documentation=meaning)


def _new_entries(kind: str, path: tuple[str, ...]) -> Iterator[types.CompletionItem]:
    """New entries of a section as snippets, each with the keys to fill in."""
    forms = [form for form, its in sections().items() if its.file == kind and path == (its.key,)]
    if kind == "ladder" and len(path) == 3 and path[2] == "options":
        forms.append("option")
    for form in forms:
        for kind_of_it in FORMS[form].keys["type"].words if "type" in FORMS[form].keys else ("",):
            keys = enumerate(keys_to_fill_in(form, kind_of_it).items(), 2)  # the name has the first place
            lines = [f"\n  {key}: {word or f'${number}'}" for number, (key, word) in keys]
            called = f"new {form} ({kind_of_it})" if kind_of_it else f"new {form}"
            yield types.CompletionItem(
                called,
                kind=_KIND.Snippet,
                insert_text=f"${{1:name}}:{''.join(lines)}",
                insert_text_format=types.InsertTextFormat.Snippet,
                documentation=f"{FORMS[form].called}, to be filled in",
            )
    if kind == "cases" and path in ((), (ITEM,)):
        dash = "" if path else "- "
        body = f"{dash}name: $1\n{'  ' if dash else ''}given: {{$2}}\n{'  ' if dash else ''}expect: {{recommended: $3}}"
        yield types.CompletionItem(
            "new case",
            kind=_KIND.Snippet,
            insert_text=body,
            insert_text_format=types.InsertTextFormat.Snippet,
            documentation="a case, to be filled in",
        )


def _values(schema: Schema) -> Iterator[types.CompletionItem]:
    for it in schema.get("defaultSnippets", ()):
        yield types.CompletionItem(
            it["label"], kind=_KIND.Value, insert_text=it["body"], documentation=it["description"]
        )
