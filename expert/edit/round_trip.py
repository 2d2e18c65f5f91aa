"""YAML in house style by way of ruamel.yaml: new indentation; comments, quotes and folded texts as they are.

The only module that imports ruamel.yaml.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver

_UNBROKEN = 1 << 20
"""A width beyond every line, so that no line is wrapped."""

Order = Callable[[Sequence[str]], Sequence[str]]
"""The order of the keys of the mapping at a path; none where any order is as good."""

__all__ = ["YAMLError", "house_style"]


class _Texts(VersionedResolver):
    """Takes every scalar for a text, as the reader does, so that each is written as it was."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        return self.DEFAULT_SCALAR_TAG if kind is ScalarNode else super().resolve(kind, value, implicit)


class _House(Emitter):
    """Two columns for a mapping and four for a list, but two for a list that is the whole file."""

    def expect_block_sequence_item(self, first: bool = False) -> None:
        self.sequence_dash_offset = 0 if len(self.indents) == 1 else 2
        super().expect_block_sequence_item(first)

    def increase_indent(self, flow: bool = False, sequence: bool | None = None, indentless: bool = False) -> None:
        in_outer_list = len(self.indents) == 1 and self.indents.values[-1][1]
        super().increase_indent(flow, sequence, indentless)
        if in_outer_list and not indentless and self.indent is not None:
            self.indent -= 2


def house_style(text: str, order: Order) -> str:
    """A text with new indentation and the keys of mappings in braces in order.

    Raises:
        YAMLError: it is not YAML.
    """
    yaml = YAML()
    yaml.Resolver, yaml.Emitter = _Texts, _House
    yaml.preserve_quotes = True
    yaml.width = _UNBROKEN
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    _put_in_order(document, (), order)
    written = io.StringIO()
    yaml.dump(document, written)
    return written.getvalue()


def _put_in_order(node: Any, path: tuple[str, ...], order: Order) -> None:
    """Put the keys of mappings in braces into their order."""
    if isinstance(node, CommentedMap):
        wanted = list(order(path))
        now = list(node)
        after = sorted(now, key=lambda key: wanted.index(key) if key in wanted else len(wanted))
        if wanted and node.fa.flow_style() and after != now:
            for key in after:
                node.move_to_end(key)
    for key, inner in node.items() if isinstance(node, CommentedMap) else enumerate(_items(node)):
        _put_in_order(inner, (*path, str(key)), order)


def _items(node: Any) -> list[Any]:
    return list(node) if isinstance(node, CommentedSeq) else []
