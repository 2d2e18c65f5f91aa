"""Answers to further questions as values: why, why not, what if, what would change it, what is enough.

They are separate from `expert.answer.assessment`, which every answer imports. This module does without postponed
annotations, which named tuples define more slowly.
"""

from typing import Literal, NamedTuple

from expert.answer.assessment import Assessment
from expert.lang.model import Option, Rule, one_line
from expert.lang.observables import Difference
from expert.lang.premises import Concluded, Count, Premise, written
from expert.lang.values import Facts
from expert.lang.vocabulary import Constraint, Finding

Origin = Literal["given", "default", "forced", "presumed", "case", "idle", "unknown", "concluded"]
"""Where the value of a finding comes from.

A value is ``idle`` if it is in no least sufficient set of the explained conclusion, belongs to a ``case`` of an
exhaustive split, or is ``concluded`` by rules.
"""


class SplitCase(NamedTuple):
    """One case of an exhaustive split, by its premises."""

    premises: tuple[Premise, ...]


class TooManyCases(NamedTuple):
    """A conclusion that holds in every case of a split that is too large to list."""

    conclusion: Concluded


class Counted(NamedTuple):
    """A count that is decided, with those of its parts that are known to hold, and those known to fail."""

    of: Count
    truth: bool
    holding: tuple[Premise, ...]
    failing: tuple[Premise, ...]

    @property
    def points(self) -> int:
        """The points of the parts that hold."""
        pairs = zip(self.of.premises, self.of.points, strict=True)
        return sum(its for part, its in pairs if part in self.holding)


Claim = Premise | Rule | Option | Constraint | Finding | SplitCase | TooManyCases | Counted | Literal["all", "any"]
"""What a node of a why-tree is about.

A conclusion or a value is a premise, negated if it does not hold; an option is listed by the ladder; a constraint
forces a value; a finding is asked for; ``all`` or ``any`` of the nodes below lead to the node above.
"""


class Derivation(NamedTuple):
    """A node of a why-tree: something known to hold or to fail, with what it follows from.

    ``origin`` is ``rule``, ``definition``, ``case``, or where a fact comes from. A negative conclusion names the
    ``facts`` behind it instead of every rule that failed. A rule that appears ``again`` has no nodes below it.
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
    """The value of one finding as displayed, and where it comes from."""

    finding: str
    value: str
    origin: Origin


class Blocker(NamedTuple):
    """A premise that keeps a rule from holding, and the value of each finding in it.

    ``rules`` are those for conclusions that the premise needs and that do not hold.
    """

    premise: Premise
    read: tuple[Fact, ...]
    rules: tuple["BlockedRule", ...] = ()

    def __repr__(self) -> str:
        return one_line(self, written(self.premise))


class BlockedRule(NamedTuple):
    """A rule for the target, with what keeps it from holding unless the rule appears ``again``."""

    rule: Rule
    blockers: tuple[Blocker, ...]
    again: bool = False

    def __repr__(self) -> str:
        return one_line(self, self.rule.id, f"{len(self.blockers)} premises in the way")


class Explanation(NamedTuple):
    """Why a target is as it is.

    Attributes:
        target: the id of what is explained, and ``title`` its title.
        verdict: its status, as the predicate of a sentence.
        provisional: whether the verdict needs presumptions.
        derivation: how the target follows, if it holds.
        blocked: the rules for the target that do not hold.
        against: how each rule that excludes it follows.
        undecided: the rules that may yet exclude it.
        earlier: earlier steps that are available.
        earlier_presumed: earlier steps that are available with presumptions.
        earlier_open: earlier steps that are open even with presumptions.
        goes_with: for an advice that is not given, the steps that it belongs to.
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
    """The steps, and the alerts in question, that stay possible if a premise about one finding holds."""

    finding: str
    premise: Premise
    steps: tuple[str, ...]
    alerts: tuple[str, ...] = ()


class Stakes(NamedTuple):
    """What a question decides: the steps that each answer leaves possible, and the open rules that depend on it.

    If it does not matter for the step, it decides alerts.
    """

    bearings: tuple[Bearing, ...]
    rules: tuple[Rule, ...]

    def __repr__(self) -> str:
        return one_line(self, f"{len(self.bearings)} answers", f"{len(self.rules)} rules")


# --- what if, what would change it, what is enough --------------------------------------------------------------------


class Link(NamedTuple):
    """A conclusion that changed with the facts; ``before`` and ``after`` are its values in words.

    ``kind`` is ``finding``, ``rule`` or ``step`` (of a chain), ``option``, ``alert``, ``advice`` or ``caution``;
    ``rule`` is the rule, if it is one.
    """

    kind: str
    claim: str
    before: str
    after: str
    rule: Rule | None = None

    def __repr__(self) -> str:
        return one_line(self, self.claim, f"{self.before} -> {self.after}")


class Comparison(NamedTuple):
    """Two answers, and what led from one to the other.

    Attributes:
        changed: the changed findings, each before and after.
        turned: every other observable that differs.
        chain: if the recommended step changed, a minimal set of changed findings that explains it, and the conclusions
            on shortest paths from them to the step, by stratum.
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
        values: for each changed finding the nearest value that makes the premises hold.
        given: the changed findings whose present values were given, not presumed.
    """

    step: str
    premises: tuple[Premise, ...]
    values: Facts
    given: tuple[str, ...]


class WaysTo(NamedTuple):
    """All counterfactuals of up to some size that lead to a step, cheapest first.

    If there is none, ``impossible`` means that provably no set of changes of any size leads there.
    """

    step: str
    counterfactuals: tuple[Counterfactual, ...]
    impossible: bool

    def __repr__(self) -> str:
        return one_line(self, self.step, f"{len(self.counterfactuals)} ways")


class Counterfactuals(NamedTuple):
    """Sets of up to ``most`` changes that lead to steps other than the recommended one.

    ``not_varied`` are findings on which these steps depend, and that cannot change.
    """

    recommended: str | None
    most: int
    ways: tuple[WaysTo, ...]
    not_varied: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return one_line(self, self.recommended, f"{len(self.ways)} other steps")


class SufficientSet(NamedTuple):
    """Facts that force a step whatever the others are, while no proper subset does.

    ``given`` were given or count as given; ``presumed`` are the presumptions that are also needed.
    """

    given: tuple[Fact, ...]
    presumed: tuple[Fact, ...]

    def __repr__(self) -> str:
        return one_line(self, f"{len(self.given)} given", f"{len(self.presumed)} presumed")


class SufficientReasons(NamedTuple):
    """The least sufficient sets of the recommended step.

    Attributes:
        step: the recommended step.
        sets: the reported sets, those with the fewest presumptions first.
        number: the number of all sets; ``None`` if they were not all found.
        common: the facts that all sets have in common.
        idle: the given facts, or those that count as given, that are in no set.
        undecided: the given facts for which this was not settled.
    """

    step: str
    sets: tuple[SufficientSet, ...]
    number: int | None
    common: SufficientSet
    idle: tuple[Fact, ...]
    undecided: tuple[Fact, ...]

    def __repr__(self) -> str:
        return one_line(self, self.step, f"{len(self.sets)} sets")
