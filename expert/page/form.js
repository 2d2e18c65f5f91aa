// The form: it asks, and shows the answer after every change. Nothing is stored or sent.

const place = (id) => document.getElementById(id);
const DELAY = 120;
let before = null, timer = 0;

const fields = Object.fromEntries(names.filter((name) => !(name in texts.site)).map((name) => [name, fieldFor(name, changed)]));
const cards = {};

// --- the questions ---------------------------------------------------------------------------------------------------

function cardOf(panel) {
  const it = texts.panels[panel], members = Object.keys(it.members).filter((name) => name in fields);
  if (!members.length) return null;
  const none = make("button", { type: "button", class: "none-of-these", onclick: () => allAsked(panel) }, "All asked, none");
  cards[panel] = make("section", { class: "card", id: `panel-${panel}`, tabindex: "-1" }, make("h2", {}, it.title, make("span", { class: "next-note" }, "Ask next")), make("p", { class: "ask" }, it.ask), none, members.map((name) => fields[name].element));
  return cards[panel];
}

// The members that were not asked become as none of these; what was found stays.
function allAsked(panel) {
  for (const [name, cell] of Object.entries(texts.panels[panel].members)) {
    if (name in fields && fields[name].text() === "") fields[name].set(finding[name].kind === "quantity" ? finding[name].written[cell] : cellWords(name)[cell]);
  }
  refresh();
}

function groupShown(group, panels) {
  const its = names.filter((name) => name in fields && (finding[name].group || "") === group && !panelOf[name]).map((name) => fields[name].element);
  const own = panels.map(cardOf).filter(Boolean);
  if (!its.length && !own.length) return [];
  return [...own, its.length ? make("section", { class: "group" }, make("h2", {}, texts.groups[group] || "Other findings"), its) : null];
}

function questions() {
  const groups = unique([...Object.keys(texts.groups), ...names.map((name) => finding[name].group || "")]);
  const isAt = (panel, group) => Object.keys(texts.panels[panel].members).some((name) => finding[name].group === group);
  const late = Object.keys(texts.panels).filter((panel) => isAt(panel, "site")), early = Object.keys(texts.panels).filter((panel) => !late.includes(panel));
  const baked = Object.entries(texts.site).map(([name, cell]) => `${finding[name].title}: ${plain(cellWords(name)[cell])}`);
  return [early.map(cardOf), groups.flatMap((group) => groupShown(group, group === "site" ? late : [])),
    baked.length ? make("section", { class: "group" }, make("h2", {}, "Policies of this site"), lines(baked)) : null].flat(2).filter(Boolean);
}

// --- the answer ------------------------------------------------------------------------------------------------------

function given() {
  const found = {}, problems = {};
  for (const [name, field] of Object.entries(fields)) {
    const text = field.text(), read = text === "" ? null : ladder.read(name, text);
    if (read && read.problem) problems[name] = read.problem;
    else if (read) found[name] = text;
  }
  return [found, problems];
}

function changed(event) {
  clearTimeout(timer);
  if (event && event.type === "input") timer = setTimeout(refresh, DELAY);
  else refresh();
}

function refresh() {
  const [facts, problems] = given(), answer = ladder.assess(facts, []);
  const rows = answer.problem ? [] : unrecorded(answer), next = answer.problem ? null : nextQuestion(answer, rows);
  const idle = new Set(ladder.idle(facts)), unread = Object.keys(problems);
  for (const [name, field] of Object.entries(fields)) {
    const clash = answer.problem && answer.problem.findings.includes(name) ? answer.problem.because : "";
    field.mark({ idle: idle.has(name), next: Boolean(next && next.name === name), problem: problems[name] || clash });
  }
  for (const [panel, card] of Object.entries(cards)) card.classList.toggle("next", Boolean(next && next.panel === panel));
  const note = unread.length ? make("p", { class: "unread" }, "Not read, and left out here: ", unread.map((name) => toField(`f-${name}`, finding[name].title))) : null;
  const shown = answer.problem ? [problemShown(answer.problem)] : answerShown(answer, rows, next);
  replace(place("answer"), [note, ...shown].filter(Boolean));
  showBar(answer, rows);
  showRecord(answer);
}

// New contents, of which those details are open that were.
function replace(element, its) {
  const open = new Set([...element.querySelectorAll("details[open]")].map((it) => it.dataset.key));
  element.replaceChildren(...its);
  element.querySelectorAll("details").forEach((it) => { it.open = open.has(it.dataset.key); });
}

function showBar(answer, rows) {
  const step = answer.problem ? "These facts contradict each other" : headline(answer), sure = answer.problem ? "no answer" : sureness(answer, rows);
  const alert = answer.problem ? [] : hasRaised(answer).map((it) => texts.alerts[it.name].title);
  place("step").textContent = visible(step);
  place("sure").textContent = visible(sure);
  place("open").textContent = !answer.problem && answer.answer === "certain" ? counted(openQuestions(rows), "open check") : "";
  place("alerts").textContent = visible(alert.length ? `! ${alert.join("; ")}` : "");
  place("bar").className = answer.problem ? "open" : `${answer.not_enough || !answer.settled ? "open" : answer.answer}${isUrgent(answer) ? " urgent" : ""}`;
  const said = visible(`${step}: ${sure}`);
  if (place("said").textContent !== said) place("said").textContent = said;
}

function showRecord(answer) {
  place("record").value = answer.problem ? "" : recordText(answer, new Date().toISOString().slice(0, 10));
  place("file").value = answer.problem ? patientFile(given()[0]) : patientFile({ ...answer.given, ...answer.recorded });
}

// --- the buttons -----------------------------------------------------------------------------------------------------

async function copy(from, button) {
  const label = button.textContent, area = place(from);
  try {
    await navigator.clipboard.writeText(area.value);
  } catch {
    area.closest("details").open = true;
    area.select();
    document.execCommand("copy");
  }
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = label; }, 1500);
}

function save() {
  const address = URL.createObjectURL(new Blob([place("file").value], { type: "text/plain" }));
  make("a", { href: address, download: "patient.yaml" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function clear() {
  before = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.text()]));
  fill({});
  place("undo").hidden = false;
  scrollTo(0, 0);
}

function undo() {
  fill(before || {});
  place("undo").hidden = true;
}

function fill(facts) {
  for (const [name, field] of Object.entries(fields)) field.set(facts[name] || "");
  refresh();
}

// --- the page --------------------------------------------------------------------------------------------------------

function isOverdue() {
  const now = new Date(), two = (number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}` > texts.about.review_due;
}

function start() {
  const { about } = texts;
  place("questions").replaceChildren(...questions());
  place("disclaimer").textContent = visible(about.disclaimer);
  place("statement").textContent = visible(about.statement);
  place("knowledge").textContent = visible(`${about.name} ${about.version}, reviewed ${about.reviewed}, next review by ${about.review_due}`);
  place("hash").textContent = about.sha256;
  if (isOverdue()) {
    place("overdue").textContent = visible(`The review of this knowledge was due on ${about.review_due}. It may be out of date.`);
    place("overdue").hidden = false;
  }
  place("copy").addEventListener("click", (event) => copy("record", event.currentTarget));
  place("copy-file").addEventListener("click", (event) => copy("file", event.currentTarget));
  place("save").addEventListener("click", save);
  place("print").addEventListener("click", () => print());
  place("clear").addEventListener("click", clear);
  place("undo").addEventListener("click", undo);
  place("to-answer").addEventListener("click", (event) => {
    event.preventDefault();
    goTo("answer");
  });
  refresh();
}

start();
