"""How long the page takes in Chromium to answer, and to show the answer, at full speed and with the processor slowed.

Run ``.venv/bin/python -m benchmarks.page`` from the repository, with ``--patients N`` for fewer. Half of the patients
are drawn as for `tests.random_patients`, half are sparse (see `benchmarks.sparse`); the script is warm, as it is after
the first taps.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import islice, zip_longest

from benchmarks.questions import percentile
from benchmarks.sparse import GIVEN, sparse_patients
from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.page.page import render_page
from tests.browser.devtools import Screen, shown
from tests.random_patients import random_patients

PATIENTS, SEED = 200, 7
SLOWED = (1, 6)
SHOWN = (50, 95, 99)

ANSWERED = """(patients) => patients.map((facts) => {
    const start = performance.now();
    ladder.assess(facts, []);
    return performance.now() - start;
})"""

ENTERED = """(patients) => {
    const inputs = [...document.querySelectorAll("#questions input")];
    const at = (name, value) => inputs.find((it) => it.name === name && it.value === value);
    const answered = () => {
        const start = performance.now();
        inputs[0].dispatchEvent(new Event("change", { bubbles: true }));
        document.body.offsetHeight; // lays the page out
        return performance.now() - start;
    };
    const enter = ([name, text]) => {
        const button = at(name, text), field = document.getElementById(`i-${name}`);
        const [amount, name_of_unit] = text.split(" "), unit = at(`${name}-unit`, name_of_unit);
        if (button) button.checked = true;
        else if (field) field.value = unit ? amount : text;
        if (unit) unit.checked = true;
    };
    return patients.map((facts) => {
        const entries = Object.entries(facts), last = entries.splice(Math.floor(entries.length / 2), 1);
        for (const it of inputs) {
            if (it.type === "text") it.value = "";
            else if (it.value === "") it.checked = true;
        }
        entries.forEach(enter);
        answered();
        last.forEach(enter);
        return answered();
    });
}"""


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description="How long the page takes to answer in Chromium.")
    parser.add_argument("--patients", type=int, default=PATIENTS, help="random patients")
    count = parser.parse_args().patients
    reasoner = Reasoner(read_knowledge())
    patients = list(islice(_patients(reasoner, count), count))
    works = {"an answer": ANSWERED, "from one more finding to the answer on the page": ENTERED}
    with shown(render_page(reasoner.kb, "0")) as screen:
        for title, script in works.items():
            _times(screen, script, patients)
            for times in SLOWED:
                screen.slowed(times)
                took = _times(screen, script, patients)
                figures = ", ".join(f"{percent} % {percentile(took, percent):.1f} ms" for percent in SHOWN)
                print(f"{title}, processor slowed {times} times: {figures}", flush=True)
            screen.slowed(1)


def _patients(reasoner: Reasoner, count: int) -> Iterator[dict[str, str]]:
    """The facts of patients as they are written."""
    drawn = (it.facts for it in random_patients(reasoner, count, SEED))
    sparse = zip(*(sparse_patients(reasoner.domain, given, SEED) for given in GIVEN), strict=True)
    for one, other in zip_longest(drawn, (facts for its in sparse for facts in its)):
        for facts in (one, other):
            asked = facts.keys() & reasoner.kb.inputs.keys()
            yield {name: reasoner.domain.write(name, facts[name]) for name in reasoner.domain.in_order(asked)}


def _times(screen: Screen, script: str, patients: list[dict[str, str]]) -> list[float]:
    """The milliseconds that a script takes for each patient."""
    took: list[float] = screen.run(f"({script})({json.dumps(patients)})")
    return took


if __name__ == "__main__":
    main()
