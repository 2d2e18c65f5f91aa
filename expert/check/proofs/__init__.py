"""What can be proved of a knowledge base: claims over all patients that its constraints permit.

Each claim is settled by looking for a patient who breaks it (`expert.solve.prove`): there is none, and it is proved;
or there is one, and the nearest to the usual is shown; or the solver cannot decide, and it is unproved.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator

from expert.answer.assess import Reasoner
from expert.check.faults import Proof
from expert.check.proofs.claims import Ground
from expert.check.proofs.ladder import ladder_claims
from expert.check.proofs.promises import promise_claims
from expert.check.proofs.rules import rule_claims
from expert.check.proofs.vocabulary import vocabulary_claims

Watch = Callable[[int, int], object]
"""Called with the number of claims that are settled, and of all."""


def prove(reasoner: Reasoner, only: Container[str] | None = None, watch: Watch | None = None) -> Iterator[Proof]:
    """Settle every claim about a knowledge base, kind by kind; or ``only`` those of some checks."""
    ground = Ground(reasoner)
    kinds = (vocabulary_claims, ladder_claims, rule_claims, promise_claims)
    claims = [claim for kind in kinds for claim in kind(ground) if only is None or claim.check in only]
    for done, claim in enumerate(claims):
        if watch:
            watch(done, len(claims))
        yield claim.settled()
