"""A semantic difference between two knowledge bases, as plain values."""

from __future__ import annotations

from typing import Literal, NamedTuple

from expert.diff.edits import Edit
from expert.diff.union import Side
from expert.diff.vocabularies import Renaming
from expert.lang.format import BEARINGS, VOCABULARY, Bearing
from expert.lang.model import KnowledgeBase
from expert.lang.observables import Kind
from expert.lang.values import Facts

THE_STEP = "the recommended step"
"""The first question about two sides, as it is named if it cannot be decided."""

NO_STEP = "no step"
"""The recommended step of a patient who gets none."""


class Witness(NamedTuple):
    """A patient who shows a change, as usual as possible.

    Attributes:
        given: what must be given of the patient; the rest may be unknown.
        written: the same as a patient file has it.
        before, after: how each engine answered.
        confirmed: whether both engines agree with the proof.
    """

    given: Facts
    written: dict[str, str]
    before: str
    after: str
    confirmed: bool


class PatientClass(NamedTuple):
    """Patients who go from one step to another: all whom the premises describe, which is proved.

    Attributes:
        premises: what is unusual of them.
        usual: what must be as it usually is.
        causes: the edits without which the witness would get the old step.
    """

    premises: tuple[str, ...]
    usual: tuple[str, ...]
    witness: Witness
    causes: tuple[Edit, ...]


class StepChange(NamedTuple):
    """From one recommended step to another; ``more`` if there are patients whom no class describes."""

    before: str
    after: str
    classes: tuple[PatientClass, ...]
    more: bool


OtherKind = Kind | Literal["answer", "standing", "bare number", "word", "unit"]
"""An observable, the certainty of an answer, the standing of an option, or how a number without a unit is read, or a
word, or a further unit."""


class OtherChange(NamedTuple):
    """Something else of an answer that changes; ``only`` names the one occasion on which it is observable, if any."""

    kind: OtherKind
    name: str
    witness: Witness
    causes: tuple[Edit, ...]
    only: str = ""


class Admitted(NamedTuple):
    """A patient whom only one side (``old`` or ``new``) accepts, and the edits behind that.

    ``what`` names the finding or panel that only this side can read so; it is empty if constraints reject the patient.
    """

    side: Side
    witness: Witness
    causes: tuple[Edit, ...]
    what: str = ""


class PartChanges(NamedTuple):
    """What changes for some patients.

    Attributes:
        steps: patients whose recommended step changes.
        answers: how certain an answer is, while findings are unknown.
        others: what else changes.
        admitted: patients whom only one side accepts.
        background: what counts of findings that are not given: presumed, forced, or by default.
    """

    steps: tuple[StepChange, ...] = ()
    answers: tuple[OtherChange, ...] = ()
    others: tuple[OtherChange, ...] = ()
    admitted: tuple[Admitted, ...] = ()
    background: tuple[OtherChange, ...] = ()


class Treated(NamedTuple):
    """A patient of a cohort who would get another answer; ``None`` where the patient cannot occur."""

    patient: str
    before: str | None
    after: str | None


class TreatedCohort(NamedTuple):
    """How a cohort would be treated: the number of patients, and those treated differently."""

    patients: int
    different: tuple[Treated, ...]


class KnowledgeDifference(NamedTuple):
    """How two knowledge bases differ.

    Attributes:
        shared: what changes when only what both sides know is given.
        own: what giving something that one side alone knows changes.
        edits: all entries that differ.
        named: findings, values and other things that only one side has.
        one_sided: whether something can be given of a patient that one side alone knows.
        unproved: questions that the solver could not decide.
        suggested: findings that are gone, with new ones of the same form, which may be the same.
    """

    old: KnowledgeBase
    new: KnowledgeBase
    shared: PartChanges
    own: PartChanges
    edits: tuple[Edit, ...]
    named: tuple[str, ...]
    one_sided: bool
    unproved: tuple[str, ...]
    suggested: tuple[Renaming, ...] = ()
    cohort: TreatedCohort | None = None

    @property
    def equivalent(self) -> bool:
        """Whether it is proved that no answer changes for any patient, and nothing else is warned of."""
        return not (any(self.shared) or any(self.own) or self.unproved or self.plausible)

    @property
    def plausible(self) -> tuple[Edit, ...]:
        """The edits of what is plausible, by which other values may be refused or warned of."""
        return tuple(it for it in self.edits if it.kind == "plausible" and VOCABULARY in it.bears)

    def edits_of(self, *bears: Bearing) -> tuple[Edit, ...]:
        """The edits that can affect something, each listed where it weighs most."""
        return tuple(it for it in self.edits if min(it.bears, key=BEARINGS.index) in bears)
