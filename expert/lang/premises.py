"""Premises: what a rule asks of a patient, as immutable values, with one map and one fold over them.

Equality ignores where a premise is written. Premises are no named tuples because `All` and `Any` of the same parts must
differ, and no dataclasses because defining these would take longer than compiling a knowledge base.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Self

from expert.lang.errors import Location

T = TypeVar("T")


class _Node:
    """What all premises have in common."""

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]] = ()
    _content: ClassVar["attrgetter[object]"]

    @property
    def parts(self) -> tuple["Premise", ...]:
        """The premises that this one is made of; a leaf has none."""
        return ()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._content(self) == self._content(other)

    def __hash__(self) -> int:
        return hash(self._content(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__match_args__)})"

    def _replace(self, **changes: object) -> "Self":
        """The same premise with other values, as named tuples have it."""
        return type(self)(**{name: changes.get(name, getattr(self, name)) for name in self.__match_args__})


class Is(_Node):
    """A yes/no finding or a choice has this value."""

    __slots__ = ("at", "finding", "value")
    __match_args__ = ("finding", "value", "at")
    _content = attrgetter("finding", "value")

    def __init__(self, finding: str, value: bool | str, at: Location | None = None) -> None:
        self.finding: Final = finding
        self.value: Final = value
        self.at: Final = at


class In(_Node):
    """A choice has one of these values."""

    __slots__ = ("at", "finding", "values")
    __match_args__ = ("finding", "values", "at")
    _content = attrgetter("finding", "values")

    def __init__(self, finding: str, values: tuple[str, ...], at: Location | None = None) -> None:
        self.finding: Final = finding
        self.values: Final = values
        self.at: Final = at


class Compare(_Node):
    """A quantity is below or above a threshold (``<``, ``<=``, ``>``, ``>=``), whose text is ``written``."""

    __slots__ = ("at", "finding", "operator", "threshold", "written")
    __match_args__ = ("finding", "operator", "threshold", "written", "at")
    _content = attrgetter("finding", "operator", "threshold")

    def __init__(self, finding: str, operator: str, threshold: float, written: str, at: Location | None = None) -> None:
        self.finding: Final = finding
        self.operator: Final = operator
        self.threshold: Final = threshold
        self.written: Final = written
        self.at: Final = at


class Not(_Node):
    """The premise is known to fail."""

    __slots__ = ("premise",)
    __match_args__ = ("premise",)
    _content = attrgetter("premise")

    def __init__(self, premise: "Premise") -> None:
        self.premise: Final = premise

    @property
    def parts(self) -> tuple["Premise", ...]:  # noqa: D102
        return (self.premise,)


class _Several(_Node):
    __slots__ = ("premises",)
    __match_args__ = ("premises",)
    _content = attrgetter("premises")

    def __init__(self, premises: tuple["Premise", ...]) -> None:
        self.premises: Final = premises

    @property
    def parts(self) -> tuple["Premise", ...]:
        return self.premises


class All(_Several):
    """Every premise holds; it is true if there is none."""

    __slots__ = ()


class Any(_Several):
    """Some premise holds; it is false if there is none."""

    __slots__ = ()


class Count(_Node):
    """Enough of some premises hold: ``least`` points or more, and ``most`` or fewer where that is given.

    A premise that holds counts as many points as ``points`` has at its place, at least one each.
    """

    __slots__ = ("at", "least", "most", "points", "premises")
    __match_args__ = ("least", "most", "premises", "points", "at")
    _content = attrgetter("least", "most", "premises", "points")

    def __init__(
        self,
        least: int,
        most: int | None,
        premises: tuple["Premise", ...],
        points: tuple[int, ...] = (),
        at: Location | None = None,
    ) -> None:
        self.least: Final = least
        self.most: Final = most
        self.premises: Final = premises
        self.points: Final = points or (1,) * len(premises)
        self.at: Final = at

    @property
    def parts(self) -> tuple["Premise", ...]:  # noqa: D102
        return self.premises

    @property
    def total(self) -> int:
        """The points if all premises hold."""
        return sum(self.points)

    def truth(self, sure: int, possible: int) -> bool | None:
        """The truth with so many points from what holds, and so many from what holds or is unknown."""
        if possible < self.least or (self.most is not None and sure > self.most):
            return False
        return True if sure >= self.least and (self.most is None or possible <= self.most) else None


class Concluded(_Node):
    """The definition of this name holds (see `expert.lang.definitions`)."""

    __slots__ = ("name",)
    __match_args__ = ("name",)
    _content = attrgetter("name")

    def __init__(self, name: "Name") -> None:
        self.name: Final = name


class Exclusive(_Node):
    """A value of a concluded choice: it holds if ``own`` does, and fails if ``own`` fails or ``others`` holds."""

    __slots__ = ("others", "own")
    __match_args__ = ("own", "others")
    _content = attrgetter("own", "others")

    def __init__(self, own: "Premise", others: "Premise") -> None:
        self.own: Final = own
        self.others: Final = others

    @property
    def parts(self) -> tuple["Premise", ...]:  # noqa: D102
        return self.own, self.others


Name = tuple[str, ...]
"""The name of a definition, such as ``("supports", "conservative")`` or ``("rule", "slight-picture")``."""

Literal = Is | In | Compare
"""A premise about one finding."""

Leaf = Literal | Concluded
Premise = Literal | Not | All | Any | Count | Concluded | Exclusive

ALWAYS = All(())

OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
"""The operator of a comparison that holds where another fails."""
NEVER = Any(())


class Algebra(Protocol[T]):
    """An interpretation of premises: the value of each kind of premise, given those of its parts."""

    def literal(self, literal: Literal) -> T: ...  # noqa: D102
    def concluded(self, name: Name) -> T: ...  # noqa: D102
    def negation(self, part: T) -> T: ...  # noqa: D102
    def all(self, parts: Iterable[T]) -> T: ...  # noqa: D102
    def any(self, parts: Iterable[T]) -> T: ...  # noqa: D102
    def exclusive(self, own: T, others: T) -> T: ...  # noqa: D102
    def count(self, count: Count, parts: Iterable[T]) -> T: ...  # noqa: D102


def fold(premise: Premise, algebra: Algebra[T]) -> T:
    """The value of a premise in an algebra. The parts of an `All` or `Any` are evaluated as the algebra iterates."""
    match premise:
        case Concluded():
            return algebra.concluded(premise.name)
        case Not():
            return algebra.negation(fold(premise.premise, algebra))
        case All():
            return algebra.all(fold(part, algebra) for part in premise.premises)
        case Any():
            return algebra.any(fold(part, algebra) for part in premise.premises)
        case Exclusive():
            return algebra.exclusive(fold(premise.own, algebra), fold(premise.others, algebra))
        case Count():
            return algebra.count(premise, (fold(part, algebra) for part in premise.premises))
    return algebra.literal(premise)


def mapped(premise: Premise, leaf: Callable[[Leaf], Premise]) -> Premise:
    """The premise with each of its leaves replaced."""
    match premise:
        case Not():
            return Not(mapped(premise.premise, leaf))
        case All() | Any():
            return type(premise)(tuple(mapped(part, leaf) for part in premise.premises))
        case Exclusive():
            return Exclusive(mapped(premise.own, leaf), mapped(premise.others, leaf))
        case Count():
            return premise._replace(premises=tuple(mapped(part, leaf) for part in premise.premises))
    return leaf(premise)


def signed(premise: Premise, sign: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """The leaves of a premise from left to right, each with true unless it is negated.

    The leaves of a `Count` with both bounds appear with both signs. What refutes an `Exclusive` is left out.
    """
    match premise:
        case Not():
            yield from signed(premise.premise, not sign)
        case All() | Any():
            for part in premise.premises:
                yield from signed(part, sign)
        case Exclusive():
            yield from signed(premise.own, sign)
        case Count():
            signs = [sign] * (premise.least > 0) + [not sign] * (premise.most is not None)
            for part in premise.premises:
                for each in signs:
                    yield from signed(part, each)
        case _:
            yield premise, sign


def leaves(premise: Premise) -> Iterator[Leaf]:
    """The leaves of a premise, from left to right."""
    if isinstance(premise, Leaf):
        yield premise
    else:
        for part in premise.parts:
            yield from leaves(part)


def literals(premise: Premise) -> Iterator[Literal]:
    """The premises about single findings within a premise, from left to right."""
    return (leaf for leaf in leaves(premise) if not isinstance(leaf, Concluded))


def names_in(premise: Premise) -> tuple[Name, ...]:
    """The names of definitions within a premise, from left to right."""
    return tuple(leaf.name for leaf in leaves(premise) if isinstance(leaf, Concluded))


def stripped(premise: Premise) -> tuple[Premise, bool]:
    """A premise without the negations around it, and false if their number is odd."""
    sign = True
    while isinstance(premise, Not):
        premise, sign = premise.premise, not sign
    return premise, sign


def without_count(count: Count) -> Premise:
    """The same premise as nested alternatives. It grows fast with the number of parts."""
    enough = _reached(count.premises, count.points, count.least)
    if count.most is None:
        return enough
    return All((enough, Not(_reached(count.premises, count.points, count.most + 1))))


def _reached(parts: tuple[Premise, ...], points: tuple[int, ...], bound: int) -> Premise:
    if bound <= 0:
        return ALWAYS
    if sum(points) < bound:
        return Any(())
    with_it = All((parts[0], _reached(parts[1:], points[1:], bound - points[0])))
    return Any((with_it, _reached(parts[1:], points[1:], bound)))


def written(premise: Premise) -> str:
    """A premise as a line of the knowledge language; nested ones in words."""
    match premise:
        case Is(value=True):
            return premise.finding
        case Is(value=False):
            return f"not {premise.finding}"
        case Is():
            return f"{premise.finding} is {premise.value}"
        case In():
            return f"{premise.finding} in [{', '.join(premise.values)}]"
        case Compare():
            return f"{premise.finding} {premise.operator} {premise.written}"
        case Not(premise=Is(value=True) as inner):
            return f"not {inner.finding}"
        case Not(premise=Is(value=str()) as inner):
            return f"{inner.finding} is not {inner.value}"
        case Not():
            return f"not ({written(premise.premise)})"
        case All():
            return " and ".join(map(written, premise.premises)) or "always"
        case Any():
            return " or ".join(
                f"({written(part)})" if isinstance(part, All) else written(part) for part in premise.premises
            )
        case Count():
            return f"{bound_of(premise)} of [{', '.join(map(written, premise.premises))}]"
        case Concluded():
            return " ".join(premise.name)
        case Exclusive():
            return written(premise.own)


def bound_of(count: Count) -> str:
    """The bounds of a count: ``at least 2``, ``at most 2``, ``exactly 2``, or ``2 to 3``."""
    if count.most is None:
        return f"at least {count.least}"
    if count.least == 0:
        return f"at most {count.most}"
    return f"exactly {count.least}" if count.least == count.most else f"{count.least} to {count.most}"
