// <gamify-badges>: the gallery of badges, by family, with the certificate of each.

import { GamifyElement, bdi, bone, define, h, spoken } from "./base.js";
import { certificate } from "./certificate.js";
import { MEDAL_STYLES, medal } from "./medal.js";
import { Refreshing } from "./refreshing.js";

const STYLES = `${MEDAL_STYLES}
.head { display: flex; align-items: baseline; justify-content: space-between; gap: 12px; flex-wrap: wrap; }
.grid { display: grid; gap: var(--_gap); grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
.family { display: grid; gap: 14px; align-content: start; container-type: inline-size; }
.family .top { display: flex; justify-content: space-between; align-items: center; gap: 12px; }
.family .chip { flex: none; }
.medals { display: flex; flex-wrap: wrap; gap: 2px; margin-inline: -4px; }
.medals li { position: relative; }
.medals button {
  position: relative; display: block; min-block-size: 0; padding: 3px; color: inherit; background: none;
  border: 0; border-radius: 18px;
}
.medals .medal { --_medal: clamp(46px, 17cqi, 68px); }
button:hover .medal { transform: translateY(-2px) rotate(-2deg); }
.medal { transition: transform 0.15s; }
.tip {
  position: absolute; z-index: 2; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%);
  pointer-events: none;
}
button:hover .tip, button:focus-visible .tip {
  inset-block-end: calc(100% + 2px); inset-inline-start: 50%; translate: -50% 0; clip-path: none;
  inline-size: max-content; max-inline-size: 160px; block-size: auto; padding: 4px 10px; border-radius: 8px;
  font-size: 0.8125rem; font-weight: 600; line-height: 1.35; color: var(--_surface); background: var(--_text);
}
[dir="rtl"] button .tip { translate: 50% 0 !important; }
.medals li:nth-child(-n + 2) button .tip { inset-inline: 0 auto; translate: 0 0 !important; }
.medals li:nth-last-child(-n + 2):not(:nth-child(-n + 2)) button .tip { inset-inline: auto 0; translate: 0 0 !important; }
.new {
  position: absolute; inset-block-start: -2px; inset-inline-end: -4px; z-index: 1; padding: 0 7px; border-radius: 999px;
  font-size: 0.6875rem; font-weight: 700; line-height: 1.6; color: #fff; background: #c02a5b;
  box-shadow: 0 0 0 2px var(--_raised); animation: pop 0.5s cubic-bezier(0.3, 1.6, 0.6, 1) backwards;
}
@keyframes pop { from { transform: scale(0); } }
.bar { block-size: 8px; border-radius: 999px; background: var(--_sunken); overflow: hidden; }
.bar i {
  display: block; block-size: 100%; inline-size: var(--_share); border-radius: inherit;
  background: var(--_color, var(--_accent)); transition: inline-size 0.6s;
}
.specials ul { display: grid; gap: 16px 8px; grid-template-columns: repeat(auto-fill, minmax(5.5rem, 1fr)); }
.specials li { position: relative; }
.specials button {
  position: relative; display: grid; justify-items: center; gap: 8px; inline-size: 100%; min-block-size: 0; padding: 4px;
  color: inherit; background: none; border: 0; border-radius: 18px; font-size: 0.8125rem; line-height: 1.3;
  hyphens: auto; hyphenate-limit-chars: 10 4 4;
}
.specials .medal { --_medal: 64px; }
.specials .new { inset-inline-end: calc(50% - 44px); }
.specials .locked ~ .name { color: var(--_muted); font-weight: 500; }
.done { color: var(--_good); font-weight: 600; }
dialog {
  inline-size: min(100% - 24px, 420px); max-block-size: min(85dvb, 720px); padding: 0; overflow: auto;
  color: var(--_text); background: var(--_raised); border: 1px solid var(--_line); border-radius: calc(var(--_radius) + 6px);
  box-shadow: 0 20px 60px #0005; overscroll-behavior: contain;
}
dialog::backdrop { background: #1a120b99; backdrop-filter: blur(2px); }
dialog[open] { animation: rise 0.2s; }
@keyframes rise { from { transform: translateY(12px); opacity: 0; } }
.sheet { display: grid; gap: 14px; padding: 24px; justify-items: center; text-align: center; }
.sheet .medal { --_medal: 132px; }
.sheet h2 + p { margin-block-start: -8px; }
.facts { inline-size: 100%; display: grid; text-align: start; border-block-start: 1px solid var(--_line); }
.facts > div {
  display: flex; justify-content: space-between; gap: 16px; padding: 9px 2px; border-block-end: 1px solid var(--_line);
}
.facts dt { color: var(--_muted); flex: none; max-inline-size: 50%; }
.facts dd { font-weight: 600; text-align: end; }
.facts .met { color: var(--_good); }
.waiting { inline-size: 100%; display: grid; gap: 8px; }
`;

class Badges extends Refreshing(GamifyElement) {
  static styles = STYLES;
  static attributes = ["username", "icons"];

  constructor() {
    super();
    this.dialog = h("dialog", { part: "dialog", "aria-labelledby": "title" });
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("close", () => this.closed());
    this.shadowRoot.append(this.dialog);
    this.sight = new IntersectionObserver((seen) => seen.some((it) => it.isIntersecting) && this.seen());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.sight.disconnect();
    this.dialog.close();
  }

  get username() {
    return this.getAttribute("username");
  }

  get live() {
    return this.username ? {} : { "badge.earned": () => this.refresh() };
  }

  async load() {
    const { username } = this;
    if (!username) return this.get("gamify/badges");
    const families = await this.get(`friend_badges/${encodeURIComponent(username)}`);
    for (const { badges } of families) for (const badge of badges) badge.icon = badge.icon_name;
    return families;
  }

  isEmpty(families) {
    return !families.length;
  }

  empty() {
    const words = this.username ? "badges.none_of_friend" : "badges.none";
    return this.sign("empty", "M12 15a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM8.5 14 7 21l5-2.5 5 2.5-1.5-7", h("p", {}, this.t(words)));
  }

  skeleton() {
    const card = () => h("div", { class: "card family" }, bone("45%", "1.3em"), bone("100%", "8px"), bone("100%", "56px"));
    return [spoken(this.t("loading")),
      h("div", { class: "grid", "aria-hidden": "true" }, card(), card(), card(), card())];
  }

  render(families) {
    const all = families.flatMap(({ badges }) => badges);
    const held = all.filter(({ achieved }) => achieved);
    this.sight.disconnect();
    if (!this.username && held.some((badge) => !badge.is_shown)) this.sight.observe(this);
    const count = this.username ? this.t("badges.count", { n: held.length })
      : this.t("badges.count_of", { n: held.length, all: all.length });
    return h("section", { class: "stack", "aria-labelledby": "head" },
      h("div", { class: "head" },
        h("h2", { id: "head", part: "title" }, this.t("badges.title")), h("p", { class: "muted" }, count)),
      this.groups(families));
  }

  /** Ladders have a card each; badges of one level share one, which comes first if it has the newest. */
  groups(families) {
    const isSingle = ({ badges }) => badges.length === 1 && !this.username;
    const ladders = families.filter((family) => !isSingle(family));
    const singles = families.filter(isSingle);
    const groups = [
      ladders.length > 0 && h("div", { class: "grid" }, ladders.map((family) => this.ladder(family))),
      singles.length > 0 && this.specials(singles),
    ];
    return isSingle(families[0]) ? groups.reverse() : groups;
  }

  specials(families) {
    const held = families.filter(({ badges: [badge] }) => badge.achieved).length;
    return h("article", { class: "card family specials", part: "family" },
      h("div", { class: "top" }, h("h3", {}, this.t("badges.special")), this.chip(held, families.length)),
      h("ul", {}, families.map((family) => {
        const [badge] = family.badges;
        return h("li", { style: colored(badge) }, this.button(family, badge, true,
          h("span", { class: "name", "aria-hidden": "true" }, bdi(badge.name ?? family.name))));
      })));
  }

  chip(held, all) {
    return h("span", { class: "chip" }, this.t("badges.held_of", { n: held, all }));
  }

  ladder(family) {
    const { badges } = family;
    const next = badges.find((badge) => !badge.achieved);
    const held = badges.filter(({ achieved }) => achieved).length;
    return h("article", { class: "card family", part: "family", style: colored(badges[0]) },
      h("div", { class: "top" },
        h("h3", {}, bdi(family.name)), !this.username && this.chip(held, badges.length)),
      !this.username && this.progress(family, next),
      h("ul", { class: "medals" }, badges.map((badge) => h("li", {}, this.button(
        family, badge, badge === next, h("span", { class: "tip", "aria-hidden": "true" }, bdi(badge.name ?? family.name)))))));
  }

  progress(family, next) {
    if (!next) return h("p", { class: "small done" }, this.t("badges.complete"));
    const value = Math.max(0, Math.min(family.current_value, next.threshold));
    const words = this.t("badges.progress", { n: next.threshold, value, name: next.name ?? family.name });
    return h("div", { class: "stack", style: { gap: "6px" } },
      h("div", { class: "bar", role: "progressbar", "aria-label": family.name, "aria-valuemin": 0,
        "aria-valuemax": next.threshold, "aria-valuenow": value, "aria-valuetext": words,
        style: { "--_share": `${(100 * value) / next.threshold}%` } }, h("i")),
      h("p", { class: "small muted" }, words));
  }

  button(family, badge, isNext, name) {
    const levels = family.badges.length;
    const fresh = badge.achieved && !badge.is_shown && !this.username;
    const standing = badge.achieved ? this.t("badges.earned") : this.t("badges.locked");
    const share = isNext ? family.current_value / badge.threshold : 0;
    return h("button", { type: "button", part: "medal", "aria-haspopup": "dialog",
      dataset: { key: badge.code ?? `${family.name} ${badge.level}` },
      on: { click: () => this.open(family, badge) } },
    medal({ icon: badge.icon, level: badge.level, levels: this.username ? 5 : levels, locked: !badge.achieved,
      share: Math.min(1, share), icons: this.icons }),
    fresh && h("span", { class: "new", "aria-hidden": "true" }, this.t("badges.new")),
    name,
    spoken([badge.name ?? family.name, standing, fresh && this.t("badges.new")].filter(Boolean).join(", ")));
  }

  /** The folder of the pictures, if they are not ours. */
  get icons() {
    return this.getAttribute("icons");
  }

  // --- what is new ----------------------------------------------------------------------------

  /** The user looks at them: from the next time on nothing is new. */
  async seen() {
    this.sight.disconnect();
    try {
      await this.post("badges/mark_all_seen");
      this.fire("gamify-badges-seen");
    } catch {
      // They stay new, and the next visit tries again.
    }
  }

  // --- the certificate ------------------------------------------------------------------------

  open(family, badge) {
    this.opened = badge.code ?? `${family.name} ${badge.level}`;
    this.dialog.lang = this.root.lang;
    this.dialog.dir = this.root.dir;
    this.fill(family, badge, badge.code ? h("div", { class: "waiting" }, bone("100%"), bone("100%"), bone("70%")) : this.known(badge));
    if (!this.dialog.open) this.dialog.showModal();
    this.fire("gamify-badge-opened", { badge });
    if (badge.code) this.explain(family, badge);
  }

  fill(family, badge, facts) {
    const name = badge.name ?? family.name;
    const text = badge.achieved ? badge.achieved_description : badge.unachieved_description;
    const share = Math.max(0, Math.min(1, (family.current_value ?? 0) / badge.threshold));
    this.dialog.replaceChildren(h("div", { class: "sheet", style: colored(badge) },
      medal({ icon: badge.icon, level: badge.level, levels: this.username ? 5 : family.badges.length, locked: !badge.achieved, share, icons: this.icons }),
      badge.hidden && h("span", { class: "chip" }, this.t("badges.hidden")),
      h("h2", { id: "title" }, bdi(name)), h("p", { class: "muted" }, bdi(text)), facts,
      h("button", { type: "button", class: "quiet", autofocus: true, on: { click: () => this.dialog.close() } }, this.t("close"))));
  }

  async explain(family, badge) {
    const asked = this.opened;
    let facts;
    try {
      facts = certificate(this.words, this.data, family, badge, await this.get(`badges/${encodeURIComponent(badge.code)}/explain`));
    } catch (error) {
      if (error.name === "AbortError") return;
      const retry = h("button", { type: "button", on: { click: () => this.open(family, badge) } }, this.t("retry"));
      facts = h("div", { class: "waiting", role: "alert" }, h("p", {}, this.t(`error.${error.kind ?? "other"}`)), retry);
    }
    if (asked !== this.opened || !this.dialog.open) return;
    this.fill(family, badge, facts);
    this.dialog.querySelector("[autofocus]")?.focus({ preventScroll: true });
  }

  known(badge) {
    return badge.achieved_at ? h("p", { class: "done" }, this.t("badges.on", { date: this.words.date(badge.achieved_at) })) : null;
  }

  closed() {
    const key = this.opened;
    this.opened = null;
    if (key && this.isConnected) this.root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }
}

function colored({ color }) {
  return color ? { "--_color": color } : {};
}

define("gamify-badges", Badges);
