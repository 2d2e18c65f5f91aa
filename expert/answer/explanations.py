"""Answers to further questions as values: why, why not, what if, what would change it, what is enough.

They are apart from `expert.answer.assessment`, which every answer needs: a class that is not defined takes no time.
Annotations are evaluated, which is quicker in a named tuple than keeping them as text.
"""

from typing import Literal, NamedTuple

from expert.answer.assessment import Assessment
from expert.lang.model import Option, Rule, one_line
from expert.lang.observables import Difference
from expert.lang.premises import Concluded, Premise, written
from expert.lang.values import Facts
from expert.lang.vocabulary import Constraint, Finding

Origin = Literal["given", "default", "forced", "presumed", "case", "idle", "unknown", "concluded"]
"""Where the value of a finding comes from.

A value is ``idle`` that makes no difference to what is explained, as no least sufficient set has it; it belongs to a
``case`` of an exhaustive split; it is ``concluded`` by rules.
"""


class SplitCase(NamedTuple):
    """One case of an exhaustive split: what holds in it."""

    premises: tuple[Premise, ...]


class TooManyCases(NamedTuple):
    """A conclusion that holds in every case of a split that is too large to list."""

    conclusion: Concluded


Claim = Premise | Rule | Option | Constraint | Finding | SplitCase | TooManyCases | Literal["all", "any"]
"""What a node of a why-tree is about.

A conclusion or a value is a premise, negated where it does not hold; an option is listed by the ladder; a constraint
forces a value; a finding is asked for; ``all`` or ``any`` of the nodes below lead to the node above.
"""


class Derivation(NamedTuple):
    """A node of a why-tree: something that holds (or is known not to), with what it follows from.

    ``origin`` is ``rule``, ``definition``, ``case``, or where a fact comes from. A negative conclusion names the
    ``facts`` behind it instead of every rule that failed. What a rule follows from is shown where the rule appears
    first; further on, it is there ``again`` without it.
    """

    claim: Claim
    origin: Origin | Literal["rule", "definition"]
    facts: tuple["Fact", ...] = ()
    follows_from: tuple["Derivation", ...] = ()
    again: bool = False

    def __repr__(self) -> str:
        return one_line(self, self.claim, self.origin)

    @property
    def rule(self) -> Rule | None:
        """The rule that holds, if it is one."""
        return self.claim if isinstance(self.claim, Rule) else None


class Fact(NamedTuple):
    """The value of one finding as people read it, and where it comes from."""

    finding: str
    value: str
    origin: Origin


class Blocker(NamedTuple):
    """A premise that keeps a rule from holding, and what was read of each finding in it.

    Where it asks for a conclusion, ``rules`` are those that could have led to that, and do not.
    """

    premise: Premise
    read: tuple[Fact, ...]
    rules: tuple["BlockedRule", ...] = ()

    def __repr__(self) -> str:
        return one_line(self, written(self.premise))


class BlockedRule(NamedTuple):
    """A rule that could have led to the target, with what keeps it from holding: where it appears first."""

    rule: Rule
    blockers: tuple[Blocker, ...]
    again: bool = False

    def __repr__(self) -> str:
        return one_line(self, self.rule.id, f"{len(self.blockers)} premises in the way")


class Explanation(NamedTuple):
    """Why a target is as it is.

    Attributes:
        target: what was asked about, and ``title`` its name for people.
        verdict: what is so, as a sentence without a full stop.
        provisional: whether presumptions are needed for it.
        derivation: how it follows, if it holds.
        blocked: the rules that could have led to it and do not.
        against: how each thing that excludes it follows.
        undecided: the rules that may yet exclude it.
        earlier: earlier steps that are available.
        earlier_presumed: earlier steps that are available with the presumptions.
        earlier_open: earlier steps that are open even so.
        goes_with: of an advice that is not given: the steps that it belongs to.
    """

    target: str
    title: str
    verdict: str
    provisional: bool
    derivation: Derivation | None = None
    blocked: tuple[BlockedRule, ...] = ()
    against: tuple[Derivation, ...] = ()
    undecided: tuple[BlockedRule, ...] = ()
    earlier: tuple[str, ...] = ()
    earlier_presumed: tuple[str, ...] = ()
    earlier_open: tuple[str, ...] = ()
    goes_with: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return one_line(self, f"{self.target} {self.verdict}")


# --- consultation -----------------------------------------------------------------------------------------------------


class Bearing(NamedTuple):
    """The steps that stay possible if a premise about one finding holds."""

    finding: str
    premise: Premise
    steps: tuple[str, ...]


class Stakes(NamedTuple):
    """What a question decides: what each answer leaves possible, and the open rules that hang on it."""

    bearings: tuple[Bearing, ...]
    rules: tuple[Rule, ...]

    def __repr__(self) -> str:
        return one_line(self, f"{len(self.bearings)} answers", f"{len(self.rules)} rules")


# --- what if, what would change it, what is enough --------------------------------------------------------------------


class Link(NamedTuple):
    """A conclusion that a change of facts turned; ``before`` and ``after`` are what was concluded, in words.

    ``kind`` is ``finding``, ``rule`` or ``step`` (of a chain), ``option``, ``alert``, ``advice`` or ``caution``;
    ``rule`` is the rule that turned, where it is one.
    """

    kind: str
    claim: str
    before: str
    after: str
    rule: Rule | None = None

    def __repr__(self) -> str:
        return one_line(self, self.claim, f"{self.before} -> {self.after}")


class Comparison(NamedTuple):
    """Two answers, and how the one became the other.

    Attributes:
        changed: the findings that were changed, each before and after.
        turned: everything else that is observable and differs.
        chain: if the recommended step changed, the fewest changed findings that carry it, and the conclusions on
            shortest ways from them to the step, by stratum.
    """

    before: Assessment
    after: Assessment
    changed: tuple[Link, ...]
    turned: tuple[Difference, ...]
    chain: tuple[Link, ...]

    def __repr__(self) -> str:
        return one_line(
            self, f"{self.before.recommended} -> {self.after.recommended}", f"{len(self.changed)} findings changed"
        )


class Counterfactual(NamedTuple):
    """A subset-minimal set of changes that leads to another step.

    Attributes:
        premises: the changes, one premise for each finding.
        values: one value of each changed finding that makes them hold, nearest to the present ones.
        given: those of the changed findings whose present value was given, not presumed.
    """

    step: str
    premises: tuple[Premise, ...]
    values: Facts
    given: tuple[str, ...]


class WaysTo(NamedTuple):
    """All counterfactuals of up to some size that lead to a step, cheapest first.

    Where there is none, ``impossible`` says that it is proved that no change, of however many findings, leads there.
    """

    step: str
    counterfactuals: tuple[Counterfactual, ...]
    impossible: bool

    def __repr__(self) -> str:
        return one_line(self, self.step, f"{len(self.counterfactuals)} ways")


class Counterfactuals(NamedTuple):
    """What leads to other steps than that which is recommended as presumed: sets of up to ``most`` changes."""

    recommended: str | None
    most: int
    ways: tuple[WaysTo, ...]

    def __repr__(self) -> str:
        return one_line(self, self.recommended, f"{len(self.ways)} other steps")


class SufficientSet(NamedTuple):
    """Facts that force a step whatever else had been so; no proper subset of them does.

    ``given`` are findings that were given (or count as given); ``presumed`` those presumptions that are needed besides.
    """

    given: tuple[Fact, ...]
    presumed: tuple[Fact, ...]

    def __repr__(self) -> str:
        return one_line(self, f"{len(self.given)} given", f"{len(self.presumed)} presumed")


class SufficientReasons(NamedTuple):
    """The least sufficient sets of the recommended step.

    Attributes:
        step: the recommended step.
        sets: those that need the fewest presumptions first.
        number: how many there are in all; ``None`` if they were not all found.
        common: the facts that all of them have.
        idle: the given facts (or those that count as given) that are in none of all the sets.
        undecided: those of which it was not settled whether they are in one.
    """

    step: str
    sets: tuple[SufficientSet, ...]
    number: int | None
    common: SufficientSet
    idle: tuple[Fact, ...]
    undecided: tuple[Fact, ...]

    def __repr__(self) -> str:
        return one_line(self, self.step, f"{len(self.sets)} sets")
