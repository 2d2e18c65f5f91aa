// What leaves the page: a few lines for the record, and a file that the program reads.

const MOST_LENGTH = 300;

// As many parts as a line holds, and the number of the others.
function listed(title, parts) {
  if (!parts.length) return "";
  let shown = parts.length;
  while (shown > 1 && parts.slice(0, shown).join("; ").length > MOST_LENGTH) shown--;
  return `${title}: ${parts.slice(0, shown).join("; ")}${shown < parts.length ? `; and ${parts.length - shown} more` : ""}.`;
}

// At most twelve lines for the patient's record. They name no patient.
function recordText(answer, today) {
  const rows = unrecorded(answer), [behind, others] = behindTheStep(answer), about = texts.about, raised = hasRaised(answer);
  const step = answer.recommended && !answer.not_enough ? answer.recommended : null;
  const preferred = step ? answer.options.filter((it) => it.preferred && it.presumed_status === "offered").map((it) => within(optionOf(it.option).title)) : [];
  return [
    `${about.title}, ${today}`,
    `${headline(answer).toUpperCase()} (${sureness(answer, rows)})`,
    ...raised.slice(0, 2).map((it) => `ALERT ${texts.alerts[it.name].title}: ${texts.alerts[it.name].text}`),
    listed("Further alerts", raised.slice(2).map((it) => within(texts.alerts[it.name].title))),
    answer.meanwhile ? `Meanwhile: ${within(stepTitle(answer.meanwhile))}.` : "",
    listed("Preferred", preferred),
    listed("Why", factsInWords(answer, behind)),
    listed(behind.length ? "Also given" : "Given", factsInWords(answer, others)),
    listed("Not recorded", rows.flatMap((row) =>
      row.circumstances.map((it) => `${inWords(row, it)} (${destination(row)})`))),
    `${about.name} ${about.version} ${about.sha256.slice(0, 8)}. ${about.disclaimer}`,
  ].filter(Boolean).map(visible).join("\n");
}

const optionOf = (name) => Object.values(texts.steps).flatMap((step) => step.options).find((it) => it.name === name);

// The given facts as a file that ``expert assess`` reads.
function patientFile(given) {
  const quoted = (text) => /^[A-Za-z0-9][\w ./%+-]*$/.test(text) ? text : JSON.stringify(text);
  return names.filter((name) => name in given).map((name) => `${name}: ${quoted(given[name])}\n`).join("");
}
