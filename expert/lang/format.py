"""The format of a knowledge folder: the keys of every mapping, in the order in which they are written.

The reader, the JSON Schemas, the formatter, the scaffolds, the lint of key order and the classification of edits all
use this table. `knowledge/README.md` describes the format at length.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from expert.lang.model import RULE_STATUSES, STANDINGS
from expert.lang.roles import LISTINGS, ROLES

_NO_UNITS = "|".join(
    "".join(f"[{letter}{letter.upper()}]" for letter in word)
    for word in ["unknown", "none", "null", "to", "and", "of", "between", "always", "not", "any", "all", "is"]
)

NAMES: Mapping[str, str] = {
    "snake_case": "[a-z][a-z0-9]*(?:_[a-z0-9]+)*",
    "kebab-case": "[a-z][a-z0-9]*(?:-[a-z0-9]+)*",
    "capitals": "[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*",
    "units": f"(?![eE][0-9]|(?:{_NO_UNITS})(?![A-Za-z0-9\u00b5\u03bc\u00b2\u00b3/]))"
    "[A-Za-z\u00b5\u03bc](?:[A-Za-z0-9\u00b5\u03bc\u00b2\u00b3]|/(?=[A-Za-z\u00b5\u03bc]))*",
    "words": r"""[^\s,=<>"]+(?: [^\s,=<>"]+)*""",
}
"""The styles in which names are written, as patterns."""

LONGEST_NAME = 80

RESERVED = ("unknown", "always", "not", "any", "all", "is", "in", "like", *ROLES)
"""Words of the language: no finding and no panel has such a name."""

Bearing = Literal["meaning", "vocabulary", "questions", "wording"]
MEANING: Final = "meaning"
VOCABULARY: Final = "vocabulary"
QUESTIONS: Final = "questions"
WORDING: Final = "wording"
"""What an edit can affect: conclusions; the findings and their presumptions; questions; displayed text."""

BEARINGS: tuple[Bearing, ...] = (MEANING, VOCABULARY, QUESTIONS, WORDING)
"""All of them, the most important first."""


class Entries(NamedTuple):
    """A mapping of names to entries of one form; with ``some``, at least one is required.

    ``names`` is the style of new names; it is empty where they refer to names defined elsewhere.
    """

    of: str
    names: str = "snake_case"
    some: bool = False
    called: str = ""


class Key(NamedTuple):
    """A key of a mapping.

    Attributes:
        meaning: a description, which editors show.
        value: the kind of its value: a word, a choice of words, or entries of a form.
        required: every mapping of the form must have it.
        types: the types of a finding or an invariant that may have it; empty for all.
        needed: every mapping of these types must have it.
        scaffold: scaffolds include it though it is optional.
        bears: what an edit of it can affect; ``None`` if its entries are compared one by one.
        attributes: the model's attributes, where their names differ.
    """

    meaning: str
    value: str | tuple[str, ...] | Entries = "text"
    required: bool = False
    types: tuple[str, ...] = ()
    needed: bool = False
    scaffold: bool = False
    bears: Bearing | None = WORDING
    attributes: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words of a choice."""
        return () if isinstance(self.value, str | Entries) else self.value


class Form(NamedTuple):
    """A kind of mapping: what messages call it, and its keys in order."""

    called: str
    keys: Mapping[str, Key]

    @property
    def required(self) -> list[str]:
        """The keys that every mapping of this form has."""
        return [name for name, key in self.keys.items() if key.required]

    def of(self, type: str, called: str = "") -> "Form":
        """The form of mappings of one type; keys that this type needs are required."""
        keys = {
            name: key._replace(required=key.required or key.needed)
            for name, key in self.keys.items()
            if type in (key.types or (type,))
        }
        return Form(called or self.called, keys)


OF_INPUTS = ("alike", "usual", "presumed_unless", "default", "asked_if", "modifiable")
"""The keys of findings that rules read, which a finding for the record does not have."""


def form(called: str, keys: str, required: str = "") -> Form:
    """The form of a mapping outside a knowledge folder, from its allowed and its required keys."""
    return Form(called, {key: Key("", required=key in required.split()) for key in keys.split()})


_TITLE = Key("a noun phrase, as displayed", required=True)
_FORMER = Key(
    "names that it had before, which records may hold: they are read as this one", "former names", bears=VOCABULARY
)
_SHORT = Key("the title in a few words, in lower case, for lists and narrow places")
_SAID = Key(
    "values as facts in words: 'yes: wet, no: dry'; of a quantity 'amount: \"{} of treatment\"'",
    Entries("value", ""),
)
_CHOICE, _QUANTITY = ("choice",), ("quantity",)
_PROMISE, _DIRECTION = ("promise",), ("direction",)

FORMS: Mapping[str, Form] = {
    "knowledge": Form("the description of the knowledge", {
        "name": Key("the name of the knowledge, in kebab-case", required=True, bears=None),
        "title": Key("its subject, as displayed", required=True),
        "version": Key("changes whenever an answer may change", required=True),
        "reviewed": Key("the day of the last review, YYYY-MM-DD", "date", required=True),
        "review_due": Key("the day by which it is to be reviewed again, YYYY-MM-DD", "date", required=True),
        "statement": Key("the sources of this knowledge, and what it is not", required=True),
        "disclaimer": Key("the sentence shown with every answer", required=True),
    }),
    "vocabulary": Form("the vocabulary", {
        "groups": Key("groups of findings, in the order in which they are listed and asked",
                      Entries("text", some=True), required=True),
        "units": Key("further units, and further spellings of units", Entries("further unit", "units"), bears=None),
        "findings": Key("what may be known of a patient or a site", Entries("finding", some=True), required=True),
        "concluded": Key("findings that rules conclude", Entries("concluded", called="concluded findings")),
        "panels": Key("findings that are answered together", Entries("panel")),
        "constraints": Key("premises that cannot hold together", Entries("constraint", "kebab-case")),
        "plausible": Key("relations between given values; others are reported", Entries("plausible", "kebab-case")),
    }),
    "further unit": Form("an entry of units", {
        "is": Key("its size in another unit; without it, the unit has a dimension of its own", bears=VOCABULARY,
                  attributes=("amount",)),
        "also": Key("further spellings of it", "spellings", bears=VOCABULARY),
    }),
    "finding": Form("a finding", {
        "former": _FORMER,
        "title": _TITLE,
        "short": _SHORT,
        "said": _SAID,
        "ask": Key("the question put to the clinician", required=True, bears=QUESTIONS),
        "type": Key("yes_no, choice or quantity", ("yes_no", "choice", "quantity"), required=True,
                    bears=VOCABULARY, attributes=("kind",)),
        "values": Key("of a choice, in order of severity where there is one", "values", types=_CHOICE, needed=True,
                      bears=VOCABULARY),
        "alike": Key("values of a choice that are treated alike, at least two; this is proved", "alike",
                     types=_CHOICE, bears=QUESTIONS),
        "unit": Key("of a quantity; without one it is a number, or a share where the range ends at 1 or below", "unit",
                    types=_QUANTITY, scaffold=True, bears=VOCABULARY),
        "unit_may_be_omitted": Key("yes: a bare number is read in this unit; otherwise it is an error", "flag",
                                   types=_QUANTITY, bears=VOCABULARY),
        "range": Key("of a quantity: LOW .. HIGH, both included", "range", types=_QUANTITY, needed=True,
                     bears=VOCABULARY, attributes=("low", "high")),
        "resolution": Key("of a quantity: the smallest step in which it is usually stated", "amount", types=_QUANTITY,
                          bears=QUESTIONS),
        "also": Key("words that are read as values of it, each with the value", Entries("value", "words"),
                    bears=VOCABULARY),
        "usual": Key("the value presumed, and shown as such, while the finding is unknown", "value",
                     scaffold=True, bears=VOCABULARY),
        "presumed_unless": Key("premises over input findings; where they are known to hold, the usual value "
                               "is not presumed", "premises", bears=VOCABULARY),
        "default": Key("for site policies: the value used until a site file gives another", "value",
                       bears=VOCABULARY),
        "asked_if": Key("a premise; the finding cannot matter unless it holds", "premises", bears=QUESTIONS),
        "modifiable": Key("no for what cannot be changed, such as past events; yes by default", "flag",
                          bears=QUESTIONS),
        "for_record": Key("yes: it can be given and is shown, but no rule reads it", "flag", bears=VOCABULARY),
        "group": Key("one of the groups; findings of the group site come from a site file", "group", required=True,
                     bears=QUESTIONS),
    }),
    "concluded": Form("a concluded finding", {
        "former": _FORMER,
        "title": _TITLE,
        "short": _SHORT,
        "type": Key("yes_no (the default), choice or score", ("yes_no", "choice", "score"), bears=VOCABULARY,
                    attributes=("kind",)),
        "values": Key("of a choice", "values", types=_CHOICE, needed=True, bears=VOCABULARY),
        "otherwise": Key("of a choice: the value that holds when every rule for the finding fails", "value",
                         types=_CHOICE, scaffold=True, bears=MEANING),
        "points": Key("of a score: what adds to it, each with its points", "points", types=("score",), needed=True,
                      bears=MEANING, attributes=("points", "low", "high")),
    }),
    "points": Form("an entry of points", {
        "when": Key("premises that must hold as a whole", "premises", required=True),
        "points": Key("the whole number that they add; it may be negative", "whole number", required=True),
    }),
    "panel": Form("a panel", {
        "former": _FORMER,
        "title": _TITLE,
        "ask": Key("the one question for all members", required=True, bears=QUESTIONS),
        "members": Key("its findings, each with the value that 'none of these' means", Entries("value", "", some=True),
                       required=True, bears=VOCABULARY),
    }),
    "constraint": Form("a constraint", {
        "never": Key("premises over input findings, which cannot hold together", "premises", required=True,
                     bears=VOCABULARY),
        "because": Key("why they cannot", required=True),
    }),
    "plausible": Form("an entry of plausible", {
        "always": Key("QUANTITY <= QUANTITY (or <, >, >=): two input findings of the same dimension", "order",
                      scaffold=True, bears=VOCABULARY),
        "never": Key("premises over input findings, which hardly ever hold together", "premises",
                     bears=VOCABULARY),
        "level": Key("error: such values are refused; warning: they are shown as something to check",
                     ("error", "warning"), required=True, bears=VOCABULARY),
        "because": Key("why", required=True),
    }),
    "ladder": Form("the ladder", {
        "steps": Key("the steps, in the ladder's order", Entries("step", some=True), required=True),
        "groups": Key("names that stand for several steps", Entries("step group", called="step groups")),
        "alerts": Key("what is shown whenever a rule raises it", Entries("alert")),
        "advice": Key("what is shown when a rule gives it and one of its steps is recommended", Entries("advice")),
    }),
    "step": Form("a step", {
        "former": _FORMER,
        "title": _TITLE,
        "short": _SHORT,
        "summary": Key("what the step is, in one sentence", required=True),
        "gate": Key("yes: while it is recommended, later available steps wait", "flag", bears=MEANING),
        "urgent": Key("yes: it is for emergencies, which are shown in red and before all else", "flag"),
        "meanwhile": Key("of a gate: the step that is done while they wait", "step", bears=MEANING),
        "never_recommended": Key("yes: the step is never recommended, which is proved", "flag"),
        "cite": Key("the sources of the step", "citations", scaffold=True),
        "options": Key("the options of the step", Entries("option"), bears=None),
    }),
    "option": Form("an option", {
        "former": _FORMER,
        "title": _TITLE,
        "standing": Key("by current guidance, which it cites; optional by default", STANDINGS, bears=MEANING),
        "offered": Key("if_supported: on offer only if a rule supports it; otherwise by_default",
                       ("by_default", "if_supported"), bears=MEANING, attributes=("if_supported",)),
        "note": Key("a short note shown with the option"),
        "cite": Key("the sources of the option", "citations", required=True),
    }),
    "step group": Form("a step group", {
        "title": _TITLE,
        "steps": Key("the steps of the group", "steps", required=True),
    }),
    "alert": Form("an alert", {
        "former": _FORMER,
        "title": _TITLE,
        "text": Key("what to do, in one or two sentences", required=True),
    }),
    "advice": Form("an advice", {
        "former": _FORMER,
        "title": _TITLE,
        "text": Key("what to do, in one or two sentences", required=True),
        "steps": Key("shown only when one of these steps or step groups is recommended", "places", required=True,
                     bears=MEANING),
    }),
    "references": Form("the file of references", {
        "claims": Key("the statements of the source of the ladder, in our words", Entries("claim", "capitals")),
        "guidelines": Key("guidelines, reviews and trials", Entries("guideline", "capitals")),
        "safety": Key("what was added to protect patients from harm; not in the source",
                      Entries("safety", "capitals")),
        "assumptions": Key("decisions taken where the source is silent", Entries("assumption", "capitals")),
    }),
    "claim": Form("an entry of claims", {
        "section": Key("where the source says it", required=True),
        "role": Key("rule, weak or informative", ("rule", "weak", "informative"), required=True),
        "text": Key("the claim in our words", required=True),
        "reading": Key("how an ambiguous text is read, where it is"),
    }),
    "guideline": Form("an entry of guidelines", {
        "title": Key("the name of the document", required=True),
        "year": Key("the year of the document", required=True),
        "text": Key("its content, as far as it matters here", required=True),
        "verified": Key("no: quoted from memory, not re-checked", "flag", required=True),
    }),
    "safety": Form("an entry of safety", {
        "text": Key("why it was added; not in the source", required=True),
    }),
    "assumption": Form("an entry of assumptions", {
        "text": Key("the decision, where the source is silent", required=True),
    }),
    "guidance": Form("the file of guidance", {
        "notes": Key("where current guidance differs from a claim", Entries("note", "kebab-case"), required=True),
    }),
    "note": Form("a note", {
        "short": Key("what it is about in a few words, in lower case"),
        "differs_from": Key("the claims that it concerns", "claims", required=True),
        "verdict": Key("disagrees, partly, silent or later", ("disagrees", "partly", "silent", "later"),
                       required=True),
        "text": Key("what current guidance says, in one or two sentences", required=True),
        "sources": Key("the guidelines that say it", "guidelines", required=True),
        "verified": Key("no: quoted from memory, not re-checked", "flag", required=True),
    }),
    "rules": Form("a rule file", {
        "rules": Key("the rules, in the order in which a clinician thinks", Entries("rule", "kebab-case", some=True),
                     required=True),
    }),
    "rule": Form("a rule", {
        "title": Key("a sentence that a clinician would sign, without a full stop", required=True),
        "status": Key("draft or retired: it is read and checked, and concludes nothing; active by default",
                      RULE_STATUSES, bears=MEANING),
        "since": Key("the day from which it has this status, YYYY-MM-DD", "date"),
        "replaced_by": Key("of a retired rule: the rule in its place", "rule"),
        "when": Key("premises that must hold as a whole; always for an unconditional rule", "when", required=True,
                    bears=MEANING),
        "unless": Key("exceptions: the rule holds only if each of them is known to fail", "premises", bears=MEANING),
        "then": Key("one conclusion or a list of them", "conclusions", required=True, bears=MEANING),
        "because": Key("why, in one sentence, two at most", required=True),
        "cite": Key("the sources of the rule", "citations", required=True),
        "evidence": Key("how strong the evidence is, and who says so", "evidence"),
        "reviewed": Key("who reviewed which text of the rule, by role; expert sign writes it",
                        Entries("review", "words")),
    }),
    "review": Form("a review of a rule", {
        "on": Key("the day of the review, YYYY-MM-DD", "date", required=True),
        "hash": Key("the hash of the text that was reviewed", required=True),
    }),
    "evidence": Form("the evidence for a rule", {
        "grade": Key("a short text, in the words of the source", required=True),
        "source": Key("the reference that grades it", "reference", required=True),
    }),
    "invariants": Form("the file of invariants", {
        "invariants": Key("what must never, or always, be recommended to whom", Entries("invariant", "kebab-case"),
                          required=True),
    }),
    "invariant": Form("an invariant", {
        "title": Key("the promise as a sentence", required=True),
        "never": Key("recommended STEP or offered STEP.OPTION; available STEP where 'as' says a direction", "never",
                     types=(*_PROMISE, *_DIRECTION), scaffold=True, attributes=("status", "target", "targets")),
        "always": Key("recommended STEP or offered STEP.OPTION", "always", types=_PROMISE, attributes=("always",)),
        "when": Key("premises: the patients for whom the promise is made", "when", types=_PROMISE, needed=True),
        "as": Key("FINDING rises or FINDING falls: the step never becomes available again by it", "way",
                  types=_DIRECTION, needed=True, attributes=("finding", "rises")),
        "because": Key("why", required=True),
        "cite": Key("the sources of the promise", "citations", required=True),
    }),
    "case": Form("a case", {
        "name": Key("what the case shows, as a sentence", required=True),
        "given": Key("a patient; like: NAME starts from a worked patient", "patient", required=True),
        "expect": Key("what must follow", "expectation", required=True),
    }),
    "expectation": Form("what is expected", {
        "answer": Key("certain, provisional or open", ("certain", "provisional", "open")),
        "recommended": Key("the step, or none", "step or none"),
        "because": Key("rules that hold, with the presumptions", "rules"),
        "silent": Key("rules that do not hold, with the presumptions", "rules"),
        "open": Key("rules that are open over what is given", "rules"),
        "status": Key("what is certain of steps", "statuses"),
        "presumed_status": Key("what follows for steps with the presumptions", "statuses"),
        "possible": Key("all steps that a completion leads to: the whole set", "possible steps"),
        **{key: Key(it.meaning, f"expected {key}") for key, it in LISTINGS.items()},
        "checks": Key("warnings about what is given", "checks"),
        "findings": Key("concluded findings with their values (unknown for none), with the presumptions",
                        "concluded values"),
        "forced": Key("findings with the values that constraints force", "values of inputs"),
        "without": Key("what must not appear", "absent"),
    }),
}  # fmt: skip
"""Every kind of mapping."""
