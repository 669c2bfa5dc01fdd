// What all elements have in common: attributes, loading, its states, language, live events.

import { call } from "./api.js";
import { h, svg } from "./dom.js";
import { translator } from "./i18n.js";
import { listen } from "./live.js";
import { SHARED, sheet } from "./styles.js";

export { ApiError } from "./api.js";
export { bdi, h, spoken, svg } from "./dom.js";
export { addMessages, instant, Translator } from "./i18n.js";
export { sheet } from "./styles.js";

/** Where Gamify is mounted: the modules lie two steps below. */
const MOUNTED = new URL("../../", import.meta.url).href;
/** Where the modules lie, and the art beside them. */
export const HERE = new URL("./", import.meta.url).href;

const sheets = new WeakMap();

/**
 * The base of every element. A subclass has
 *
 * - `static styles`: its CSS, after the shared one (styles.js);
 * - `static attributes`: more attributes on whose change it loads again;
 * - `async load()`: fetches and answers its data; what it throws becomes the error state;
 * - `isEmpty(data)`: whether there is nothing to show, then `empty()` makes what is shown instead;
 * - `render(data)`: answers nodes; elements that may have focus carry `data-key`, by which focus is
 *   kept when they are made anew;
 * - `skeleton()`: what is shown while it loads for the first time;
 * - `get live()`: name of an event of the stream → `(data, id) => …`; and `get boards()`.
 *
 * In it `this.get`, `this.post`, `this.t` and `this.announce` are at hand. It fires `gamify-loaded`
 * and `gamify-error`. Attributes of all: `api`, `session`, `lang`, `dir`, `theme`.
 */
export class GamifyElement extends HTMLElement {
  static styles = "";
  static attributes = [];

  static get observedAttributes() {
    return ["api", "session", "lang", "dir", ...this.attributes];
  }

  constructor() {
    super();
    this.data = null;
    this.error = null;
    this.turn = 0;
    this.root = h("div", { class: "root", part: "root", tabindex: "-1" });
    this.voice = h("div", { class: "spoken", role: "status" });
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [SHARED, ownSheet(this.constructor)];
    shadow.append(this.root, this.voice);
  }

  connectedCallback() {
    this.restart();
  }

  disconnectedCallback() {
    this.turn++;
    this.aborted?.abort();
    this.unlisten?.();
    this.unlisten = null;
  }

  attributeChangedCallback(_name, before, after) {
    if (this.isConnected && before !== after) this.restart();
  }

  /** The API, with a slash at its end. */
  get api() {
    const given = this.getAttribute("api");
    return given ? new URL(given.replace(/\/*$/, "/"), document.baseURI).href : MOUNTED;
  }

  set api(value) {
    this.setAttribute("api", value);
  }

  get session() {
    return this.getAttribute("session");
  }

  set session(value) {
    if (value === null || value === undefined) this.removeAttribute("session");
    else this.setAttribute("session", value);
  }

  /** The language asked for: of the element, of what is around it, of the browser. */
  get language() {
    const around = this.closest("[lang]:not([lang=''])") ?? this.getRootNode().host?.closest("[lang]");
    return around?.lang || document.documentElement.lang || navigator.language || "en";
  }

  get live() {
    return {};
  }

  get boards() {
    return [];
  }

  async load() {
    return null;
  }

  isEmpty(_data) {
    return false;
  }

  render(_data) {
    return [];
  }

  // --- for subclasses -------------------------------------------------------------------------

  get(path, query) {
    return this.call(path, { query });
  }

  post(path, body = {}) {
    return this.call(path, { body });
  }

  /** See `call` of api.js. A call of an element that has gone, or moved on, is given up. */
  call(path, options) {
    const signal = options.body ? undefined : this.aborted?.signal;
    return call(this.api, path, { session: this.session, lang: this.language, signal, ...options });
  }

  /** The text of `key` in the element's language. */
  t(key, values) {
    return this.words.text(key, values);
  }

  /** Let screen readers say `text` when they have time. The same text twice is said twice. */
  announce(text) {
    this.voice.replaceChildren();
    setTimeout(() => this.voice.replaceChildren(text), 50);
  }

  /** Load again; what is shown stays until the answer is there. */
  async reload() {
    return this.start(false);
  }

  fire(name, detail) {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
  }

  // --- the states -----------------------------------------------------------------------------

  /** Begin anew: with other attributes nothing of what was known counts; once for all of them. */
  restart() {
    if (this.restarting) return;
    this.restarting = true;
    queueMicrotask(() => {
      this.restarting = false;
      if (this.isConnected) this.start(true);
    });
  }

  async start(fresh) {
    const turn = ++this.turn;
    this.aborted?.abort();
    this.aborted = new AbortController();
    if (fresh) this.data = null;
    const { language } = this;
    const words = await translator(language);
    if (turn !== this.turn) return;
    this.words = words;
    this.root.lang = words.lang;
    this.root.dir = this.closest("[dir]")?.dir || words.dir;
    if (fresh) this.attend();
    this.root.setAttribute("aria-busy", "true");
    if (this.data === null) this.show("loading", this.skeleton());
    try {
      const data = await this.load();
      if (turn !== this.turn) return;
      this.error = null;
      this.data = data;
      this.update();
      this.fire("gamify-loaded", { data });
    } catch (error) {
      if (turn !== this.turn) return;
      this.error = error;
      this.show("error", this.failure(error));
      this.fire("gamify-error", { error });
    } finally {
      if (turn === this.turn) this.root.removeAttribute("aria-busy");
    }
  }

  /** Show the data as they are now. */
  update() {
    const empty = this.isEmpty(this.data);
    this.show(empty ? "empty" : "ready", empty ? this.empty() : this.render(this.data));
  }

  /** `state` is also the element's attribute `state`, for the page's CSS. Keeps the focus. */
  show(state, nodes) {
    const focused = this.shadowRoot.activeElement;
    const key = focused?.dataset.key;
    const inside = focused && focused !== this.root && this.root.contains(focused);
    this.setAttribute("state", state);
    this.root.replaceChildren(...[nodes].flat(Infinity).filter(Boolean));
    if (!inside) return;
    const again = key && this.root.querySelector(`[data-key="${CSS.escape(key)}"]`);
    (again || this.root).focus({ preventScroll: true });
  }

  attend() {
    this.unlisten?.();
    const on = this.live;
    if (!Object.keys(on).length) return;
    this.unlisten = listen(this.api, this.session, { reset: () => (this.refresh ?? this.reload).call(this), ...on }, this.boards);
  }

  skeleton() {
    return [
      h("span", { class: "spoken" }, this.t("loading")),
      h("div", { class: "stack", "aria-hidden": "true" },
        bone("60%", "1.5em"), bone("100%", "5em"), bone("100%", "5em")),
    ];
  }

  empty() {
    return this.sign("empty", "M12 3l2.6 5.6 6 .7-4.5 4.1 1.2 6L12 16.4 6.7 19.4l1.2-6L3.4 9.3l6-.7z",
      h("p", {}, this.t("empty")));
  }

  failure(error) {
    const said = error.kind === "refused" || error.kind === "conflict" ? error.message : "";
    const isFinal = ["session", "forbidden", "missing"].includes(error.kind);
    const retry = h("button", { type: "button", class: isFinal && "quiet", dataset: { key: "retry" }, on: { click: () => this.reload() } },
      this.t("retry"));
    const words = h("p", { role: "alert" }, said || this.t(`error.${error.kind ?? "other"}`));
    if (!error.kind) console.error(error);
    return this.sign("error", "M12 7v6m0 3.5v.5M12 2.5 22 20H2z", words, retry);
  }

  /** A sign, the path of an icon of 24 px, above a few words. */
  sign(kind, path, ...nodes) {
    const icon = svg("svg", { viewBox: "0 0 24 24", width: 28, height: 28, "aria-hidden": "true" },
      svg("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 2,
        "stroke-linejoin": "round", "stroke-linecap": "round" }));
    return h("div", { class: `state ${kind}` }, h("span", { class: "sign" }, icon), nodes);
  }
}

/** A grey bar where something will be. */
export function bone(width, height) {
  return h("div", { class: "bone", style: { "inline-size": width, "block-size": height } });
}

/** Give an element its name; a page may load a module twice. */
export function define(name, element) {
  if (!customElements.get(name)) customElements.define(name, element);
}

function ownSheet(element) {
  if (!sheets.has(element)) sheets.set(element, sheet(element.styles));
  return sheets.get(element);
}
