// <gamify-profile>: level, EXP, coins and freezes; the goals of the day; what coins buy.

import { GamifyElement, bdi, bone, define, h, spoken, svg } from "./base.js";
import { Refreshing } from "./refreshing.js";
import { SHOP_STYLES, Shop, coin } from "./shop.js";

const STYLES = `${SHOP_STYLES}
.whole { display: grid; gap: calc(var(--_gap) * 1.5); }
.self { display: flex; align-items: center; gap: 20px; flex-wrap: wrap; }
.ring { position: relative; inline-size: 128px; block-size: 128px; flex: none; }
.ring svg { inline-size: 100%; block-size: 100%; transform: rotate(-90deg); }
.ring .rest { fill: none; stroke: var(--_sunken); }
.ring .done { fill: none; stroke: url(#heat); stroke-linecap: round; transition: stroke-dasharray 0.8s; }
.ring .number { position: absolute; inset: 0; display: grid; place-content: center; text-align: center; line-height: 1.1; }
.ring strong { font-size: 2.25rem; font-weight: 800; letter-spacing: -0.03em; }
.ring small { font-size: 0.75rem; font-weight: 600; color: var(--_muted); }
.stop-a { stop-color: var(--gamify-ring-start, #f5b53d); }
.stop-b { stop-color: var(--gamify-ring-end, #e8622c); }
.about-me { display: grid; gap: 6px; flex: 1 1 180px; min-inline-size: 0; }
.exp { font-size: 1.25rem; font-weight: 700; font-variant-numeric: tabular-nums; }
.has { display: flex; gap: 8px; flex-wrap: wrap; margin-block-start: 4px; }
.has li {
  display: inline-flex; align-items: center; gap: 8px; padding: 6px 14px 6px 10px; border-radius: 999px; font-weight: 700;
  background: var(--_sunken); font-variant-numeric: tabular-nums;
}
.ice { inline-size: 1.15em; block-size: 1.15em; color: var(--_ice); }
section { display: grid; gap: 10px; }
.section-head { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; flex-wrap: wrap; }
.goals { display: grid; gap: 16px 32px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
.goals li { display: grid; grid-template-columns: auto 1fr auto; gap: 2px 12px; align-items: center; }
.goals .check {
  grid-row: span 2; display: grid; place-items: center; inline-size: 36px; block-size: 36px; border-radius: 50%;
  color: var(--_muted); border: 2px solid var(--_line);
}
.goals .reached .check { color: var(--_raised); background: var(--_good); border-color: var(--_good); }
.goals .check svg { inline-size: 20px; block-size: 20px; visibility: hidden; }
.goals .reached .check svg { visibility: visible; }
.goals .words { min-inline-size: 0; }
.goals .far { font-weight: 700; font-variant-numeric: tabular-nums; text-align: end; }
.goals .reached .far { color: var(--_good); }
.goals .bar { grid-column: 2 / -1; block-size: 8px; border-radius: 999px; background: var(--_sunken); overflow: hidden; }
.goals .bar i { display: block; block-size: 100%; inline-size: var(--_share); border-radius: inherit; background: var(--gamify-ring-end, #e8622c); transition: inline-size 0.6s; }
.goals .reached .bar i { background: var(--_good); }
@container (max-width: 420px) {
  .self { gap: 16px; }
  .ring { inline-size: 104px; block-size: 104px; }
  .about-me { flex-basis: 140px; }
}
h4 { margin: 0; font-size: 1rem; line-height: 1.35; }
`;

const LENGTH = 100;

class Profile extends Refreshing(GamifyElement) {
  static styles = STYLES;
  static follows = ["gamify-redeemed"];

  constructor() {
    super();
    this.shop = new Shop(this, () => this.refresh());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.shop.dialog.close();
  }

  /** What earns EXP moves the board of the day, on which the user is. */
  get live() {
    const refresh = () => this.refresh();
    return { "board.moved": refresh, "level.up": refresh, "badge.earned": refresh };
  }

  get boards() {
    return ["exp:day:friends"];
  }

  async load() {
    const [profile, shop, today] = await Promise.all([
      this.get("gamify/profile"), this.get("gamify/rewards"), this.get("daily_goals"),
    ]);
    return { profile, shop, today };
  }

  skeleton() {
    return [spoken(this.t("loading")), h("div", { class: "card whole", "aria-hidden": "true" },
      h("div", { class: "self" }, h("div", { class: "bone", style: { "inline-size": "128px", "block-size": "128px", "border-radius": "50%" } }),
        h("div", { class: "about-me" }, bone("50%", "1.6em"), bone("80%"), bone("60%", "2.2em"))), bone("100%", "4em"), bone("100%", "4em"))];
  }

  render({ profile, shop, today }) {
    return h("div", { class: "card whole" },
      this.self(profile),
      today.goals.length > 0 && this.goals(today.goals),
      shop.rewards.length > 0 && h("section", { "aria-labelledby": "rewards" },
        h("div", { class: "section-head" }, h("h3", { id: "rewards" }, this.t("profile.rewards"))), this.shop.list(shop)));
  }

  self(profile) {
    const { exp, level, level_at: from, next_level_at: to, coins, freezes } = profile;
    const share = to === null ? 1 : (exp - from) / (to - from);
    const words = to === null ? this.t("profile.last_level") : this.t("profile.to_next", { n: to - exp, level: level + 1 });
    return h("div", { class: "self" },
      h("div", { class: "ring", part: "ring", role: "progressbar", "aria-label": this.t("profile.level", { n: level }),
        "aria-valuemin": from, "aria-valuemax": to ?? exp, "aria-valuenow": exp, "aria-valuetext": words },
      ring(share), h("div", { class: "number", "aria-hidden": "true" },
        h("small", {}, this.t("profile.level_word")), h("strong", {}, this.words.number(level)))),
      h("div", { class: "about-me" },
        h("h2", { class: "spoken" }, this.t("profile.level", { n: level })),
        h("p", { class: "exp" }, this.t("profile.exp", { n: exp })),
        h("p", { class: "muted" }, words),
        h("ul", { class: "has" },
          h("li", {}, coin(), this.t("shop.coins", { n: coins })),
          h("li", {}, snow(), this.t("profile.freezes", { n: freezes })))));
  }

  goals(goals) {
    const reached = goals.filter(({ done }) => done).length;
    return h("section", { "aria-labelledby": "goals" },
      h("div", { class: "section-head" },
        h("h3", { id: "goals" }, this.t("profile.goals")),
        h("span", { class: "small muted" }, this.t("badges.held_of", { n: reached, all: goals.length }))),
      h("ul", { class: "goals" }, goals.map((goal) => this.goal(goal))));
  }

  goal({ name, description, value, count, exp, done }) {
    const far = done ? this.t("profile.reached") : this.t("certificate.of", { value, n: count });
    return h("li", { class: done && "reached", part: "goal" },
      h("span", { class: "check", "aria-hidden": "true" }, tick()),
      h("div", { class: "words" }, h("h4", {}, bdi(name)),
        description && h("p", { class: "small muted" }, bdi(description))),
      h("div", { class: "far small" }, far, exp > 0 && h("div", { class: "muted" }, this.t("profile.earns", { n: exp }))),
      h("div", { class: "bar", role: "progressbar", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": count,
        "aria-valuenow": value, "aria-valuetext": far, style: { "--_share": `${(100 * value) / count}%` } }, h("i")));
  }
}

function ring(share) {
  const circle = { cx: 50, cy: 50, r: 44, "stroke-width": 9, pathLength: LENGTH };
  return svg("svg", { viewBox: "0 0 100 100", "aria-hidden": "true" },
    svg("linearGradient", { id: "heat", x1: 1, y1: 0, x2: 0, y2: 1 },
      svg("stop", { class: "stop-a", offset: 0 }), svg("stop", { class: "stop-b", offset: 1 })),
    svg("circle", { class: "rest", ...circle }),
    share > 0 && svg("circle", { class: "done", ...circle, "stroke-dasharray": `${share * LENGTH} ${LENGTH}` }));
}

function snow() {
  const arm = "M12 2v20M12 6 9.5 3.5M12 6l2.5-2.5M12 18l-2.5 2.5M12 18l2.5 2.5";
  return svg("svg", { class: "ice", viewBox: "0 0 24 24", "aria-hidden": "true" },
    [0, 60, 120].map((turn) => svg("path", { d: arm, transform: `rotate(${turn} 12 12)`, fill: "none",
      stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round" })));
}

function tick() {
  return svg("svg", { viewBox: "0 0 24 24" }, svg("path", { d: "M5 13l5 5 9-11", fill: "none", stroke: "currentColor",
    "stroke-width": 3, "stroke-linecap": "round", "stroke-linejoin": "round" }));
}

define("gamify-profile", Profile);
