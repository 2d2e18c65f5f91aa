"""What a review of a rule is about: a hash of all that the rule says.

The layout, comments and the life of the rule (``status``, ``since``, ``replaced_by``) are no part of it, so that a
draft that was reviewed can become active.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from expert.lang.model import Review, Rule
from expert.lang.premises import written

_LENGTH = 16
"""The number of hexadecimal digits that are kept."""


def hash_of(rule: Rule) -> str:
    """The hash of all that a rule says."""
    evidence = rule.evidence or ()
    said = [
        [rule.id, rule.title, rule.because],
        map(written, rule.when),
        map(written, rule.unless),
        (it.line for it in rule.then),
        rule.cite,
        evidence,
    ]
    text = "\0\0".join("\0".join(its) for its in said)
    return sha256(text.encode()).hexdigest()[:_LENGTH]


def outdated(rule: Rule) -> Iterator[Review]:
    """The reviews of another text than a rule has now."""
    return (review for review in rule.reviewed if review.hash != hash_of(rule))


def reviews_in_words(rule: Rule) -> list[str]:
    """Who reviewed a rule and when, and whether it has changed since."""
    changed = set(outdated(rule))
    return [
        f"reviewed by {it.by} on {it.on}{'; its text has changed since' if it in changed else ''}"
        for it in rule.reviewed
    ]
