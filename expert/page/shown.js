// The answer as elements, most urgent first.

const SIGNS = {
  recommended: "M-5 0 L-1.5 4 L5.5 -4", excluded: "M-4 -4 L4 4 M4 -4 L-4 4", unsupported: "M-4.5 0 L4.5 0",
  waiting: "M-2.5 -4 L-2.5 4 M2.5 -4 L2.5 4", available: "M0 -2 A2 2 0 1 0 0.01 -2 Z",
  open: "M-3 -2.2 C-3 -6.2 3.2 -6.2 3 -2 C2.8 0 0 -0.2 0 2 M0 4.6 L0 5",
};
const holding = (its) => its.filter((it) => it.presumed_status === "holds");
const open = (its) => its.filter((it) => it.presumed_status !== "holds");
const section = (title, ...children) => children.flat().filter(Boolean).length ? make("section", {}, make("h2", {}, title), ...children) : null;

// Details, whose contents are made when they are first opened.
function folded(key, title, contents) {
  let left = contents;
  const it = make("details", { "data-key": key, ontoggle: () => {
    if (left) it.append(...left().filter(Boolean));
    left = null;
  } }, make("summary", {}, title));
  return it;
}

const lines = (its, cls = "lines") => its.length ? make("ul", { class: cls }, its.map((it) => make("li", {}, it))) : null;

function sign(mark) {
  const svg = document.createElementNS(SVG, "svg"), circle = document.createElementNS(SVG, "circle"), path = document.createElementNS(SVG, "path");
  for (const [it, attributes] of [[svg, { class: "sign", viewBox: "-12 -12 24 24", "aria-hidden": "true" }], [circle, { r: 10 }], [path, { d: SIGNS[mark] }]]) {
    for (const [name, value] of Object.entries(attributes)) it.setAttribute(name, value);
  }
  svg.append(circle, path);
  return svg;
}

// A link to a field; a panel's leads to its card.
const toField = (target, text) => make("a", { href: `#${target}`, onclick: (event) => {
  event.preventDefault();
  goTo(target);
} }, text);

// Scroll to below the bar, and focus the first field there.
function goTo(target) {
  const it = document.getElementById(target);
  document.documentElement.style.scrollPaddingTop = `${document.getElementById("bar").offsetHeight + 8}px`;
  it.scrollIntoView({ block: "start" });
  (it.querySelector("input:checked, input[type=text]") || it).focus({ preventScroll: true });
}

// A rule that argues, with its reason, what it rests on, and its sources.
function argument(it, answer) {
  const { title, because, cite } = rule[it.rule], facts = it.facts.filter((name) => name in answer.given).map((name) => fact(name, answer.given[name]));
  return [make("b", {}, `${title}.`), ` ${because}`, facts.length ? make("span", { class: "origin" }, ` Here: ${facts.join("; ")}.`) : null,
    make("span", { class: "cite" }, ` [${cite.join(", ")}]`)];
}

function alertsShown(answer) {
  const its = hasRaised(answer);
  if (!its.length) return null;
  return make("section", { class: "alerts" }, make("h2", {}, isUrgent(answer) ? "Do now" : its.length === 1 ? "Alert" : "Alerts"), its.map((it) =>
    make("div", { class: "alert" }, make("h3", {}, texts.alerts[it.name].title), make("p", {}, texts.alerts[it.name].text),
      folded(`alert-${it.name}`, "Why", () => [lines(holding(it.because).map((each) => argument(each, answer)))]))));
}

function summaryOf(answer) {
  const unsure = answer.not_enough;
  if (unsure && unsure.nothing_recorded) return "Nothing is recorded of the patient.";
  if (unsure) return `An earlier step may be needed, since this is not known: ${together([...unsure.said_unknown, ...unsure.not_presumed].map(short))}.`;
  if (answer.recommended) return texts.steps[answer.recommended].summary;
  if (!answer.settled) return "Too many findings are open to settle this here. Answer more of the questions.";
  return answer.possible.length ? `Possible: ${together(answer.possible.map((step) => within(stepTitle(step))), "or")}.` : "No step is both supported and not excluded.";
}

function certaintyOf(answer) {
  if (!answer.settled) return "The page could not look at all that is possible, so it does not say how sure this is. The program does.";
  if (answer.not_enough) return answer.recommended && !answer.not_enough.nothing_recorded ? `With the usual findings it would be ${within(stepTitle(answer.recommended))}.` : "";
  if (answer.answer === "certain") return "No further information would change this step.";
  if (answer.answer === "provisional") return "Findings that are not recorded are assumed to be as usual; others could lead to another step.";
  return answer.possible.length ? "Not enough is known: even with the usual assumptions more than one answer is left." : "Nothing that is still unknown leads to a step.";
}

function headShown(answer, rows) {
  const step = answer.ladder.find((it) => it.step === answer.recommended), enough = step && !answer.not_enough;
  const preferred = enough ? answer.options.filter((it) => it.preferred && it.presumed_status === "offered").map((it) => optionOf(it.option).title) : [];
  const kind = answer.not_enough || !answer.settled ? "open" : answer.answer;
  return make("section", { class: `answer ${kind}${isUrgent(answer) ? " urgent" : ""}` }, make("p", {}, make("span", { class: "badge" }, sureness(answer, rows))),
    make("h2", {}, headline(answer)), make("p", { class: "summary" }, summaryOf(answer)),
    preferred.length ? make("p", {}, "Preferred: ", make("b", {}, preferred.join("; "))) : null,
    enough && answer.meanwhile ? make("p", {}, "Meanwhile: ", make("b", {}, stepTitle(answer.meanwhile))) : null,
    make("p", { class: "certainty" }, certaintyOf(answer)),
    enough ? folded("why", "Why", () => [lines(holding(step.for).map((it) => argument(it, answer)).concat(
      holding(step.cautions).map((it) => ["Caution: ", ...argument(it, answer)])))]) : null);
}

function nextShown(answer, next) {
  if (isUrgent(answer)) return make("p", { class: "ask-next" }, make("b", {}, "Everything else waits."));
  if (!next) return null;
  const [target, text] = next.panel ? [`panel-${next.panel}`, `${texts.panels[next.panel].title}: ${texts.panels[next.panel].ask}`] : [`f-${next.name}`, finding[next.name].ask];
  return make("p", { class: "ask-next" }, make("b", {}, answer.not_enough ? "Ask first: " : "Ask next: "), toField(target, text));
}

function patientShown(answer) {
  const [behind, others] = behindTheStep(answer), named = [["Behind the step", behind], [behind.length ? "Also recorded" : "Recorded", others]];
  const recorded = Object.keys(answer.recorded).map((name) => `${within(finding[name].title)}: ${plain(answer.recorded[name])}`);
  return section("The patient", named.filter(([, its]) => its.length).map(([title, its]) => make("p", { class: "facts" }, make("b", {}, `${title}: `), `${factsInWords(answer, its).join("; ")}.`)),
    recorded.length ? make("p", { class: "facts" }, make("b", {}, "For the record: "), `${recorded.join("; ")}.`) : null,
    answer.checks.map((it) => make("p", { class: "facts" }, make("b", {}, "Check what is recorded: "), `${factsInWords(answer, it.findings).join("; ")}. ${it.because}`)));
}

// What is not recorded and where it leads; in an emergency, what only raises an alert waits.
function checksShown(answer, all) {
  const rows = isUrgent(answer) ? all.filter((row) => row.steps.length) : all;
  if (!rows.length) return null;
  const name = (row) => row.circumstances[0].name, text = (row) => `${row.panel ? `${texts.panels[row.panel].title}: ` : ""}${row.circumstances.map((it) => inWords(row, it)).join(", ")}`;
  return section(answer.not_enough ? "Ask first" : "Check before acting", make("table", {},
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Not recorded"), make("th", { scope: "col" }, "If found, go to"))),
    make("tbody", {}, rows.map((row) => make("tr", {}, make("td", {}, toField(row.panel ? `panel-${row.panel}` : `f-${name(row)}`, capital(text(row)))), make("td", {}, destination(row)))))));
}

function reasonsOf(answer, it) {
  const status = it.presumed_status, found = [];
  if (status === "available") found.push(["An earlier step comes first."]);
  if (status === "waiting") found.push([`Waits until ${within(stepTitle(answer.recommended))} is settled.`]);
  if (status === "open") found.push(["Not enough is recorded to decide."]);
  if (status === "unsupported") found.push(["Nothing that is recorded calls for it."]);
  holding(it.against).forEach((each) => found.push(["Against: ", ...argument(each, answer)]));
  holding(it.for).forEach((each) => found.push(["For: ", ...argument(each, answer)]));
  holding(it.cautions).forEach((each) => found.push(["Caution: ", ...argument(each, answer)]));
  const would = (title, its) => open(its).length && found.push([make("span", { class: "origin" }, `${title}: ${open(its).map((each) => within(rule[each.rule].title)).join("; ")}.`)]);
  would("Not known, and would support it", it.for);
  would("Not known, and would rule it out", it.against);
  return found;
}

function ladderShown(answer) {
  return section("The ladder: the first step that is supported and not ruled out", make("ol", { class: "ladder" }, answer.ladder.map((it, place) => {
    const [mark, word] = standingOf(answer, it);
    return make("li", { class: mark }, sign(mark), folded(`step-${it.step}`, [make("b", {}, `${place + 1}. ${stepTitle(it.step)}`), make("span", { class: "word" }, ` ${word}`)],
      () => [make("p", {}, texts.steps[it.step].summary), lines(reasonsOf(answer, it))]));
  })));
}

function optionsShown(answer) {
  if (answer.not_enough || !answer.options.length) return null;
  const offered = answer.options.filter((it) => it.presumed_status === "offered"), titles = (its) => its.map((it) => optionOf(it.option).title);
  const reason = (its, role) => its.filter((it) => holding(it[role]).length).map((it) => `${optionOf(it.option).title} (${within(rule[holding(it[role])[0].rule].title)})`);
  const groups = [["Preferred", titles(offered.filter((it) => it.preferred))],
    ...Object.entries(OFFERS).map(([standing, heading]) => [heading, titles(offered.filter((it) => optionOf(it.option).standing === standing && !it.preferred))]),
    ["Caution", reason(offered.filter((it) => optionOf(it.option).standing !== "not_recommended"), "cautions")],
    ["Excluded here", reason(answer.options.filter((it) => it.presumed_status === "excluded"), "against")]].filter(([, its]) => its.length);
  const about = [...offered].map((it) => optionOf(it.option)).filter((it) => it.note).map((it) => [make("b", {}, `${it.title}.`), ` ${it.note}`]);
  return section("Options", make("dl", { class: "standings" }, groups.map(([heading, its]) => make("div", {}, make("dt", {}, heading),
    make("dd", {}, heading === OFFERS.not_recommended ? make("details", { "data-key": "discouraged" }, make("summary", {}, `${its.length} of the options`), make("p", {}, its.join("; "))) : its.join("; "))))),
  about.length ? folded("options", "About the options", () => [lines(about)]) : null);
}

function adviceShown(answer) {
  const its = answer.not_enough ? [] : answer.advice.filter((it) => it.presumed_status === "holds");
  return section("Advice", lines(its.map((it) => [make("b", {}, `${texts.advice[it.name].title}.`), ` ${texts.advice[it.name].text}`])));
}

function presumedShown(answer) {
  const left = [...Object.entries(answer.presumed), ...Object.entries(answer.forced), ...Object.entries(answer.defaults)];
  if (answer.not_enough && answer.not_enough.nothing_recorded) return null;
  const some = (title, its) => Object.keys(its).length ? make("p", { class: "facts" }, make("b", {}, `${title}: `), `${Object.entries(its).map(([name, text]) => fact(name, text)).join("; ")}.`) : null;
  return left.length ? section("What was assumed", folded("presumed", `${counted(left.length, "finding")} that ${left.length === 1 ? "is" : "are"} not recorded`, () => [
    some("Follows from the other facts", answer.forced), some("The site's default", answer.defaults), some("Assumed to be as usual", answer.presumed)])) : null;
}

function guidanceShown(answer) {
  const notes = answer.not_enough ? [] : guidance(answer);
  const topics = unique(notes.map((note) => note.short).filter(Boolean));
  const sources = (note) => note.sources.map((it) => texts.references[it] || it).join("; ");
  return section("Where guidance differs", topics.length ? make("p", { class: "facts" }, `On ${together(topics)}.`) : null, notes.length ? folded("guidance", counted(notes.length, "note"), () => [lines(notes.map((note) =>
    [note.text, note.verified ? "" : " (From memory, not re-checked.)", make("span", { class: "cite" }, ` ${sources(note)}`)]))]) : null);
}

// All of an answer, alerts before all.
function answerShown(answer, rows, next) {
  return [alertsShown(answer), headShown(answer, rows), nextShown(answer, next), patientShown(answer), checksShown(answer, rows), ladderShown(answer),
    optionsShown(answer), adviceShown(answer), presumedShown(answer), guidanceShown(answer)].filter(Boolean);
}

// Facts that contradict each other: why, and which.
function problemShown(problem) {
  const title = problem.kind === "value" ? "A value cannot be read" : problem.kind === "implausible" ? "These facts cannot be right together" : "These facts contradict each other";
  return make("section", { class: "answer contradiction" }, make("h2", {}, title), make("p", { class: "summary" }, problem.because),
    make("p", {}, "Change one of these; nothing that was entered is lost:"), lines(problem.findings.map((name) => toField(`f-${name}`, finding[name].title)), "links"));
}
