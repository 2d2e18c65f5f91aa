"""What a semantic difference between two knowledge bases comes to, as plain values."""

from __future__ import annotations

from typing import NamedTuple

from expert.model import Facts, KnowledgeBase
from expert.workbench.edits import MEANING, QUESTIONS, VOCABULARY, WORDING, Edit

NO_STEP = "no step"
"""What stands for the recommended step of a patient who gets none."""


class Witness(NamedTuple):
    """A patient who shows a change, the nearest to the usual who does.

    Attributes:
        given: what must be said of the patient; the rest may stay unsaid.
        written: the same as people write it.
        before, after: how each engine answered.
        confirmed: whether both engines answered as the proof says.
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


class OtherChange(NamedTuple):
    """Something else that a person can see change while the step stays.

    Attributes:
        kind: ``step`` (its status), ``gate``, ``meanwhile``, ``option``, ``preference``, ``alert``, ``advice``,
            ``caution`` or ``finding``.
        only: ``""``; or that it is seen only ``while findings are unknown``, or only ``when asked for (why)``.
    """

    kind: str
    name: str
    witness: Witness
    causes: tuple[Edit, ...]
    only: str = ""


class Admitted(NamedTuple):
    """A patient whom only one side (``old`` or ``new``) takes for possible, and the edits behind that."""

    side: str
    witness: Witness
    causes: tuple[Edit, ...]


class Presumed(NamedTuple):
    """A finding of which something else is presumed; a ``witness`` of whom ``what`` differs then, if there is one.

    ``unproved`` says that nobody was found, and that there may be somebody all the same.
    """

    finding: str
    before: str
    after: str
    edit: Edit
    what: str = ""
    witness: Witness | None = None
    unproved: bool = False


class Treated(NamedTuple):
    """A patient of a cohort who would get another answer; ``None`` stands for a patient who cannot be so."""

    patient: str
    before: str | None
    after: str | None


class Cohort(NamedTuple):
    """How a cohort would be treated: the number of patients, and those treated differently."""

    patients: int
    different: tuple[Treated, ...]


class Difference(NamedTuple):
    """How two knowledge bases differ.

    Attributes:
        steps: patients whose recommended step changes.
        others: what else changes, where the step stays.
        admitted: patients whom only one side takes for possible.
        presumed: findings whose usual value or default changed.
        edits: all entries that differ.
        named: findings and values that only one side has; the comparison knows nothing of them.
        unproved: questions that the solver could not decide.
    """

    old: KnowledgeBase
    new: KnowledgeBase
    steps: tuple[StepChange, ...]
    others: tuple[OtherChange, ...]
    admitted: tuple[Admitted, ...]
    presumed: tuple[Presumed, ...]
    edits: tuple[Edit, ...]
    named: tuple[str, ...]
    unproved: tuple[str, ...]
    cohort: Cohort | None = None

    @property
    def equivalent(self) -> bool:
        """Whether it is proved that nobody's answer changes."""
        bears = any(it.witness for it in self.presumed)
        return not (self.steps or self.others or self.admitted or self.unproved or bears)

    def edits_of(self, *bears: str) -> tuple[Edit, ...]:
        """The edits that bear on something, each listed where it weighs most."""
        rank = (MEANING, VOCABULARY, QUESTIONS, WORDING)
        return tuple(it for it in self.edits if min(it.bears, key=rank.index) in bears)
