// The answer for one patient, over the data of one knowledge base (see to_script.py for its arrays).
// A truth is 0 (false), 1 (true) or 2 (unknown). Facts are an array of cells by finding; -1 is unknown.

const FALSE = 0, TRUE = 1, UNKNOWN = 2, MOST_EVALUATIONS = 4000, MOST_DEPTH = 100, MOST_ROWS = 1000;
const ROUNDED = 1 - 1e-9;  // 0.51 is a whole hundredth away from 1/2
const WORDS = ["fails", "holds", "open"];
const findings = data.findings, count = findings.length;
const number = new Map(findings.map((it, place) => [it.name, place]));
const key = (name) => name.join(" ");
const definition = new Map(data.definitions.map(([name], place) => [key(name[0] === "rule" ? ["rule", data.rules[name[1]].id] : name), place]));
const rulesFor = new Map(data.rules_for.map(([name, rules]) => [key(name), rules.map((it) => data.rules[it].id)]));
const steps = Object.keys(data.steps);
const cellsOf = findings.map((it) => it.record ? 0 : it.kind === "yes_no" ? 2 : it.kind === "choice" ? it.values.length : it.cells.length);
const allCells = cellsOf.map((it) => [...Array(it).keys()]);
const groupOf = new Map(data.tied.flatMap((group) => group.names.map((name) => [name, group])));

// --- truths ----------------------------------------------------------------------------------------------------------

// The truths of the definitions for some facts, worked out when they are asked for. A search may leave some cells to an
// unknown finding. Numbers are those of quantities, which only what is plausible compares.
class Truths {
  constructor(facts, numbers, left = []) {
    this.facts = facts;
    this.numbers = numbers;
    this.left = left;
    this.known = new Int8Array(data.definitions.length).fill(3);
    this.why = new Map();
  }

  named(name) {
    return this.of([2, definition.get(key(name))]);
  }

  of(premise) {
    switch (premise[0]) {
      case 0: case 1: {
        const cell = this.facts[premise[1]], left = this.left[premise[1]];
        if (cell >= 0) return within(premise, cell) ? TRUE : FALSE;
        if (!left) return UNKNOWN;
        const fitting = left.filter((it) => within(premise, it)).length;
        return fitting === left.length ? TRUE : fitting ? UNKNOWN : FALSE;
      }
      case 2:
        if (this.known[premise[1]] === 3) this.known[premise[1]] = this.of(data.definitions[premise[1]][1]);
        return this.known[premise[1]];
      case 3: {
        const part = this.of(premise[1]);
        return part === UNKNOWN ? UNKNOWN : 1 - part;
      }
      case 4: case 5: {
        const decides = premise[0] === 5 ? TRUE : FALSE;
        let found = 1 - decides;
        for (let place = 1; place < premise.length; place++) {
          const part = this.of(premise[place]);
          if (part === decides) return decides;
          if (part === UNKNOWN) found = UNKNOWN;
        }
        return found;
      }
      case 6: {
        const own = this.of(premise[1]);
        return own === UNKNOWN && this.of(premise[2]) === TRUE ? FALSE : own;
      }
      case 7: {
        let sure = 0, possible = 0;
        for (let place = 4; place < premise.length; place++) {
          const part = this.of(premise[place]), points = premise[3][place - 4];
          if (part !== FALSE) possible += points;
          if (part === TRUE) sure += points;
        }
        const [, least, most] = premise;
        if (possible < least || (most >= 0 && sure > most)) return FALSE;
        return sure >= least && (most < 0 || possible <= most) ? TRUE : UNKNOWN;
      }
      default: {
        const value = this.numbers[premise[1]];
        return value === undefined ? UNKNOWN : compared(value, premise[2], premise[3]) ? TRUE : FALSE;
      }
    }
  }

  // A premise about one finding on which the truth of a premise depends; that must be open.
  openLiteral(premise) {
    while (premise[0] > 1) {
      if (premise[0] === 2) premise = data.definitions[premise[1]][1];
      else premise = parts(premise).find((part) => this.of(part) === UNKNOWN);
    }
    return premise;
  }

  cells(finding) {
    return this.facts[finding] >= 0 ? [this.facts[finding]] : this.left[finding] || allCells[finding];
  }

  // A small set of findings that decides the truth of a premise.
  reasons(premise) {
    if (premise[0] < 2) return new Set([premise[1]]);
    if (premise[0] === 2) {
      if (!this.why.has(premise[1])) this.why.set(premise[1], this.reasons(data.definitions[premise[1]][1]));
      return this.why.get(premise[1]);
    }
    if (premise[0] === 3) return this.reasons(premise[1]);
    if (premise[0] === 6) {
      if (this.of(premise[1]) !== UNKNOWN) return this.reasons(premise[1]);
      const others = this.reasons(premise[2]);
      return this.of(premise[2]) === TRUE ? others : union([others, this.reasons(premise[1])]);
    }
    if (premise[0] === 8) return new Set([premise[1]]);
    const deciding = premise[0] === 5 ? TRUE : FALSE;
    if (premise[0] === 7) return union(this.deciding(premise).map((part) => this.reasons(part)));
    if (this.of(premise) !== deciding) return union(parts(premise).map((part) => this.reasons(part)));
    const found = parts(premise).filter((part) => this.of(part) === deciding).map((part) => this.reasons(part));
    return found.reduce((least, other) => other.size < least.size ? other : least);
  }

  // The parts that decide the truth of a count, those with the fewest reasons first; all parts if it is open.
  deciding(premise) {
    const [, least, most, points] = premise, all = parts(premise), truth = this.of(premise);
    if (truth === UNKNOWN) return all;
    const total = points.reduce((sum, it) => sum + it, 0);
    const its = all.map((part, place) => ({ part, points: points[place], truth: this.of(part) }));
    const sure = its.reduce((sum, it) => sum + (it.truth === TRUE ? it.points : 0), 0);
    let needed = [total - least + 1, 0];
    if (truth === TRUE) needed = [most < 0 ? 0 : total - most, least];
    else if (most >= 0 && sure > most) needed = [0, most + 1];
    its.sort((one, other) => this.reasons(one.part).size - this.reasons(other.part).size);
    return its.filter((it) => {
      if (it.truth === UNKNOWN || needed[it.truth] <= 0) return false;
      needed[it.truth] -= it.points;
      return true;
    }).map((it) => it.part);
  }

  // The truths with fewer cells left to some findings.
  narrowed(changes) {
    const facts = this.facts.slice(), left = this.left.slice();
    for (const [finding, cells] of changes) {
      if (cells.length === 1) facts[finding] = cells[0];
      else left[finding] = cells;
    }
    return new Truths(facts, this.numbers, left);
  }
}

const within = (literal, cell) => literal[0] === 0 ? cell >= literal[2] && cell <= literal[3] : literal[2].includes(cell);

function parts(premise) {
  return premise[0] === 7 ? premise.slice(4) : premise.slice(1);
}

function union(sets) {
  return new Set(sets.flatMap((set) => [...set]));
}

function compared(one, operator, other) {
  return operator === "<" ? one < other : operator === "<=" ? one <= other : operator === ">" ? one > other : one >= other;
}

// The findings that a premise depends on.
const inputsByDefinition = new Map();

function inputsOf(premise) {
  if (premise[0] < 2 || premise[0] === 8) return new Set([premise[1]]);
  if (premise[0] !== 2) return union(parts(premise).map(inputsOf));
  if (!inputsByDefinition.has(premise[1])) inputsByDefinition.set(premise[1], inputsOf(data.definitions[premise[1]][1]));
  return inputsByDefinition.get(premise[1]);
}

// For each finding those whose change may change what counts of it, through constraints and presumptions.
const linked = (() => {
  const found = new Map(data.tied.flatMap((group) => group.names.map((name) => [name, new Set(group.names)])));
  const of = (name) => found.get(name) || new Set([name]);
  data.findings.forEach((it, finding) => {
    if (it.unless === undefined) return;
    const together = new Set([finding, ...inputsOf(it.unless)].flatMap((name) => [...of(name)]));
    together.forEach((name) => found.set(name, together));
  });
  return of;
})();

// The findings that can sway the recommended step.
const swaying = new Set(data.definitions.filter(([name]) => name[0] === "recommended")
  .flatMap(([, premise]) => [...inputsOf(premise)]).flatMap((finding) => [...linked(finding)]));

// --- what constraints permit and force -------------------------------------------------------------------------------

const met = (nogood, facts, but) => nogood.every(([name, cells]) => name === but || cells.includes(facts[name]));

function permitted(facts) {
  return data.tied.every((group) => !group.nogoods.some((nogood) => met(nogood, facts, -1)));
}

function ruledOut(group, finding, facts) {
  const found = new Set();
  for (const nogood of group.nogoods) {
    const own = nogood.find(([name]) => name === finding);
    if (own && met(nogood, facts, finding)) own[1].forEach((cell) => found.add(cell));
  }
  return found;
}

function isPoint(finding, cell) {
  const its = findings[finding].cells;
  return !its || (its[cell][1] === its[cell][0] && its[cell][2] === its[cell][0]);
}

// Given facts with defaults, forced and presumed values; null if they contradict each other.
function background(given) {
  const known = given.slice(), origin = new Array(count).fill("");
  const set = (finding, cell, why) => { known[finding] = cell; origin[finding] = why; };
  given.forEach((cell, finding) => { if (cell >= 0) origin[finding] = "given"; });
  findings.forEach((it, finding) => { if (known[finding] < 0 && it.default !== undefined) set(finding, it.default, "default"); });
  if (!permitted(known)) return null;
  const forced = [];
  for (const group of data.tied) {
    for (const finding of group.names) {
      if (known[finding] >= 0) continue;
      const out = ruledOut(group, finding, known), left = [];
      for (let cell = 0; cell < cellsOf[finding]; cell++) if (!out.has(cell)) left.push(cell);
      if (left.length === 1 && isPoint(finding, left[0])) forced.push([finding, left[0]]);
    }
  }
  forced.forEach(([finding, cell]) => set(finding, cell, "forced"));
  const truths = new Truths(known, []), all = known.slice();
  const withheld = findings.map((it, finding) => known[finding] < 0 && it.unless !== undefined && truths.of(it.unless) === TRUE);
  const excluded = new Set();
  for (const group of data.tied) {
    const facts = known.slice();
    for (const finding of group.usual) {
      if (facts[finding] >= 0 || withheld[finding]) continue;
      if (ruledOut(group, finding, facts).has(findings[finding].usual)) excluded.add(finding);
      else facts[finding] = findings[finding].usual;
    }
  }
  findings.forEach((it, finding) => {
    if (known[finding] < 0 && it.usual !== undefined && !withheld[finding] && !excluded.has(finding)) {
      all[finding] = it.usual;
      origin[finding] = "presumed";
    }
  });
  return { known, all, origin, withheld };
}

// --- what is certain -------------------------------------------------------------------------------------------------

class BeyondBound extends Error {}

// What must be so of single findings if a premise is to have a truth: cells by finding, added to `found`. False if the
// truth is out of reach.
function necessary(truths, premise, wanted, found) {
  const truth = truths.of(premise);
  if (truth !== UNKNOWN) return truth === wanted;
  switch (premise[0]) {
    case 0: case 1: {
      const left = (found.get(premise[1]) || truths.cells(premise[1])).filter((cell) => within(premise, cell) === (wanted === TRUE));
      found.set(premise[1], left);
      return left.length > 0;
    }
    case 2: return necessary(truths, data.definitions[premise[1]][1], wanted, found);
    case 3: return necessary(truths, premise[1], 1 - wanted, found);
    case 6: return wanted === FALSE || necessary(truths, premise[1], TRUE, found);
    case 7: return true;
  }
  const all = (premise[0] === 4) === (wanted === TRUE);
  const open = parts(premise).filter((part) => truths.of(part) === UNKNOWN);
  return all ? open.every((part) => necessary(truths, part, wanted, found))
    : open.length > 1 || necessary(truths, open[0], wanted, found);
}

// Facts of a permitted completion that makes a premise hold, or null. Beyond the bound it throws: it never guesses.
// (M. Davis, G. Logemann, D. Loveland, A machine program for theorem-proving, CACM 5 (1962) 394-397.)
function canHold(truths, premise, budget, depth = 0) {
  for (;;) {
    if (budget.left-- <= 0 || depth > MOST_DEPTH) throw new BeyondBound();
    const truth = truths.of(premise), needed = new Map();
    if (truth !== UNKNOWN) return truth === TRUE ? completed(truths) : null;
    if (!necessary(truths, premise, TRUE, needed)) return null;
    const changes = [];
    for (const [finding, fitting] of needed) {
      const group = groupOf.get(finding), out = group && ruledOut(group, finding, truths.facts);
      const cells = out ? fitting.filter((cell) => !out.has(cell)) : fitting;
      if (!cells.length) return null;
      if (cells.length < truths.cells(finding).length) changes.push([finding, cells]);
    }
    if (!changes.length) break;
    truths = truths.narrowed(changes);
    if (!permitted(truths.facts)) return null;
  }
  const literal = truths.openLiteral(premise), usual = findings[literal[1]].usual, cells = truths.cells(literal[1]);
  const halves = [true, false].map((fits) => cells.filter((cell) => within(literal, cell) === fits));
  halves.sort((one, other) => other.includes(usual) - one.includes(usual));
  return first(halves, (half) => {
    const further = truths.narrowed([[literal[1], half]]);
    return permitted(further.facts) ? canHold(further, premise, budget, depth + 1) : null;
  });
}

// Facts with one of the values that are left to each finding, as the constraints permit; null if they permit none.
function completed(truths) {
  if (!permitted(truths.facts)) return null;
  const finding = truths.left.findIndex((cells, it) => cells && truths.facts[it] < 0);
  return finding < 0 ? truths.facts : first(truths.left[finding], (cell) => completed(truths.narrowed([[finding, [cell]]])));
}

function first(its, found) {
  for (const it of its) {
    const one = found(it);
    if (one) return one;
  }
  return null;
}

const isCertain = (truths, premise, budget) => {
  const truth = truths.of(premise);
  return truth === UNKNOWN ? !canHold(truths, [3, premise], budget) : truth === TRUE;
};

const named = (...name) => [2, definition.get(key(name))];

// The step that every permitted completion leads to; null if there is none.
function certainStep(truths, budget) {
  for (const step of steps) {
    const goal = named("recommended", step), truth = truths.of(goal);
    if (truth === TRUE) return step;
    if (truth === UNKNOWN && canHold(truths, goal, budget)) return isCertain(truths, goal, budget) ? step : null;
  }
  return null;
}

// --- the answer ------------------------------------------------------------------------------------------------------

// The answer for given values (texts by finding) and findings that were said to be unknown.
function assess(given, unknown = []) {
  const facts = new Int16Array(count).fill(-1), numbers = [], recorded = {}, texts = {};
  for (const [name, text] of Object.entries({ ...siteTexts, ...given })) {
    const read = readValue(name, text);
    if (read.problem) return { problem: { kind: "value", because: read.problem, findings: [name] } };
    texts[name] = read.value;
    if (read.number !== undefined) numbers[number.get(name)] = read.number;
    if (findings[number.get(name)].record) recorded[name] = read.value;
    else facts[number.get(name)] = read.cell;
  }
  return contradiction(facts, numbers) || new Answer(facts, numbers, recorded, texts, unknown).whole();
}

function contradiction(facts, numbers) {
  const known = facts.slice();
  findings.forEach((it, finding) => { if (known[finding] < 0 && it.default !== undefined) known[finding] = it.default; });
  for (const group of [...data.tied].reverse()) {
    let broken = group.nogoods.filter((nogood) => met(nogood, known, -1));
    if (!broken.length) continue;
    const needed = [];
    for (const finding of group.names.filter((it) => known[it] >= 0)) {
      const others = broken.filter((nogood) => !nogood.some(([name]) => name === finding));
      if (others.length) broken = others;
      else needed.push(finding);
    }
    const some = new Int16Array(count).fill(-1);
    needed.forEach((finding) => { some[finding] = known[finding]; });
    const behind = data.constraints.filter((it) => new Truths(some, []).of(it.never) === TRUE);
    return { problem: { kind: "contradiction", because: behind.map((it) => it.because).join(" "), findings: needed.map((it) => findings[it].name) } };
  }
  const [refused] = implausible(facts, numbers, "error");
  return refused ? { problem: { kind: "implausible", because: refused.because, findings: refused.findings } } : null;
}

function implausible(facts, numbers, level) {
  const truths = new Truths(facts, numbers);
  return data.plausible.filter((it) => it.level === level).filter((it) => {
    if (it.never) return truths.of(it.never) === TRUE;
    const [one, operator, other] = it.always;
    return numbers[one] !== undefined && numbers[other] !== undefined && !compared(numbers[one], operator, numbers[other]);
  }).map((it) => ({ id: it.id, because: it.because, findings: it.findings.map((finding) => findings[finding].name) }));
}

class Answer {
  constructor(facts, numbers, recorded, texts, unknown) {
    Object.assign(this, { facts, numbers, recorded, texts, unknown });
    this.background = background(facts);
    this.known = new Truths(this.background.known, numbers);
    this.presumed = new Truths(this.background.all, numbers);
    this.settled = true;
  }

  // What a bounded search finds; `otherwise` beyond the bound, and the answer is then not settled.
  within(search, otherwise) {
    try {
      return search({ left: MOST_EVALUATIONS });
    } catch (error) {
      if (!(error instanceof BeyondBound)) throw error;
      this.settled = false;
      return otherwise;
    }
  }

  whole() {
    const derived = steps.find((step) => this.known.named(["recommended", step]) === TRUE) || null;
    const certain = derived || this.within((budget) => certainStep(this.known, budget), null);
    this.recommended = certain || this.within((budget) => certainStep(this.presumed, budget), null);
    const answer = certain ? "certain" : this.recommended ? "provisional" : "open";
    const meanwhile = this.meanwhile();
    const alerts = this.alerts();
    const deviations = new Deviations(this), decisive = certain ? [] : deviations.alone(), together = certain ? [] : deviations.together();
    const ladder = steps.map((step) => this.step(step, certain !== null));
    const possible = () => certain ? [certain] : this.possible([...decisive, ...together]);
    return {
      get possible() { // which takes longest and is seldom asked for
        Object.defineProperty(this, "possible", { value: possible(), enumerable: true });
        return this.possible;
      },
      answer, recommended: this.recommended, meanwhile, ladder, alerts: alerts.raised, not_ruled_out: alerts.open, decisive,
      together,
      options: [this.recommended, meanwhile].filter(Boolean).flatMap((step) => data.steps[step].options.map((it) => this.option(it))),
      advice: Object.keys(data.advice).map((name) => this.notice(["given", name], "advise", name)).filter(Boolean),
      not_enough: certain ? null : this.notEnough(decisive),
      checks: implausible(this.facts, this.numbers, "warning"), near: this.near(), policies: this.policies(certain !== null),
      given: this.of("given"), defaults: this.of("default"), forced: this.of("forced"), presumed: this.of("presumed"),
      not_presumed: findings.filter((_, finding) => this.background.withheld[finding]).map((it) => it.name),
      recorded: this.recorded, settled: this.settled, behind: this.behind(), raising: this.raising(alerts.open),
    };
  }

  of(origin) {
    const found = {};
    data.order.forEach((finding) => {
      const it = findings[finding];
      if (this.background.origin[finding] === origin) {
        found[it.name] = origin === "given" ? this.texts[it.name] : origin === "presumed" ? it.usual_written : writeCell(finding, this.background.all[finding]);
      }
    });
    return found;
  }

  // The findings behind the arguments for the recommended step, as names.
  behind() {
    const found = new Set();
    for (const rule of (this.recommended && rulesFor.get(key(["supports", this.recommended]))) || []) {
      const goal = named("rule", rule), known = this.known.of(goal);
      if (this.presumed.of(goal) !== TRUE) continue;
      for (const it of known === TRUE ? this.known.reasons(goal) : inputsOf(goal)) found.add(findings[it].name);
    }
    return [...found];
  }

  // For each alert that is not ruled out and not raised: the single values that would raise it.
  raising(open) {
    const alerts = open.filter((name) => this.presumed.named(["alert", name]) !== TRUE).map((alert) => [alert, inputsOf(named("alert", alert))]);
    const changes = data.order.filter((finding) => this.background.known[finding] < 0 && alerts.some(([, inputs]) => inputs.has(finding)))
      .flatMap((finding) => allCells[finding].filter((cell) => cell !== this.background.all[finding]).map((cell) => [finding, cell]));
    const whole = (1n << BigInt(changes.length)) - 1n, given = cellsOf.map((cells) => new Array(cells).fill(0n));
    this.facts.forEach((cell, finding) => { if (cell >= 0) given[finding][cell] = whole; });
    changes.forEach(([finding, cell], place) => { given[finding][cell] = 1n << BigInt(place); });
    const variants = new Variants(given, whole);
    return alerts.map(([alert, inputs]) => {
      const raising = places(variants.of(named("alert", alert))[0] & variants.possible).reverse().map((place) => changes[place]);
      return { alert, by: raising.filter(([finding]) => inputs.has(finding)).map(([finding, cell]) => ({ finding: findings[finding].name, cell })) };
    }).filter(({ by }) => by.length);
  }

  // The given quantities within their resolution of a threshold, unless they are it and it can be given exactly.
  near() {
    return data.order.flatMap((finding) => {
      const { name, resolution, thresholds = [] } = findings[finding], value = this.numbers[finding];
      if (value === undefined) return [];
      return thresholds.filter(([number, , whole]) => Math.abs(value - number) < resolution * ROUNDED && !(whole && value === number))
        .map(([number, threshold]) => ({ finding: name, threshold, exact: value === number }));
    });
  }

  // The policies that count by default and on which the recommended step depends.
  policies(certain) {
    if (!this.recommended) return [];
    const settled = certain ? this.known : this.presumed, goal = named("recommended", this.recommended);
    const reasons = settled.of(goal) === UNKNOWN ? inputsOf(goal) : settled.reasons(goal);
    return data.order.filter((it) => this.background.origin[it] === "default" && reasons.has(it)).map((it) => findings[it].name);
  }

  meanwhile() {
    const step = this.recommended && data.steps[this.recommended].meanwhile;
    return step && this.presumed.named(["excludes", step]) === FALSE ? step : null;
  }

  step(step, certain) {
    return {
      step,
      status: stepStatus(this.known, step, certain ? this.recommended : null),
      presumed_status: stepStatus(this.presumed, step, this.recommended),
      for: this.arguments("supports", step), against: this.arguments("excludes", step), cautions: this.arguments("cautions", step),
    };
  }

  arguments(role, target) {
    const rules = rulesFor.get(key([role, target])) || [];
    return rules.map((rule) => this.argument(rule)).filter((it) => it.status !== "fails");
  }

  argument(rule) {
    const goal = named("rule", rule), status = this.known.of(goal);
    const facts = status === TRUE ? [...this.known.reasons(goal)].map((finding) => findings[finding].name) : [];
    return { rule, status: WORDS[status], presumed_status: WORDS[this.presumed.of(goal)], facts };
  }

  option(it) {
    return {
      option: it.name, status: optionStatus(this.known, it.name), presumed_status: optionStatus(this.presumed, it.name),
      preferred: this.presumed.named(["prefers", it.name]) === TRUE,
      for: [...this.arguments("supports", it.name), ...this.arguments("prefers", it.name)],
      against: this.arguments("excludes", it.name), cautions: this.arguments("cautions", it.name),
    };
  }

  alerts() {
    const raised = [], open = [];
    for (const name of Object.keys(data.alerts)) {
      const goal = named("alert", name);
      let known = this.known.of(goal), presumed = this.presumed.of(goal);
      if (known === UNKNOWN && this.within((budget) => canHold(this.known, goal, budget), true)) {
        const asPresumed = this.within((budget) => isCertain(this.presumed, goal, budget), false);
        if (asPresumed) presumed = TRUE;
        if (asPresumed && this.within((budget) => isCertain(this.known, goal, budget), false)) known = TRUE;
        else open.push(name);
      }
      raised.push(this.notice(["alert", name], "alert", name, known, presumed));
    }
    return { raised: raised.filter(Boolean), open };
  }

  notice(goal, role, name, known = this.known.named(goal), presumed = this.presumed.named(goal)) {
    if (known === FALSE) return null;
    return { name, status: WORDS[known], presumed_status: WORDS[presumed], because: this.arguments(role, name) };
  }

  // The steps that some completion leads to: those of which a deviation is found, and those that a search finds.
  possible(decisive) {
    const found = new Set([this.recommended, ...decisive.flatMap((it) => it.leads_to.map((to) => to.step))]);
    return steps.filter((step) => found.has(step) || this.within((budget) => canHold(this.known, named("recommended", step), budget), true));
  }

  // The background of the patient with some values besides what is given; null if they contradict each other.
  withValues(values) {
    const given = this.facts.slice();
    values.forEach(([finding, cell]) => { given[finding] = cell; });
    return background(given);
  }

  // The step that is certain with some values besides what is given; null if none is.
  deviating(values) {
    const changed = this.withValues(values);
    return changed && this.within((budget) => certainStep(new Truths(changed.all, this.numbers), budget), null);
  }

  // Facts with which a premise fails for the patient with some values; null if it is then certain.
  refuting(values, premise) {
    const truths = new Truths(this.withValues(values).all, this.numbers);
    return this.within((budget) => canHold(truths, [3, premise], budget), truths.facts);
  }

  notEnough(decisive) {
    const told = findings.filter((it, finding) => this.facts[finding] >= 0 && it.group !== "site");
    const nothing = !told.length, unknown = this.unknownBeforeGates(), without = this.openBeforeGates();
    return nothing || unknown.length || without.length ? { nothing_recorded: nothing, said_unknown: unknown, not_presumed: without } : null;
  }

  gatesBefore() {
    const before = this.recommended ? steps.slice(0, steps.indexOf(this.recommended)) : steps;
    return before.filter((step) => data.steps[step].gate);
  }

  // What was said to be unknown and could lead to a gate: alone, or two together of which neither does alone; if none
  // do, the fewest together.
  unknownBeforeGates() {
    const found = new Set(), reached = new Map();
    const open = this.unknown.map((name) => number.get(name)).filter((it) => it !== undefined && cellsOf[it] && this.background.known[it] < 0);
    const changes = open.flatMap((finding) => allCells[finding].filter((cell) => cell !== this.background.all[finding]).map((cell) => [finding, cell]));
    const to = (...values) => {
      const name = values.join(" ");
      if (!reached.has(name)) reached.set(name, this.deviating(values));
      return reached.get(name);
    };
    for (const gate of this.gatesBefore()) {
      const alone = changes.filter((change) => to(change) === gate), rest = changes.filter((change) => !alone.includes(change));
      const pairs = rest.flatMap((one, place) => rest.slice(place + 1).map((other) => [one, other]))
        .filter(([one, other]) => one[0] !== other[0] && to(one, other) === gate);
      const few = [...alone, ...pairs.flat()], more = few.length ? few : this.fewest(gate, changes, to);
      more.forEach(([finding]) => found.add(finding));
    }
    return data.order.filter((finding) => found.has(finding)).map((finding) => findings[finding].name);
  }

  // The changes of the smallest sets of three or more that lead to a gate.
  fewest(gate, changes, to) {
    const goal = named("recommended", gate), { known, all } = this.background;
    const moving = new Set(changes.flatMap(([finding]) => [...linked(finding)]));
    const open = new Truths(all.map((cell, finding) => known[finding] < 0 && moving.has(finding) ? -1 : cell), this.numbers);
    let rows = this.within((budget) => canHold(open, goal, budget), true) ? [[]] : [], met = 0;
    for (let size = 1; rows.length; size++) {
      const larger = new Map();
      for (const row of rows) {
        for (const change of this.towards(row, goal, changes)) {
          const next = [...row, change].sort((one, other) => changes.indexOf(one) - changes.indexOf(other));
          larger.set(next.join(" "), next);
        }
      }
      rows = [...larger.values()];
      if ((met += rows.length) > MOST_ROWS) {
        this.settled = false;
        return [];
      }
      const leading = size < 3 ? [] : rows.filter((row) => to(...row) === gate);
      if (leading.length) return leading.flat();
    }
    return [];
  }

  // The changes that may bring some changes nearer to a goal: those of the reasons why these do not lead there.
  towards(row, goal, changes) {
    const changed = row.length ? this.withValues(row) : this.background, truths = changed && new Truths(changed.all, this.numbers);
    const reasons = truths && (truths.of(goal) === UNKNOWN ? inputsOf(goal) : truths.reasons(goal));
    const names = reasons && new Set([...reasons].flatMap((finding) => [...linked(finding)]));
    return changes.filter(([finding]) => (!names || names.has(finding)) && !row.some((it) => it[0] === finding));
  }

  openBeforeGates() {
    if (this.recommended) return [];
    const found = new Set();
    for (const step of steps.filter((it) => data.steps[it].gate)) {
      const goal = named("recommended", step);
      if (this.presumed.of(goal) === UNKNOWN) this.presumed.reasons(goal).forEach((finding) => found.add(finding));
    }
    return data.order.filter((finding) => found.has(finding) && this.background.all[finding] < 0).map((finding) => findings[finding].name);
  }
}

// The status of a step: excluded beats unsupported beats open; later available steps wait for a gate.
function stepStatus(truths, step, recommended) {
  if (truths.named(["excludes", step]) === TRUE) return "excluded";
  if (step === recommended || truths.named(["recommended", step]) === TRUE) return "recommended";
  if (truths.named(["supports", step]) === FALSE) return "unsupported";
  if (truths.named(["available", step]) === UNKNOWN) return "open";
  return recommended && data.steps[recommended].gate ? "waiting" : "available";
}

function optionStatus(truths, option) {
  const offered = truths.named(["offered", option]);
  if (offered === UNKNOWN) return "open";
  return offered === TRUE ? "offered" : truths.named(["excludes", option]) === TRUE ? "excluded" : "unsupported";
}

// --- values ----------------------------------------------------------------------------------------------------------

const AMOUNT = /^([+-]?[0-9]{1,999}(?:\.[0-9]{1,999})?(?:[eE][+-]?[0-9]{1,3})?)(?:\s*\/\s*([0-9]{1,999}))?(?:\s*(%)|\s*([^\s\d/%]\S*))?$/;
const fold = (text) => text.trim().replace(/\s+/g, " ").toLowerCase().replace(/[ -]+/g, "_");
const ALIKE = { true: "yes", y: "yes", false: "no", n: "no" };

// The value of a finding in a text: {value, cell, number} or {problem}.
function readValue(name, text) {
  const finding = number.get(name), it = findings[finding];
  if (!it) return { problem: `there is no finding ${name}` };
  const word = fold(String(text));
  const also = Object.entries(it.also || {}).find(([spelling]) => fold(spelling) === word);
  if (also) return readValue(name, also[1]);
  if (it.kind === "quantity") return readQuantity(finding, String(text).trim());
  const words = it.kind === "yes_no" ? ["no", "yes"] : it.values;
  const cell = words.indexOf(it.kind === "yes_no" ? ALIKE[word] || word : word);
  return cell < 0 ? { problem: `${text} is not one of: ${words.join(", ")}` } : { value: words[cell], cell };
}

function readQuantity(finding, text) {
  const it = findings[finding], found = AMOUNT.exec(text);
  const example = it.unit ? `a number with its unit, such as 3 ${it.unit}` : "a number";
  if (!found || (found[2] !== undefined && BigInt(found[2]) === 0n)) return { problem: `${text || "nothing"} is not ${example}` };
  const [, amount, divisor, percent, unitName] = found;
  const share = !it.unit && it.range[1] <= 1;
  if ((percent || divisor) && !it.unit && !share) return { problem: `${text} is a share, not a number` };
  if (percent && it.unit) return { problem: `${text} is a share, not ${example}` };
  if (!unitName && it.unit && !it.omit) return { problem: `${text} has no unit` };
  const unit = unitName ? data.units[unitName] : data.units[it.unit] || ["", "number", "1"];
  if (!unit || unit[1] !== it.dimension) return { problem: `${unitName} is not a unit of this` };
  const [top, bottom] = ratio(amount), [factor, partsOf] = ratio(unit[2]);
  const value = quotient(top * factor, bottom * BigInt(divisor || 1) * partsOf * (percent ? 100n : 1n));
  if (!(value >= it.range[0] && value <= it.range[1])) return { problem: `${text} is out of range: ${it.written_range}` };
  return { value: unitName || !it.unit ? text : `${text} ${it.unit}`, number: value, cell: it.record ? 0 : placeOf(it.cells, value) };
}

function placeOf(cells, value) {
  return cells.findIndex(([own, lower, upper]) => value === own
    || (!(lower === own && upper === own) && (lower === null || value > lower) && (upper === null || value < upper)));
}

// A decimal number or a fraction as a quotient of whole numbers.
function ratio(text) {
  const [amount, divisor] = text.split("/"), [mantissa, exponent = "0"] = amount.toLowerCase().split("e");
  const [whole, decimals = ""] = mantissa.split("."), power = Number(exponent) - decimals.length;
  const [over, under] = [Math.max(power, 0), Math.max(-power, 0)].map((it) => 10n ** BigInt(it));
  return [BigInt((whole + decimals).replace("+", "")) * over, under * BigInt(divisor || 1)];
}

// The double nearest to a quotient, halves to even, as an exact division rounds.
function quotient(top, bottom) {
  const negative = top < 0n;
  let over = negative ? -top : top, under = bottom, shift = 0;
  if (over === 0n) return 0;
  while (over / under < 1n << 64n) { over <<= 64n; shift += 64; }
  const whole = over / under, rest = over % under ? 1n : 0n;
  const half = Math.floor(shift / 2), value = Number((whole << 1n) | rest) / 2 ** half / 2 ** (shift + 1 - half);
  return negative ? -value : value;
}

// A cell as people read it; an interval of a quantity by its ends.
function writeCell(finding, cell) {
  const it = findings[finding];
  if (it.kind === "yes_no") return cell ? "yes" : "no";
  if (it.kind === "choice") return it.values[cell];
  if (isPoint(finding, cell)) return it.written[cell];
  const before = cell > 0 ? it.ends[cell - 1] : null, after = it.ends[cell];
  return before === null ? (after === null ? "any" : `under ${after}`) : after === null ? `over ${before}` : `${before} to ${after}`;
}

// The cells of given texts; those that cannot be read, and findings for the record, are left out.
function placed(given) {
  const facts = new Int16Array(count).fill(-1);
  for (const [name, text] of Object.entries(given)) {
    const read = readValue(name, text);
    if (!read.problem && !findings[number.get(name)].record) facts[number.get(name)] = read.cell;
  }
  return facts;
}

const siteTexts = Object.fromEntries(Object.entries(data.site).map(([name, cell]) => [name, writeCell(number.get(name), cell)]));

return {
  assess, read: (name, text) => readValue(name, text), texts: data,
  // The follow-up questions that cannot matter, as the questions before them are answered.
  idle: (given) => {
    const facts = placed({ ...siteTexts, ...given }), known = background(facts), truths = new Truths(known ? known.known : facts, []);
    return findings.filter((it) => it.asked_if !== undefined && truths.of(it.asked_if) === FALSE).map((it) => it.name);
  },
  truths: (given) => {
    const its = background(placed(given));
    return its && [its.known, its.all].map((all) => { const truths = new Truths(all, []); return data.definitions.map((_, place) => truths.of([2, place])); });
  },
};
