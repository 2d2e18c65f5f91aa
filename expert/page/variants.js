// Many variants of one patient at once. A truth is two numbers, whose bits are the variants in which it holds and those
// in which it may hold. The values of a finding are one such number for each of its cells.

const BITS = { all: (one, other) => one & other, any: (one, other) => one | other };
const orAll = (masks) => masks.reduce((found, mask) => found | mask, 0n);

class Variants {
  // `given` are masks by finding and cell.
  constructor(given, whole) {
    this.whole = whole;
    this.values = given.map((cells) => cells.slice());
    this.defaults();
    this.possible = whole & ~this.forbidden();
    for (const [finding, cell, mask] of this.forced()) this.values[finding][cell] |= mask;
    this.forget();
    this.presume();
    this.forget();
  }

  forbidden() {
    return orAll(data.tied.flatMap((group) => group.nogoods.map((nogood) => this.met(nogood, -1))));
  }

  forget() {
    this.known = new Array(data.definitions.length);
  }

  unknown(finding) {
    return this.whole & ~orAll(this.values[finding]);
  }

  inCells(finding, cells) {
    return cells.reduce((found, cell) => found | this.values[finding][cell], 0n);
  }

  met(nogood, but) {
    let found = this.whole;
    for (const [finding, cells] of nogood) {
      if (finding !== but) found &= this.inCells(finding, cells);
      if (found === 0n) break;
    }
    return found;
  }

  ruledOut(group, finding, cell) {
    const own = group.nogoods.filter((nogood) => nogood.some(([name, cells]) => name === finding && cells.includes(cell)));
    return orAll(own.map((nogood) => this.met(nogood, finding)));
  }

  defaults() {
    findings.forEach((it, finding) => {
      if (it.default !== undefined) this.values[finding][it.default] |= this.unknown(finding);
    });
  }

  // Values that constraints force, as finding, cell and mask.
  forced() {
    const found = [];
    for (const group of data.tied) {
      for (const finding of group.names) {
        const open = this.unknown(finding);
        if (open === 0n) continue;
        const out = allCells[finding].map((cell) => this.ruledOut(group, finding, cell));
        out.forEach((own, cell) => {
          const mask = out.reduce((left, other, place) => left & (place === cell ? ~own : other), open);
          if (mask !== 0n && isPoint(finding, cell)) found.push([finding, cell, mask]);
        });
      }
    }
    return found;
  }

  presume() {
    const open = findings.map((it, finding) => it.usual === undefined ? 0n
      : this.unknown(finding) & (it.unless === undefined ? this.whole : ~this.of(it.unless)[0]));
    for (const group of data.tied) {
      for (const finding of group.usual) {
        const usual = findings[finding].usual;
        if (open[finding] !== 0n) open[finding] &= ~this.ruledOut(group, finding, usual);
        this.values[finding][usual] |= open[finding];
      }
    }
    findings.forEach((it, finding) => { if (it.usual !== undefined) this.values[finding][it.usual] |= open[finding]; });
  }

  // The variants in which a premise holds, and those in which it may.
  of(premise) {
    switch (premise[0]) {
      case 0: case 1: {
        const holds = this.inCells(premise[1], allCells[premise[1]].filter((cell) => within(premise, cell)));
        return [holds, holds | this.unknown(premise[1])];
      }
      case 2: return this.known[premise[1]] || (this.known[premise[1]] = this.of(data.definitions[premise[1]][1]));
      case 3: {
        const [holds, may] = this.of(premise[1]);
        return [this.whole & ~may, this.whole & ~holds];
      }
      case 6: {
        const [holds, may] = this.of(premise[1]);
        return [holds, holds | (may & ~this.of(premise[2])[0])];
      }
      case 7: return this.counted(premise, parts(premise).map((part) => this.of(part)));
    }
    let holds = premise[0] === 4 ? this.whole : 0n, may = holds;
    const join = premise[0] === 4 ? BITS.all : BITS.any;
    for (let place = 1; place < premise.length; place++) {
      const part = this.of(premise[place]);
      holds = join(holds, part[0]);
      may = join(may, part[1]);
    }
    return [holds, may];
  }

  // The variants in which a premise fails when what is unknown is as in some facts.
  refuted(premise, facts) {
    const other = Object.create(Variants.prototype);
    Object.assign(other, { whole: this.whole, values: this.values.map((cells, finding) => {
      if (facts[finding] < 0 || !cells.length) return cells;
      const open = this.unknown(finding);
      return open === 0n ? cells : cells.map((mask, cell) => cell === facts[finding] ? mask | open : mask);
    }) });
    other.forget();
    return this.whole & ~other.of(premise)[1] & ~other.forbidden();
  }

  counted([, least, most, points], its) {
    const sure = this.reaching(points, its.map((it) => it[0])), possible = this.reaching(points, its.map((it) => it[1]));
    const not = (mask) => this.whole & ~mask;
    if (most < 0) return [sure(least), possible(least)];
    return [sure(least) & not(possible(most + 1)), possible(least) & not(sure(most + 1))];
  }

  // The variants whose points reach a number.
  reaching(points, masks) {
    const total = points.reduce((sum, it) => sum + it, 0), found = new Array(total + 1).fill(0n);
    found[0] = this.whole;
    masks.forEach((mask, place) => {
      for (let sum = total; sum > 0; sum--) found[sum] |= mask & found[Math.max(0, sum - points[place])];
    });
    return (sum) => sum <= 0 ? this.whole : found[sum] || 0n;
  }
}

// --- what could change the answer -------------------------------------------------------------------------------------

const places = (mask) => {
  const bits = mask.toString(2), found = [];
  for (let at = bits.indexOf("1"); at >= 0; at = bits.indexOf("1", at + 1)) found.push(bits.length - 1 - at);
  return found;
};

// The changes of an unknown finding to a value, presumptions made anew, that lead to another step than the recommended
// one; and the pairs of changes that do so while neither does alone.
class Deviations {
  constructor(answer) {
    this.answer = answer;
    const { known, all } = answer.background;
    this.goals = steps.filter((step) => step !== answer.recommended);
    this.changes = data.order.filter((finding) => swaying.has(finding) && known[finding] < 0).flatMap((finding) =>
      allCells[finding].filter((cell) => cell !== all[finding] || linked(finding).size > 1).map((cell) => [finding, cell]));
    this.width = this.changes.length + 1;
  }

  // The rows, which are nothing or one change, each without and with every change. Those of `wanted` differ from the row.
  variants(rows) {
    const width = BigInt(this.width), given = cellsOf.map((cells) => new Array(cells).fill(0n));
    const block = (1n << width) - 1n, whole = (1n << BigInt(rows.length) * width) - 1n, first = whole / block;
    const own = new Map(), blocks = new Map();
    rows.forEach((change, row) => {
      if (change === null) return;
      const [finding] = this.changes[change], mask = block << BigInt(row) * width;
      own.set(change, mask);
      blocks.set(finding, (blocks.get(finding) || 0n) | mask);
    });
    this.answer.facts.forEach((cell, finding) => { if (cell >= 0) given[finding][cell] = whole; });
    let wanted = whole & ~first;
    this.changes.forEach(([finding, cell], change) => {
      const column = first << BigInt(change + 1), same = column & (blocks.get(finding) || 0n);
      given[finding][cell] = (column & ~same) | (own.get(change) || 0n);
      wanted &= ~same;
    });
    const variants = new Variants(given, whole);
    this.changes.forEach(([finding, cell], change) => {
      wanted &= ~((variants.values[finding][cell] & first) << BigInt(change + 1));
    });
    return { rows, variants, first, wanted: wanted & variants.possible };
  }

  // The wanted variants that lead to another step, as row, change and step. What is open is settled one by one, and the
  // completion that refutes one is tried on all.
  leading({ rows, variants, wanted }) {
    const found = [], at = (place) => [rows[Math.floor(place / this.width)], place % this.width - 1];
    for (const step of this.goals) {
      const goal = named("recommended", step), [holds, may] = variants.of(goal);
      places(holds & wanted).forEach((place) => found.push([...at(place), step]));
      let open = may & ~holds & wanted;
      while (open !== 0n) {
        const place = open.toString(2).length - 1, facts = this.answer.refuting(at(place).filter((it) => it !== null).map((it) => this.changes[it]), goal);
        if (facts === null) found.push([...at(place), step]);
        open &= ~(1n << BigInt(place)) & ~(facts ? variants.refuted(goal, facts) : 0n);
      }
    }
    return found;
  }

  alone() {
    this.single = this.leading(this.variants([null]));
    return this.listed(this.single.map(([, change, step]) => [change, step, null]));
  }

  // The pairs; a change of the reasons for which a step is not recommended is in each.
  together() {
    const leading = new Set(this.single.map(([, change]) => change)), { presumed, background } = this.answer;
    const reasons = new Set(this.goals.flatMap((step) => [...presumed.reasons(named("recommended", step))])
      .flatMap((finding) => [...linked(finding)]));
    const rows = [...this.changes.keys()].filter((change) => {
      const [finding, cell] = this.changes[change];
      return !leading.has(change) && reasons.has(finding) && background.all[finding] !== cell;
    });
    if (!rows.length) return [];
    const its = this.variants(rows), seen = new Set(), pairs = [];
    leading.forEach((change) => { its.wanted &= ~(its.first << BigInt(change + 1)); });
    for (const [row, change, step] of this.leading(its)) {
      const [one, other] = row < change ? [row, change] : [change, row], name = `${one} ${other}`;
      if (!seen.has(name)) pairs.push([one, step, other], [other, step, one]);
      seen.add(name);
    }
    const known = new Set([...leading].map((change) => this.changes[change][0]));
    return this.listed(pairs.filter(([change]) => !known.has(this.changes[change][0])));
  }

  listed(leads) {
    const found = new Map();
    for (const [change, step, partner] of leads) {
      const [finding, cell] = this.changes[change];
      if (!found.has(finding)) found.set(finding, { to: new Map(), partners: new Set() });
      found.get(finding).to.set(`${cell} ${step}`, { cell, value: writeCell(finding, cell), step });
      if (partner !== null) found.get(finding).partners.add(this.changes[partner][0]);
    }
    return data.order.filter((finding) => found.has(finding)).map((finding) => {
      const { to, partners } = found.get(finding), rank = (it) => it.cell * steps.length + steps.indexOf(it.step);
      return { finding: findings[finding].name, leads_to: [...to.values()].sort((one, other) => rank(one) - rank(other)),
        with: data.order.filter((it) => partners.has(it)).map((it) => findings[it].name) };
    });
  }
}
