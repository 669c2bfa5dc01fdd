// Buying a reward: asks, says what it costs, and buys once, at that price, however often a click or a try is repeated.

import { bdi, h, svg } from "./base.js";

export const SHOP_STYLES = `
.rewards { display: grid; gap: 10px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17.5rem), 1fr)); }
.rewards li {
  display: grid; grid-template-columns: 1fr auto; align-items: center; gap: 4px 14px; padding: 14px 16px;
  border-radius: 14px; background: var(--_sunken);
}
.rewards .what { display: grid; gap: 2px; min-inline-size: 0; }
.rewards .why { font-weight: 600; color: var(--_muted); text-align: end; max-inline-size: 8.5em; }
.rewards .about { display: flex; gap: 4px 12px; flex-wrap: wrap; }
.coin { inline-size: 1.15em; block-size: 1.15em; flex: none; }
.price { display: inline-flex; align-items: center; gap: 6px; font-variant-numeric: tabular-nums; white-space: nowrap; }
dialog {
  inline-size: min(100% - 24px, 380px); padding: 24px; color: var(--_text); background: var(--_raised);
  border: 1px solid var(--_line); border-radius: calc(var(--_radius) + 6px); box-shadow: 0 20px 60px #0005;
}
dialog::backdrop { background: #1a120b99; backdrop-filter: blur(2px); }
dialog .ask { display: grid; gap: 12px; justify-items: center; text-align: center; overflow-wrap: anywhere; }
dialog .big { font-size: 1.5rem; font-weight: 800; }
dialog .buttons { display: flex; flex-wrap: wrap; justify-content: center; gap: 10px; margin-block-start: 6px; }
dialog .wrong { padding: 10px 14px; border-radius: 12px; color: var(--_bad); background: var(--_bad-soft); font-weight: 600; }
dialog .tick { color: var(--_good); animation: tick 0.5s cubic-bezier(0.3, 1.6, 0.6, 1); }
@keyframes tick { from { transform: scale(0); } }
`;

/** A coin, beside its number. */
export function coin() {
  return svg("svg", { class: "coin", viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("circle", { cx: 12, cy: 12, r: 11, fill: "#c67d08" }),
    svg("circle", { cx: 12, cy: 12, r: 9, fill: "#fbc944" }),
    svg("path", { d: "M12 6.5l1.7 3.6 3.9.5-2.9 2.7.8 3.9-3.5-1.9-3.5 1.9.8-3.9-2.9-2.7 3.9-.5z", fill: "#fff6d6" }));
}

/** Why somebody with so many coins cannot have `reward`, as a key and values of a text; null if one can. */
export function obstacle(reward, coins) {
  if (reward.stock === 0) return ["shop.sold_out"];
  if (reward.per_user !== null && reward.bought >= reward.per_user) return ["shop.limit", { n: reward.per_user }];
  if (coins < reward.cost) return ["shop.more_coins", { n: reward.cost - coins }];
  return null;
}

/** The dialog in which `element`, a GamifyElement, sells rewards. After a purchase it calls `bought`. */
export class Shop {
  constructor(element, bought) {
    this.element = element;
    this.bought = bought;
    this.dialog = h("dialog", { part: "dialog", "aria-labelledby": "ask" });
    this.dialog.addEventListener("close", () => this.closed());
    element.shadowRoot.append(this.dialog);
  }

  /** The list of what is to be had. */
  list({ rewards, coins }) {
    return h("ul", { class: "rewards" }, rewards.map((reward) => this.row(reward, coins)));
  }

  row(reward, coins) {
    const { element: it } = this;
    const why = obstacle(reward, coins);
    return h("li", { part: "reward" },
      h("div", { class: "what" },
        h("h4", {}, bdi(reward.name)),
        reward.description && h("p", { class: "small muted" }, bdi(reward.description)),
        h("p", { class: "about small muted" },
          h("span", { class: "price" }, coin(), it.t("shop.coins", { n: reward.cost })),
          reward.stock > 0 && h("span", {}, it.t("shop.left", { n: reward.stock })),
          reward.ends_at && h("span", {}, it.t("shop.until", { date: it.words.date(reward.ends_at) })))),
      why ? h("p", { class: "why small" }, it.t(...why))
        : h("button", { type: "button", dataset: { key: `reward ${reward.code}` },
          "aria-haspopup": "dialog", on: { click: () => this.ask(reward, coins) } },
        it.t("shop.redeem"), h("span", { class: "spoken" }, ` ${reward.name}`)));
  }

  ask(reward, coins) {
    this.reward = reward;
    this.key = newKey();
    this.dialog.lang = this.element.root.lang;
    this.dialog.dir = this.element.root.dir;
    this.offer(coins);
    if (!this.dialog.open) this.dialog.showModal();
  }

  offer(coins, wrong = null, yes = wrong ? "retry" : "shop.buy") {
    const { element: it, reward } = this;
    const buy = h("button", { type: "button", on: { click: () => this.buy(buy, coins) } }, it.t(yes));
    this.fill(
      h("p", { class: "price big" }, coin(), it.words.number(reward.cost)),
      h("h2", { id: "ask" }, it.t("shop.ask", { name: reward.name })),
      h("p", { class: "muted" }, it.t("shop.after", { n: coins - reward.cost })),
      wrong && h("p", { class: "wrong", role: "alert" }, wrong),
      h("div", { class: "buttons" }, this.close("shop.not_now"), buy));
  }

  /** The key stays the same while one tries, so that what came through unheard is not paid twice. */
  async buy(button, coins) {
    const { element: it, reward, key } = this;
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    try {
      const bought = await it.post(`gamify/rewards/${encodeURIComponent(reward.code)}/redeem`,
        { idempotency_key: key, cost: reward.cost });
      this.bought();
      it.fire("gamify-redeemed", { redemption: bought });
      if (this.reward === reward) this.thank();
    } catch (error) {
      if (!error.kind) console.error(error);
      if (error.kind === "conflict") await this.explain(reward, error);
      else if (this.reward === reward) this.offer(coins, it.t(`error.${error.kind ?? "other"}`));
    }
  }

  /** It is not to be had as one thought: say why, by what there is now; at another price, ask again. */
  async explain(reward, error) {
    const { element: it } = this;
    const { rewards, coins } = await it.get("gamify/rewards").catch(() => ({}));
    const now = rewards?.find(({ code }) => code === reward.code);
    const why = now ? obstacle(now, coins) : rewards && ["shop.gone"];
    this.bought();
    if (this.reward !== reward) return;
    const price = now && now.cost !== reward.cost ? it.t("shop.new_price", { n: now.cost }) : "";
    if (price && !why) {
      this.reward = now;
      this.offer(coins, price, "shop.buy");
      return;
    }
    this.fill(h("h2", { id: "ask" }, bdi(reward.name)),
      h("p", { class: "wrong", role: "alert" },
        price && `${price} `, why ? it.t(...why) : error.message || it.t("error.conflict")),
      h("div", { class: "buttons" }, this.close("close")));
  }

  thank() {
    const { element: it, reward } = this;
    this.fill(
      svg("svg", { class: "tick", viewBox: "0 0 48 48", width: 64, height: 64, "aria-hidden": "true" },
        svg("circle", { cx: 24, cy: 24, r: 22, fill: "none", stroke: "currentColor", "stroke-width": 3 }),
        svg("path", { d: "M15 25l7 7 12-15", fill: "none", stroke: "currentColor", "stroke-width": 4, "stroke-linecap": "round", "stroke-linejoin": "round" })),
      h("h2", { id: "ask" }, it.t("shop.yours")), h("p", {}, bdi(reward.name)),
      h("div", { class: "buttons" }, this.close("close")));
    it.announce(`${it.t("shop.yours")} ${reward.name}`);
  }

  close(text) {
    return h("button", { type: "button", class: "quiet", autofocus: true, on: { click: () => this.dialog.close() } },
      this.element.t(text));
  }

  fill(...nodes) {
    this.dialog.replaceChildren(h("div", { class: "ask" }, nodes));
    if (this.dialog.open) this.dialog.querySelector("[autofocus]").focus();
  }

  /** The button may have been made anew meanwhile, or be gone with the last of the stock. */
  closed() {
    const key = CSS.escape(`reward ${this.reward?.code}`);
    this.reward = null;
    const { root } = this.element;
    if (this.element.isConnected) (root.querySelector(`[data-key="${key}"]`) ?? root).focus({ preventScroll: true });
  }
}

/** randomUUID wants HTTPS. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
