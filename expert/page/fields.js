// The fields of the form. What people read reaches the page as text only, never as markup.

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;
const NOT_ASKED = "not asked";
const MOST_BUTTONS = 11;
const SVG = "http://www.w3.org/2000/svg";

// What does not print is shown as an escape.
const visible = (text) => String(text).replace(HIDDEN, (it) => `\\u{${it.codePointAt(0).toString(16)}}`);

// An element with attributes and with children, of which words become text.
function make(tag, attributes, ...children) {
  const it = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) it.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) it.setAttribute(name, value === true ? "" : value);
  }
  it.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== "")
    .map((child) => typeof child === "string" ? visible(child) : child));
  return it;
}

// One field: `text()` is what it holds, empty if it was not asked; `set` changes it.
class Field {
  constructor(name, onChange) {
    this.name = name;
    this.it = finding[name];
    this.onChange = onChange;
    this.problem = make("p", { class: "problem", id: `p-${name}`, hidden: true });
    this.idleNote = make("p", { class: "idle-note", hidden: true }, "Not needed, as other answers are.");
    const legend = make("legend", { id: `l-${name}` }, make("span", { class: "title" }, this.it.title),
      make("span", { class: "next-note" }, "Ask next"), make("span", { class: "ask" }, this.it.ask));
    this.element = make("fieldset", { class: "field", id: `f-${name}`, tabindex: "-1" }, legend, this.body(), this.problem, this.idleNote);
  }

  tell(problem) {
    this.problem.hidden = !problem;
    this.problem.textContent = visible(problem || "");
  }

  mark({ idle, next, problem }) {
    this.element.classList.toggle("idle", idle);
    this.element.classList.toggle("next", next);
    this.idleNote.hidden = !idle;
    this.tell(problem);
  }
}

// A field with a button for each value, and one for not asked.
class Buttons extends Field {
  body() {
    const values = ["", ...this.values()];
    this.radios = values.map((value, place) => {
      const id = `i-${this.name}-${place}`, input = make("input", { type: "radio", name: this.name, id, value, autocomplete: "off", onchange: this.onChange });
      return [input, make("label", { for: id }, value === "" ? NOT_ASKED : plain(value))];
    });
    this.radios[0][0].checked = true;
    return make("div", { class: "buttons" }, [...this.radios.slice(1), this.radios[0]].map((both) => make("span", {}, both)));
  }

  values() {
    if (this.it.kind === "quantity") return [...Array(this.it.range[1] - this.it.range[0] + 1).keys()].map((it) => String(it + this.it.range[0]));
    return this.it.kind === "yes_no" ? ["yes", "no"] : this.it.values;
  }

  text() {
    return this.radios.map(([input]) => input).find((input) => input.checked).value;
  }

  set(text) {
    const wanted = this.radios.find(([input]) => input.value === text) || this.radios[0];
    wanted[0].checked = true;
  }
}

// A field for an amount, with a button for each unit.
class Amount extends Field {
  body() {
    const id = `i-${this.name}`, units = unitsOf(this.it), own = Math.max(units.indexOf(this.it.unit), 0);
    this.input = make("input", { type: "text", id, inputmode: "decimal", autocomplete: "off", "aria-labelledby": `l-${this.name}`, "aria-describedby": `p-${this.name}`, maxlength: "40", oninput: this.onChange });
    this.units = units.map((unit, place) => {
      const input = make("input", { type: "radio", name: `${this.name}-unit`, id: `${id}-${place}`, value: unit, autocomplete: "off", onchange: this.onChange });
      input.checked = place === own;
      return [input, make("label", { for: `${id}-${place}` }, unit)];
    });
    const unit = units.length > 1 ? make("div", { class: "buttons units", role: "radiogroup", "aria-label": `Unit of ${this.it.title}` }, this.units.map((both) => make("span", {}, both)))
      : make("span", { class: "unit" }, units[0] || this.hint());
    return make("div", { class: "amount" }, this.input, unit);
  }

  hint() {
    return this.it.range[1] <= 1 ? "a share: 2/3, 67 % or 0.67" : "";
  }

  text() {
    const text = this.input.value.trim().replace(",", "."), unit = this.units.find(([input]) => input.checked);
    return text === "" || !unit || /[^\d.\s+/-]/.test(text) ? text : `${text} ${unit[0].value}`;
  }

  set(text) {
    const [, number, unit] = /^([\d.]+) (\S+)$/.exec(text) || [], button = this.units.find(([input]) => input.value === unit);
    this.input.value = button ? number : text;
    if (button) button[0].checked = true;
  }

  tell(problem) {
    super.tell(problem);
    this.input.setAttribute("aria-invalid", String(Boolean(problem)));
  }
}

// The units in which people may give a quantity: none much finer than its own, and none above its range.
function unitsOf(it) {
  const size = (factor) => factor.split("/").map(Number).reduce((top, bottom) => top / bottom);
  const own = it.unit ? size(texts.units[it.unit][2]) : 0, least = Math.max(it.resolution || 0, own / 31);
  const fitting = Object.values(texts.units).filter(([name, dimension, factor]) =>
    dimension === it.dimension && (name === it.unit || (size(factor) >= least && size(factor) <= it.range[1])));
  return it.unit ? unique(fitting.map(([name]) => name)) : [];
}

function isCounted(it) {
  return it.kind === "quantity" && !it.unit && it.resolution === 1 && it.range[0] >= 0 && it.range[1] - it.range[0] < MOST_BUTTONS;
}

function fieldFor(name, onChange) {
  const it = finding[name];
  return new (it.kind !== "quantity" || isCounted(it) ? Buttons : Amount)(name, onChange);
}
