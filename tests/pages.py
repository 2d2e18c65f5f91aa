"""What a page of HTML holds, by a parser: its elements, its links, its text."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple

VOID = {"meta", "br", "hr", "link", "img", "input"}


class Element(NamedTuple):
    """An element by its path from the root, such as ``html/body/main``, with its attributes."""

    path: str
    attributes: dict[str, str]

    @property
    def tag(self) -> str:
        return self.path.rpartition("/")[2]


class Page(HTMLParser):
    """A parsed page. ``text`` is what a reader sees, blanks as one; ``unclosed`` are elements that never end."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.others: list[str] = []  # comments, processing instructions and the like
        self.unclosed: list[str] = []
        self._said: list[str] = []
        self.feed(html)
        self.close()
        self.text = " ".join("".join(self._said).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open(tag, attrs)
        if tag not in VOID:
            self.unclosed.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open(tag, attrs)

    def _open(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append(Element("/".join([*self.unclosed, tag]), attributes))

    def handle_endtag(self, tag: str) -> None:
        assert self.unclosed.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.unclosed and self.unclosed[-1] != "style":
            self._said.append(data)

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def named(self, *tags: str) -> list[Element]:
        """The elements with these tags."""
        return [element for element in self.elements if element.tag in tags]

    def values(self, attribute: str) -> list[str]:
        """Every value of an attribute."""
        return [element.attributes[attribute] for element in self.elements if attribute in element.attributes]
