"""Facts about one patient: as given, as used for an answer, and the question that asks for more.

This module does without postponed annotations, which named tuples define more slowly.
"""

from collections.abc import Mapping
from typing import NamedTuple

from expert.lang.model import one_line
from expert.lang.values import Facts, Value

_NOTHING: Mapping[str, str] = {}


class Patient(NamedTuple):
    """What is given about a patient and a site.

    Attributes:
        facts: findings with their values.
        written: the same values as people wrote them.
        overridden: findings that the command line changed, with their values in the file.
        unknown: findings that are given as unknown.
        former: former names of findings and panels that were given, each with the name now.
        places: the file and line of values that come from files.
    """

    facts: Facts
    written: Mapping[str, str] = _NOTHING
    overridden: Mapping[str, str] = _NOTHING
    unknown: tuple[str, ...] = ()
    former: Mapping[str, str] = _NOTHING
    places: Mapping[str, str] = _NOTHING

    def __repr__(self) -> str:
        return one_line(self, f"{len(self.facts)} given")


class Background(NamedTuple):
    """The facts behind an answer, by origin; each finding is in at most one mapping.

    Attributes:
        given: given about the patient or the site.
        defaults: policies that count as given unless the site gives another value.
        forced: the only values that the constraints permit.
        presumed: usual values of unknown findings; a certain answer never uses them.
        not_presumed: unknown findings whose usual value is not presumed, with the known facts that meet their
            ``presumed_unless``.
    """

    given: Facts
    defaults: Facts
    forced: Facts
    presumed: Facts
    not_presumed: Mapping[str, Facts]

    @property
    def known(self) -> dict[str, Value]:
        """Everything except the presumptions."""
        return {**self.given, **self.defaults, **self.forced}

    @property
    def all(self) -> dict[str, Value]:
        """Everything, the presumptions included."""
        return {**self.known, **self.presumed}

    def origin(self, finding: str) -> str:
        """Where the value of a finding is from: ``given``, ``default``, ``forced``, ``presumed``, or empty."""
        origins = zip(("given", "default", "forced", "presumed"), self[:4], strict=True)
        return next((origin for origin, facts in origins if finding in facts), "")

    def __repr__(self) -> str:
        return one_line(self, f"{len(self.known)} findings known", f"{len(self.presumed)} presumed")


class Question(NamedTuple):
    """A question of a consultation: about one finding, or about those members of a panel that still matter."""

    ask: str
    findings: tuple[str, ...]
    panel: str = ""
