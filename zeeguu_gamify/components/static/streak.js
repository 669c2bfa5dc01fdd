// <gamify-streak>: the flame, a calendar of practice, freezes, and the streak of each language.

import { define, GamifyElement, h, spoken, svg } from "./base.js";
import { FLAME, flame } from "./flame.js";
import { languageName } from "./languages.js";
import { Refreshing } from "./refreshing.js";

const STYLES = `${FLAME}
.whole { display: grid; gap: 24px; }
.top { display: flex; align-items: center; gap: 16px; }
.flame { inline-size: 76px; block-size: 76px; transform-origin: 50% 90%; }
.inner { transform-origin: 50% 90%; animation: flicker 1.8s ease-in-out infinite; }
.unlit .outer { fill: var(--_sunken); stroke: var(--_muted); stroke-width: 2.5; stroke-dasharray: 5 4; }
.unlit .inner { fill: var(--_line); animation: none; }
.grew .flame { animation: grow 0.9s cubic-bezier(0.3, 1.6, 0.5, 1); }
.count { font-size: 2.5rem; font-weight: 800; line-height: 1; letter-spacing: -0.03em; font-variant-numeric: tabular-nums; }
.count small { display: inline-block; line-height: 1.5; font-size: 1rem; font-weight: 600; letter-spacing: 0; }
.says { margin-block-start: 4px; }
.chip { margin-block-start: 8px; }
.chip.ice { color: var(--_text); background: color-mix(in oklab, var(--_ice), transparent 78%); }
.chip svg { inline-size: 14px; block-size: 14px; }
.risk { padding: 10px 14px; border-radius: 12px; color: var(--_bad); background: var(--_bad-soft); font-weight: 600; }

.month { display: flex; align-items: center; justify-content: space-between; gap: 8px; margin-block-end: 8px; }
.month button { padding: 0; inline-size: 44px; }
.month svg { margin: auto; }
:dir(rtl) .month svg { transform: scaleX(-1); }
button[aria-disabled="true"] { opacity: 0.35; cursor: default; }
table { inline-size: 100%; max-inline-size: 26rem; margin-inline: auto; border-collapse: separate; border-spacing: 0 4px; table-layout: fixed; }
th { padding: 4px 0; font-size: 0.75rem; font-weight: 600; color: var(--_muted); }
td { padding: 0; text-align: center; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.day { display: grid; place-items: center; inline-size: 2.25rem; max-inline-size: 100%; aspect-ratio: 1; overflow-wrap: normal; margin: auto; border-radius: 50%; position: relative; color: var(--_muted); }
.practised .day { color: var(--_on-accent); background: var(--_accent); font-weight: 700; }
.bridged .day { color: var(--_text); background: color-mix(in oklab, var(--_ice), transparent 68%); font-weight: 700; }
.bridged svg { position: absolute; inset-block-start: -2px; inset-inline-end: -2px; inline-size: 14px; block-size: 14px; color: var(--_ice); background: var(--_raised); border-radius: 50%; padding: 1px; }
.missed .day { border: 1.5px dashed; }
.kept { background: var(--_accent-soft); }
.kept.from { border-start-start-radius: 999px; border-end-start-radius: 999px; }
.kept.to { border-start-end-radius: 999px; border-end-end-radius: 999px; }
.today .day { outline: 2px solid var(--_accent); outline-offset: 2px; }
.today:not(.practised) .day { color: var(--_text); font-weight: 700; }
.legend { display: flex; flex-wrap: wrap; justify-content: center; gap: 4px 16px; margin-block-start: 10px; }
.legend li { display: flex; align-items: center; gap: 6px; }
.dot { inline-size: 12px; block-size: 12px; border-radius: 50%; background: var(--_accent); }
.dot.ice { background: color-mix(in oklab, var(--_ice), transparent 40%); }
.dot.missed { background: transparent; border: 1.5px dashed var(--_muted); }
.dot.none { background: transparent; border: 2px solid var(--_accent); }

.languages { display: grid; gap: 8px; }
.languages li { display: flex; align-items: center; gap: 12px; padding: 10px 14px; border-radius: 12px; background: var(--_sunken); }
.languages .name { font-weight: 600; }
.languages .grow { flex: 1; min-inline-size: 0; }
.languages .flame { inline-size: 24px; block-size: 24px; }
.languages .now { display: flex; align-items: center; gap: 4px; font-weight: 700; font-variant-numeric: tabular-nums; }

@container (min-width: 47.5rem) {
  .whole { grid-template-columns: 1fr minmax(300px, 24rem); column-gap: 40px; grid-template-rows: auto 1fr; }
  .calendar { grid-column: 2; grid-row: 1 / span 2; }
}
@keyframes flicker { 50% { transform: scale(0.92, 1.06) rotate(-2deg); } }
@keyframes grow { 0% { transform: scale(0.4); } }
@media (forced-colors: active) {
  .practised .day { color: Canvas; background: CanvasText; outline-color: CanvasText; forced-color-adjust: none; }
  .bridged .day { border: 2px solid; }
  .dot:not(.ice, .missed, .none) { background: CanvasText; forced-color-adjust: none; }
  .dot.ice { border: 2px solid; }
}
`;

const SNOW = "M12 2v20M3.3 7l17.4 10M20.7 7 3.3 17M12 6 9 3.5M12 6l3-2.5M12 18l-3 2.5M12 18l3 2.5";
const BACK = "M15 5l-7 7 7 7";
const ON = "M9 5l7 7-7 7";
const DAY = 86_400_000;

/** A page left alone for so long asks again when it is looked at: the day may be another. */
const OLD = 60_000;

/** Attributes, besides those of all: `compact`, for the flame and the count alone. */
class GamifyStreak extends Refreshing(GamifyElement) {
  static styles = STYLES;
  static attributes = ["compact"];
  static follows = ["gamify-redeemed"];

  get live() {
    const refresh = () => this.refresh();
    return { "streak.at_risk": refresh, "streak.updated": refresh };
  }

  connectedCallback() {
    super.connectedCallback();
    this.looked = () => {
      if (document.visibilityState === "visible" && Date.now() - this.fetched > OLD) this.refresh();
    };
    document.addEventListener("visibilitychange", this.looked);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.looked);
  }

  async load() {
    const [calendar, languages] = await Promise.all([this.calendar(), this.languages()]);
    const { today } = calendar;
    const days = new Map(calendar.days.map((day) => [day.date, day]));
    const before = this.data?.calendar.streak ?? calendar.streak;
    this.grew = calendar.streak > before;
    this.fetched = Date.now();
    const now = days.get(today) ?? this.data?.now;
    return { calendar, languages, days, today, now: now?.date === today ? now : null };
  }

  /** The chosen month, or that of today: which day that is only the server knows. */
  async calendar() {
    const asked = this.month ?? localMonth();
    const calendar = await this.get("practice_calendar", span(asked));
    const present = calendar.today.slice(0, 7);
    if (this.month || asked === present) return calendar;
    return this.get("practice_calendar", span(present));
  }

  /** A host without languages has none. */
  async languages() {
    try {
      return await this.get("language_streak_history");
    } catch (error) {
      if (error.kind === "missing") return [];
      throw error;
    }
  }

  isEmpty({ calendar, languages }) {
    return !calendar.streak && !calendar.days.length && !languages.some((one) => one.max_streak) && !this.month;
  }

  empty() {
    const begin = !this.hasAttribute("compact") && h("p", { class: "muted says" }, this.t("streak.begin"));
    return h("div", { class: "card" }, this.top(this.data), begin);
  }

  render(data) {
    const top = this.top(data);
    if (this.hasAttribute("compact")) return h("div", { class: "card" }, top);
    return h("section", { class: "card", "aria-labelledby": "title" },
      h("h2", { class: "spoken", id: "title" }, this.t("streak.title")),
      h("div", { class: "whole" }, h("div", { class: "stack" }, top, this.warning(data)), this.page(data), this.history(data)));
  }

  // --- the flame ------------------------------------------------------------------------------

  top({ calendar, now }) {
    const { streak, freezes } = calendar;
    const lit = Boolean(now?.practised);
    if (this.grew) this.announce(this.t("streak.days", { n: streak }));
    const says = lit ? "streak.lit" : streak ? "streak.unlit" : "streak.none";
    return h("div", { class: `top ${lit ? "lit" : "unlit"} ${this.grew ? "grew" : ""}` },
      flame(),
      h("div", {},
        h("p", { class: "count" }, this.words.number(streak), " ", h("small", {}, this.t("streak.unit", { n: streak }))),
        h("p", { class: "says muted" }, this.t(says)),
        freezes > 0 && h("span", { class: "chip ice" }, icon(SNOW), this.t("streak.freezes", { n: freezes }))));
  }

  /** Midnight is that of the user's zone, so no hour is named, which would be the browser's. */
  warning({ calendar }) {
    return calendar.at_risk && h("p", { class: "risk", role: "status" }, this.t("streak.risk"));
  }

  // --- the calendar ---------------------------------------------------------------------------

  page({ calendar, days, today }) {
    const month = calendar.from.slice(0, 7);
    const name = this.words.day(`${month}-01`, { month: "long", year: "numeric" });
    return h("div", { class: "calendar" },
      h("div", { class: "month" },
        this.turner("back", BACK, plus(month, -1), name),
        h("h3", { id: "month" }, name),
        this.turner("on", ON, plus(month, 1), name, month >= today.slice(0, 7))),
      h("table", { "aria-labelledby": "month" }, this.head(), h("tbody", {}, this.weeks(month, days, today))),
      this.legend(month, days, today));
  }

  turner(key, path, month, shown, disabled = false) {
    return h("button", {
      type: "button", class: "quiet", dataset: { key },
      "aria-label": this.t(`streak.${key}`), "aria-disabled": disabled && "true",
      on: { click: () => !disabled && this.turnTo(month) },
    }, icon(path, 20));
  }

  async turnTo(month) {
    this.month = month;
    await this.reload();
    this.announce(this.words.day(`${month}-01`, { month: "long", year: "numeric" }));
  }

  head() {
    const monday = Date.UTC(2024, 0, 1);
    const names = [...Array(7).keys()].map((index) => {
      const day = new Date(monday + (this.firstDay() - 1 + index) * DAY);
      const name = (weekday) => this.words.day(day, { weekday });
      return h("th", { scope: "col" }, h("span", { "aria-hidden": "true" }, name("narrow")), spoken(name("long")));
    });
    return h("thead", {}, h("tr", {}, names));
  }

  /** 1 is Monday. */
  firstDay() {
    const locale = new Intl.Locale(this.words.lang);
    return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;
  }

  weeks(month, days, today) {
    const first = new Date(`${month}-01`);
    const before = (first.getUTCDay() - this.firstDay() + 7) % 7;
    const cells = [...Array(before).fill(null), ...datesOf(month)];
    const rows = [];
    for (let start = 0; start < cells.length; start += 7) {
      const week = cells.slice(start, start + 7);
      rows.push(h("tr", {}, week.map((date, place) => this.cell(date, week, place, days, today))));
    }
    return rows;
  }

  cell(date, week, place, days, today) {
    if (!date) return h("td", {});
    const day = days.get(date);
    const kind = kindOf(day, date, today);
    const kept = (other) => Boolean(other && days.has(other));
    const classes = [kind, date === today && "today"];
    if (day) classes.push("kept", !kept(week[place - 1]) && "from", !kept(week[place + 1]) && "to");
    return h("td", { class: classes.filter(Boolean).join(" "), "aria-current": date === today && "date" },
      h("span", { class: "day" },
        h("span", { "aria-hidden": "true" }, this.words.number(Number(date.slice(8)))),
        kind === "bridged" && icon(SNOW),
        spoken(`${this.words.day(date, { day: "numeric", month: "long" })}: ${this.about(kind, day)}`)));
  }

  about(kind, day) {
    return kind === "bridged" ? this.t(`streak.bridge.${day.bridge}`) : this.t(`streak.day.${kind}`);
  }

  /** What is not in the month needs no explaining, but for the usual. */
  legend(month, days, today) {
    const kinds = new Set(datesOf(month).map((date) => kindOf(days.get(date), date, today)));
    const entry = (kind, text) => h("li", {}, h("span", { class: `dot ${kind}` }), text);
    return h("ul", { class: "legend small muted", "aria-hidden": "true" },
      entry("", this.t("streak.day.practised")),
      kinds.has("bridged") && entry("ice", this.t("streak.bridged")),
      kinds.has("missed") && entry("missed", this.t("streak.day.missed")),
      entry("none", this.t("streak.today")));
  }

  // --- the languages --------------------------------------------------------------------------

  history({ languages }) {
    const shown = languages.filter((one) => one.max_streak);
    if (!shown.length) return null;
    return h("div", {}, h("h3", { class: "spoken" }, this.t("streak.languages")), h("ul", { class: "languages" },
      shown.map((one) => this.studied(one))));
  }

  studied({ code, language, daily_streak, max_streak, max_streak_date }) {
    const date = max_streak_date && this.words.day(max_streak_date);
    const longest = this.t("streak.longest", { n: max_streak });
    return h("li", {},
      h("div", { class: "grow" },
        h("p", { class: "name" }, languageName(this.words.lang, code, language)),
        h("p", { class: "small muted" }, date ? `${longest} · ${date}` : longest)),
      h("span", { class: daily_streak ? "now" : "now unlit" }, flame(),
        h("span", { "aria-hidden": "true" }, this.words.number(daily_streak)),
        spoken(this.t("streak.days", { n: daily_streak }))));
  }
}

/** practised, bridged, missed, open (today, so far) or ahead. */
function kindOf(day, date, today) {
  if (day) return day.practised ? "practised" : "bridged";
  if (date === today) return "open";
  return date < today ? "missed" : "ahead";
}

function icon(path, size = 14) {
  return svg("svg", { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" },
    svg("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 2.5, "stroke-linecap": "round", "stroke-linejoin": "round" }));
}

// --- months, as "2026-11" ---------------------------------------------------------------------

function localMonth() {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}`;
}

function plus(month, count) {
  const [year, number] = month.split("-").map(Number);
  return iso(Date.UTC(year, number - 1 + count, 1)).slice(0, 7);
}

/** Its first and last date, as the route wants them. */
function span(month) {
  const [year, number] = month.split("-").map(Number);
  return { from: `${month}-01`, to: iso(Date.UTC(year, number, 0)) };
}

function datesOf(month) {
  const { from, to } = span(month);
  return [...Array(Number(to.slice(8))).keys()].map((index) => iso(Date.parse(from) + index * DAY));
}

function iso(milliseconds) {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

define("gamify-streak", GamifyStreak);
