"""Given quantities that cannot be distinguished from a threshold in the steps in which they are stated."""

from __future__ import annotations

from collections.abc import Iterator

from expert.answer.assessment import NearThreshold
from expert.lang.values import Bound, Facts
from expert.logic.domain import Domain, step_of

_ROUNDED = 1 - 1e-9
"""Less than the resolution, numbers having been rounded: 0.51 is one hundredth from 1/2, no less."""


def near_thresholds(domain: Domain, given: Facts) -> Iterator[NearThreshold]:
    """The given quantities that lie within their resolution of a number that a premise compares them with.

    A value that is the threshold itself is as near, unless the steps of the resolution hold it: grade 3 is grade 3,
    and three months may be 91 days or 92. A bound that was given lies on one side of all thresholds.
    """
    for name, value in given.items():
        finding = domain.kb.inputs[name]
        if not isinstance(value, float) or isinstance(value, Bound) or not finding.resolution:
            continue
        for threshold, written in domain.thresholds.get(name, {}).items():
            exact = value == threshold
            within = abs(value - threshold) < finding.resolution * _ROUNDED
            if within and not (exact and (threshold / step_of(finding)).is_integer()):
                yield NearThreshold(name, written, domain.write(name, finding.resolution), exact)
