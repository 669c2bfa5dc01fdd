// <gamify-unlock>: celebrates badges and levels as they are earned, one after the other, each once.

import { GamifyElement, bdi, define, h, svg } from "./base.js";
import { confetti } from "./confetti.js";
import { MEDAL_STYLES, medal } from "./medal.js";
import { claim } from "./once.js";

const SHOWN = 7000;
const GONE = 260;
/** So often it looks whether a dialog that was in the way is closed. */
const LOOK_AGAIN = 500;

const STYLES = `${MEDAL_STYLES}
:host { display: contents; }
.stage {
  position: fixed; inset: 0; inline-size: 100%; block-size: 100%; max-inline-size: none; max-block-size: none;
  margin: 0; padding: 16px; border: 0; overflow: hidden; pointer-events: none; color: var(--_text);
  background: #2a180a47;
}
.stage:popover-open { display: grid; place-items: center; animation: fade 0.25s; }
.stage canvas { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; }
.party {
  position: relative; display: grid; justify-items: center; gap: 6px; inline-size: min(100%, 360px); padding: 28px 24px 22px;
  text-align: center; background: var(--_raised); border: 1px solid var(--_line); border-radius: 28px; overflow: clip;
  box-shadow: 0 24px 70px #3b1f0055; pointer-events: auto; cursor: pointer; overflow-wrap: anywhere;
  animation: arrive 0.55s cubic-bezier(0.2, 1.4, 0.4, 1);
}
.leaving .party { animation: leave 0.26s ease-in forwards; }
.rays {
  position: absolute; inset-block-start: -66px; inset-inline-start: 50%; inline-size: 380px; block-size: 380px;
  margin-inline-start: -190px; opacity: 0.55; color: var(--_color, var(--_gold)); animation: turn 24s linear infinite;
}
.hero { position: relative; margin-block: 4px 10px; animation: land 0.7s 0.12s cubic-bezier(0.2, 1.5, 0.4, 1) backwards; }
.hero .medal { --_medal: 152px; filter: drop-shadow(0 8px 14px #0003); }
.hero .level { inline-size: 152px; block-size: 152px; filter: drop-shadow(0 8px 14px #0003); }
.hero .level text { font: 800 52px var(--_font); fill: #6b3d00; text-anchor: middle; }
.party .eyebrow {
  position: relative; font-size: 0.8125rem; font-weight: 700; letter-spacing: 0.06em; text-transform: uppercase; color: var(--_accent);
}
.party h2 { position: relative; font-size: 1.5rem; }
.party p { position: relative; }
.party button { position: relative; margin-block-start: 14px; min-inline-size: 140px; }
@keyframes fade { from { opacity: 0; } }
@keyframes arrive { from { transform: translateY(40px) scale(0.8); opacity: 0; } }
@keyframes leave { to { transform: translateY(-16px) scale(0.94); opacity: 0; } }
@keyframes land { from { transform: scale(0) rotate(-40deg); } }
@keyframes turn { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) {
  .party { animation: fade 0.4s !important; }
  .leaving .party { animation: calm 0.26s forwards !important; }
  .hero, .rays { animation: none !important; }
}
@keyframes calm { to { opacity: 0; } }
`;

class Unlock extends GamifyElement {
  static styles = STYLES;

  constructor() {
    super();
    this.waiting = [];
    this.stage = h("div", { class: "stage", part: "stage", popover: "manual" });
    this.shadowRoot.append(this.stage);
    this.onKey = (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.dismiss();
    };
    this.onVisible = () => this.next();
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.onVisible);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.onVisible);
    this.waiting = [];
    clearTimeout(this.later);
    this.leave();
  }

  get live() {
    return {
      "badge.earned": (data) => this.celebrate({ badge: data }),
      "level.up": (data) => this.celebrate({ level: data }),
    };
  }

  isEmpty() {
    return true;
  }

  empty() {
    return [];
  }

  skeleton() {
    return [];
  }

  /** How long each stays, in milliseconds. 0: until it is dismissed. */
  get duration() {
    const given = Number.parseInt(this.getAttribute("duration") ?? "", 10);
    return Number.isNaN(given) ? SHOWN : given;
  }

  /**
   * Celebrate what was earned, after what waits already: `{badge}` or `{level}`, with the data of the
   * events `badge.earned` and `level.up`. What was celebrated before is left out.
   */
  celebrate(earned) {
    this.waiting.push(earned);
    this.next();
  }

  /** What was to be celebrated before the texts were there is, once they are. */
  async start(fresh) {
    await super.start(fresh);
    this.next();
  }

  /** Nobody celebrates in a window that nobody sees, or above a dialog that asks something: it waits. */
  async next() {
    if (this.busy || document.hidden || !this.words || !this.waiting.length) return;
    clearTimeout(this.later);
    if (isModal(document)) {
      this.later = setTimeout(() => this.next(), LOOK_AGAIN);
      return;
    }
    this.busy = true;
    const earned = this.waiting.shift();
    const isNew = await claim(keyOf(earned));
    const wanted = isNew && this.isConnected && this.fire("gamify-unlock", earned);
    const shown = wanted && (earned.level ? this.ofLevel(earned.level) : this.ofBadge(await this.told(earned.badge)));
    this.busy = false;
    if (shown && this.isConnected) this.present(shown);
    else this.next();
  }

  /** The badge in the reader's language; as the event has it, where the API does not answer. */
  async told(badge) {
    try {
      const families = await this.get("gamify/badges");
      for (const { badges } of families) {
        const found = badges.find(({ code }) => code === badge.code);
        if (found) return { ...found, description: found.achieved_description, levels: badges.length };
      }
    } catch {
      // The celebration need not wait for it.
    }
    return { ...badge, icon: badge.icon_name };
  }

  ofBadge(badge) {
    return {
      color: badge.color, title: badge.name ?? "", text: badge.description, eyebrow: this.t("unlock.badge"),
      hero: medal({ icon: badge.icon, level: badge.level, levels: badge.levels, icons: this.getAttribute("icons") }),
    };
  }

  ofLevel({ level, reward }) {
    return {
      title: this.t("unlock.level", { n: level }), eyebrow: this.t("unlock.level_up"), hero: shield(this.words.number(level)),
      text: reward > 0 ? this.t("unlock.reward", { n: reward }) : this.t("unlock.go_on"),
    };
  }

  present({ color, title, text, eyebrow, hero }) {
    this.busy = true;
    const party = h("div", { class: "party", part: "card", style: color ? { "--_color": color } : {},
      on: { click: () => this.dismiss(), pointerenter: () => this.stay(), pointerleave: () => this.hurry(),
        focusin: () => this.stay(), focusout: () => this.hurry() } },
    rays(), h("p", { class: "eyebrow" }, eyebrow), h("div", { class: "hero" }, hero),
    h("h2", {}, bdi(title)), text && h("p", { class: "muted" }, bdi(text)),
    h("button", { type: "button" }, this.t("unlock.fine")));
    const canvas = h("canvas", { "aria-hidden": "true" });
    this.stage.lang = this.root.lang;
    this.stage.dir = this.root.dir;
    this.stage.replaceChildren(party, canvas);
    this.stage.classList.remove("leaving");
    this.stage.showPopover();
    this.announce(`${eyebrow} ${title}. ${text ?? ""}`);
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.endConfetti = confetti(canvas);
    document.addEventListener("keydown", this.onKey, true);
    this.hurry();
  }

  stay() {
    clearTimeout(this.timer);
  }

  hurry() {
    clearTimeout(this.timer);
    if (this.duration && this.busy) this.timer = setTimeout(() => this.dismiss(), this.duration);
  }

  /** Take away what is shown; what waits comes next. */
  dismiss() {
    if (!this.stage.matches(":popover-open") || this.stage.classList.contains("leaving")) return;
    this.stage.classList.add("leaving");
    clearTimeout(this.timer);
    this.going = setTimeout(() => { // a timer of its own: a pointer that it moves under must not keep it
      this.leave();
      this.next();
    }, GONE);
  }

  leave() {
    clearTimeout(this.timer);
    clearTimeout(this.going);
    this.endConfetti?.();
    this.endConfetti = null;
    document.removeEventListener("keydown", this.onKey, true);
    if (this.stage.matches(":popover-open")) this.stage.hidePopover();
    this.stage.replaceChildren();
    this.busy = false;
  }
}

/** Whether a dialog keeps all else from being clicked: a celebration above it would hand clicks on to it. */
function isModal(root) {
  const shadows = [...root.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot).filter(Boolean);
  return root.querySelector("dialog:modal") !== null || shadows.some(isModal);
}

/** What was earned, and when: a badge may come again for another context, in another instant. */
function keyOf({ badge, level }) {
  return level ? `${level.user_id} level ${level.level} ${level.at}` : `${badge.user_id} ${badge.code} ${badge.at}`;
}

function rays() {
  const blades = Array.from({ length: 12 }, (_, i) =>
    svg("path", { d: "M100 100 92 0h16z", transform: `rotate(${i * 30} 100 100)`, fill: "url(#fading)" }));
  return svg("svg", { class: "rays", viewBox: "0 0 200 200", "aria-hidden": "true" },
    svg("radialGradient", { id: "fading", gradientUnits: "userSpaceOnUse", cx: 100, cy: 100, r: 96 },
      svg("stop", { offset: 0.3, "stop-color": "currentColor", "stop-opacity": 0.5 }),
      svg("stop", { offset: 1, "stop-color": "currentColor", "stop-opacity": 0 })),
    blades);
}

function shield(number) {
  const star = "M76 6l17 14 22-3 8 21 21 8-3 22 14 17-14 17 3 22-21 8-8 21-22-3-17 14-17-14-22 3-8-21-21-8 3-22L-3 85l14-17-3-22 21-8 8-21 22 3z";
  return svg("svg", { class: "level", viewBox: "-8 0 168 170", "aria-hidden": "true" },
    svg("linearGradient", { id: "gold", x1: 0, y1: 0, x2: 1, y2: 1 },
      svg("stop", { offset: 0, "stop-color": "#fff0a8" }), svg("stop", { offset: 0.5, "stop-color": "#f5b82e" }),
      svg("stop", { offset: 1, "stop-color": "#c67d08" })),
    svg("path", { d: star, fill: "url(#gold)", stroke: "#a86505", "stroke-width": 4, "stroke-linejoin": "round" }),
    svg("circle", { cx: 76, cy: 85, r: 50, fill: "#fff5cf", stroke: "#d9950f", "stroke-width": 4 }),
    svg("text", { x: 76, y: 103, textLength: number.length > 3 ? 84 : null, lengthAdjust: "spacingAndGlyphs" }, number));
}

define("gamify-unlock", Unlock);
