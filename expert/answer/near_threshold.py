"""Given quantities that are too close to a threshold for the precision with which they are stated."""

from __future__ import annotations

from collections.abc import Iterator

from expert.answer.assessment import NearThreshold
from expert.lang.values import Bound, Facts
from expert.logic.domain import Domain, step_of

_ROUNDED = 1 - 1e-9
"""A margin for rounding: 0.51 is a whole hundredth away from 1/2."""


def near_thresholds(domain: Domain, given: Facts) -> Iterator[NearThreshold]:
    """The given quantities within their resolution of a threshold.

    A value equal to the threshold counts only if the threshold is no multiple of the resolution: grade 3 is exact, but
    three months may be 91 or 92 days. Given bounds are on one side of all thresholds.
    """
    for name, value in given.items():
        finding = domain.kb.given[name]
        if not isinstance(value, float) or isinstance(value, Bound) or not finding.resolution:
            continue
        for threshold, written in domain.thresholds.get(name, {}).items():
            exact = value == threshold
            within = abs(value - threshold) < finding.resolution * _ROUNDED
            if within and not (exact and (threshold / step_of(finding)).is_integer()):
                yield NearThreshold(name, written, domain.write(name, finding.resolution), exact)
