// What an answer says, in words: the twin of expert/render/phrases.py and expert/answer/unrecorded.py, and held equal to them.

const texts = ladder.texts;
const finding = Object.fromEntries(texts.findings.map((it) => [it.name, it]));
const rule = Object.fromEntries(texts.rules.map((it) => [it.id, it]));
const names = texts.order.map((place) => texts.findings[place].name);
const panelOf = Object.fromEntries(Object.entries(texts.panels).flatMap(([panel, it]) => Object.keys(it.members).map((name) => [name, panel])));
const ranks = Object.fromEntries(Object.keys(texts.steps).map((step, place) => [step, place]));
const MOST_VALUES = 3;
const STATUS_WORDS = { available: "possible", waiting: "waits", open: "not decided" };
const OFFERS = { supported: "Supported by current guidance", optional: "Optional", not_recommended: "Not recommended" };
const AMOUNTS = { "<": "less than {}", "<=": "{} or less", ">": "more than {}", ">=": "{} or more" };
const BETWEEN = { "<": "to less than {}", "<=": "to {}", ">": "more than {}", ">=": "{}" };

const plain = (word) => word.replace(/_/g, " ");
const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);
const within = (title) => /^.\p{Ll}/u.test(title) ? title.slice(0, 1).toLowerCase() + title.slice(1) : title;
const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
const together = (its, word = "and") => [its.slice(0, -1).join(", "), its[its.length - 1]].filter(Boolean).join(` ${word} `);
const unique = (its) => [...new Set(its)];
const stepTitle = (step) => texts.steps[step].title;

const short = (name) => finding[name].short || within(finding[name].title);
const amount = (name, text) => (finding[name].said.amount || `${short(name)} {}`).replace("{}", () => text);

// The words of the values of a finding that is not a quantity, by cell.
const cellWords = (name) => finding[name].kind === "yes_no" ? ["no", "yes"] : finding[name].values;

// A value of a finding, as it is written, as a fact in words.
function fact(name, text) {
  const it = finding[name];
  if (it.kind === "quantity") return amount(name, plain(text));
  const usually = text === "yes" ? short(name) : text === "no" ? `no ${short(name)}` : `${short(name)}: ${plain(text)}`;
  return it.said[text] || usually;
}

// Cells of a finding, as one premise expresses them, as a fact in words.
function circumstance(name, cells) {
  const it = finding[name];
  if (it.kind !== "quantity") {
    const all = cellWords(name), others = all.filter((_, cell) => !cells.includes(cell));
    if (cells.length > MOST_VALUES) return `not ${together(others.map((word) => fact(name, word)), "or")}`;
    return together(cells.map((cell) => fact(name, all[cell])), "or");
  }
  const first = cells[0], last = cells[cells.length - 1], isPoint = (cell) => it.cells[cell][1] === it.cells[cell][2];
  const bounds = [];
  if (first > 0) bounds.push([isPoint(first) ? ">=" : ">", it.ends[first - 1]]);
  if (last < it.cells.length - 1) bounds.push([isPoint(last) ? "<=" : "<", it.ends[last]]);
  if (first === last && isOneValue(it, first)) return amount(name, it.written[first]);
  const words = bounds.length > 1 ? BETWEEN : AMOUNTS;
  return amount(name, bounds.map(([sign, end]) => words[sign].replace("{}", end)).join(" "));
}

// Whether only one value, to the resolution of the finding, lies between the bounds of a cell.
function isOneValue(it, cell) {
  const [, low, high] = it.cells[cell];
  return low !== null && high !== null && low < high && Boolean(it.resolution) && high - low === 2 * it.resolution;
}

// Cells grouped as one premise can express them: adjacent ones of a quantity, all of a choice, single yes or no.
function runs(name, cells) {
  const kind = finding[name].kind, sorted = unique(cells).sort((one, other) => one - other);
  if (kind === "choice") return [sorted];
  if (kind === "yes_no") return sorted.map((cell) => [cell]);
  const found = [];
  for (const cell of sorted) {
    const run = found[found.length - 1];
    if (run && cell === run[run.length - 1] + 1) run.push(cell);
    else found.push([cell]);
  }
  return found;
}

// --- what is not recorded --------------------------------------------------------------------------------------------

const hasRaised = (answer) => answer.alerts.filter((it) => it.presumed_status === "holds");
const isGate = (step) => texts.steps[step].gate;
const isKnown = (answer, name) => [answer.given, answer.forced, answer.defaults].some((facts) => name in facts);
const byName = (decisive) => new Map(decisive.map((it) => [it.finding, it]));

// The circumstances of a decisive finding, each with its cells and the steps that it leads to.
function leading({ finding: name, leads_to: leads }) {
  const found = new Map();
  for (const step of Object.keys(texts.steps)) {
    const cells = leads.filter((to) => to.step === step).map((to) => to.cell);
    for (const run of cells.length ? runs(name, cells) : []) {
      if (!found.has(run.join())) found.set(run.join(), { name, cells: run, steps: [], alerts: [] });
      found.get(run.join()).steps.push(step);
    }
  }
  return [...found.values()];
}

// The circumstances that lead to another step; no follow-up where the question before it is listed.
function toSteps(answer) {
  const alone = byName(answer.decisive);
  return answer.decisive.filter((it) => !alone.has(texts.follows[it.finding])).flatMap(leading);
}

// The other members of a panel of which one leads to a gate, where no step follows even as presumed.
function ofPanels(answer) {
  if (answer.answer !== "open") return [];
  const alone = byName(answer.decisive), gates = answer.possible.filter(isGate);
  const toGate = (name) => alone.has(name) && alone.get(name).leads_to.some((to) => gates.includes(to.step));
  return Object.values(texts.panels).filter((it) => Object.keys(it.members).some(toGate)).flatMap((panel) =>
    Object.entries(panel.members).filter(([name]) => !isKnown(answer, name) && !alone.has(name) && finding[name].kind !== "quantity")
      .map(([name, none]) => ({ name, cells: cellWords(name).map((_, cell) => cell).filter((cell) => cell !== none), steps: gates, alerts: [] })));
}

// The circumstances that raise an alert and lead to no other step, be it together with another.
function toAlerts(answer, listed) {
  const decisive = [...answer.decisive, ...answer.together].flatMap(leading), found = new Map();
  const seen = new Set([...listed, ...decisive].map((it) => `${it.name} ${it.cells}`));
  for (const { alert, by } of answer.raising) {
    const cells = new Map();
    for (const { finding: name, cell } of by) cells.set(name, [...(cells.get(name) || []), cell]);
    const premises = [...cells].flatMap(([name, its]) => runs(name, its).map((run) => ({ name, cells: run })));
    for (const it of premises.slice(0, MOST_VALUES)) {
      const key = `${it.name} ${it.cells}`;
      if (seen.has(key) || (it.cells.length === 1 && it.cells[0] === finding[it.name].usual && finding[it.name].kind !== "quantity")) continue;
      if (!found.has(key)) found.set(key, { ...it, steps: [], alerts: [] });
      found.get(key).alerts.push(alert);
    }
  }
  return [...found.values()];
}

// What is not recorded and could change the answer, in groups: each with its panel, its circumstances, steps and alerts.
function unrecorded(answer) {
  const rows = new Map(), other = Object.keys(texts.steps).length, toStep = [...toSteps(answer), ...ofPanels(answer)];
  for (const it of [...toStep, ...toAlerts(answer, toStep)]) {
    const panel = it.steps.some(isGate) ? panelOf[it.name] || "" : "", key = JSON.stringify([panel, it.steps, it.alerts]);
    if (!rows.has(key)) rows.set(key, { panel, steps: it.steps, alerts: it.alerts, circumstances: [] });
    rows.get(key).circumstances.push(it);
  }
  const rank = (row) => [...(row.steps.length ? row.steps.map((step) => ranks[step]) : [other])];
  const compare = (one, two) => {
    const [left, right] = [rank(one), rank(two)], place = left.findIndex((it, index) => it !== right[index]);
    if (place >= 0) return right[place] === undefined ? 1 : left[place] - right[place];
    return left.length - right.length || (one.panel ? 0 : 1) - (two.panel ? 0 : 1);
  };
  return [...rows.values()].sort(compare);
}

// A circumstance in words; of the yes/no findings of a panel, the finding.
function inWords(row, { name, cells }) {
  return row.panel && finding[name].kind === "yes_no" && cells[0] === 1 ? short(name) : circumstance(name, cells);
}

function destination(row) {
  if (row.steps.length) return together(row.steps.map((step) => within(stepTitle(step))), "or");
  return `alert: ${together(row.alerts.map((alert) => within(texts.alerts[alert].title)), "or")}`;
}

// The number of questions about what is not recorded; a panel is one.
function openQuestions(rows) {
  const single = rows.filter((row) => !row.panel).flatMap((row) => row.circumstances.map((it) => `${it.name} ${it.cells}`));
  return new Set(rows.map((row) => row.panel).filter(Boolean)).size + new Set(single).size;
}

// --- how sure, and why -----------------------------------------------------------------------------------------------

function sureness(answer, rows) {
  if (!answer.settled) return "not settled";
  if (answer.answer === "certain") return answer.not_ruled_out.length ? "step certain" : "certain";
  const open = openQuestions(rows), asked = open ? `${counted(open, "question")} unanswered` : "";
  return [answer.not_enough && asked ? "" : answer.answer, asked].filter(Boolean).join(": ");
}

// The headline of an answer: the step, unless too little is recorded for one.
function headline(answer) {
  if (answer.not_enough) return "Not enough is recorded";
  return answer.recommended ? stepTitle(answer.recommended) : "No single step follows";
}

const isUrgent = (answer) => Boolean(!answer.not_enough && answer.recommended && texts.steps[answer.recommended].urgent);
const isUsual = (answer, name) => finding[name].usual !== undefined && ladder.read(name, answer.given[name]).cell === finding[name].usual;

// The given facts behind the step that are not the usual ones, and all others, unusual ones first.
function behindTheStep(answer) {
  const given = names.filter((name) => name in answer.given), unusual = given.filter((name) => !isUsual(answer, name));
  const behind = unusual.filter((name) => answer.behind.includes(name));
  const others = given.filter((name) => !behind.includes(name));
  return [behind, [...others.filter((name) => unusual.includes(name)), ...others.filter((name) => !unusual.includes(name))]];
}

// Given facts in words; those of a panel whose members are absent as one.
function factsInWords(answer, some) {
  let left = some.slice();
  const panels = [];
  for (const panel of Object.values(texts.panels)) {
    const members = left.filter((name) => name in panel.members && ladder.read(name, answer.given[name]).cell === panel.members[name]);
    if (members.length < 3) continue;
    const all = Object.keys(panel.members), asked = all.filter((name) => name in answer.given);
    const other = asked.some((name) => ladder.read(name, answer.given[name]).cell !== panel.members[name]) ? "other " : "";
    panels.push(`no ${other}${within(panel.title)}${asked.length === all.length ? "" : ` (${asked.length} of ${all.length} asked)`}`);
    left = left.filter((name) => !members.includes(name));
  }
  return [...left.map((name) => fact(name, answer.given[name])), ...panels];
}

// The mark and the word for the status of a step.
function standingOf(answer, it) {
  const status = it.presumed_status;
  if (status === "recommended" && answer.not_enough) return ["open", "if all else is as usual"];
  if (status === "unsupported") return it.status === status ? [status, "not needed"] : ["open", "not checked"];
  if (status === "excluded") return it.status === status ? [status, "ruled out"] : ["open", "ruled out, as assumed"];
  return [status, STATUS_WORDS[status] || status];
}

// Where guidance differs: the notes on the step, its arguments, its options on offer, alerts and advice.
function guidance(answer) {
  const its = [...answer.alerts, ...answer.advice].flatMap((it) => it.because);
  const cited = new Set(answer.recommended ? texts.steps[answer.recommended].cite : []);
  const options = Object.fromEntries(Object.values(texts.steps).flatMap((step) => step.options.map((it) => [it.name, it])));
  for (const it of answer.options) {
    const { standing, cite } = options[it.option], argued = [...it.for, ...it.against];
    if (standing === "not_recommended" && !argued.some((argument) => argument.presumed_status === "holds")) continue;
    if (it.presumed_status === "offered") cite.forEach((claim) => cited.add(claim));
    its.push(...argued, ...it.cautions);
  }
  for (const it of answer.ladder) its.push(...(it.step === answer.recommended ? [...it.for, ...it.cautions] : it.against));
  for (const it of its) if (it.presumed_status === "holds") rule[it.rule].cite.forEach((claim) => cited.add(claim));
  return Object.entries(texts.notes).filter(([, note]) => note.about.some((claim) => cited.has(claim))).map(([, note]) => note);
}

// --- what to ask next ------------------------------------------------------------------------------------------------

// The finding or the panel to ask about next; null if nothing is left to ask. What is not presumed comes first, then the
// groups in their order, in each its panels, then the finding that leads to the most steps.
function nextQuestion(answer, rows) {
  const leads = new Map(rows.flatMap((row) => row.circumstances.map((it) => it.name)).map((name) => [name, new Set()]));
  rows.forEach((row) => row.circumstances.forEach((it) => row.steps.forEach((step) => leads.get(it.name).add(step))));
  const first = answer.not_presumed.filter((name) => leads.has(name)), wanted = first.length ? first : names.filter((name) => leads.has(name));
  if (!wanted.length) return null;
  const group = first.length ? null : Object.keys(texts.groups).find((it) => wanted.some((name) => finding[name].group === it));
  const among = wanted.filter((name) => group === null || finding[name].group === group);
  const inPanel = among.find((name) => panelOf[name]);
  if (inPanel) return { panel: panelOf[inPanel] };
  return { name: among.reduce((best, name) => leads.get(name).size > leads.get(best).size ? name : best) };
}
