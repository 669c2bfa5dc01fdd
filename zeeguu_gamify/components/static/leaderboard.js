// <gamify-leaderboard>: who is ahead, live, with oneself in sight.

import { avatar } from "./avatar.js";
import { define, GamifyElement, h, instant, spoken } from "./base.js";
import { CHOICES, choices } from "./choices.js";
import { languageName } from "./languages.js";
import { Refreshing } from "./refreshing.js";

const STYLES = `${CHOICES}
.head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 12px; }
.choosing { display: grid; gap: 8px; }
table { inline-size: 100%; border-collapse: separate; border-spacing: 0 2px; }
thead th { padding: 0 12px 4px; overflow-wrap: normal; font-size: 0.75rem; font-weight: 600; color: var(--_muted); text-align: start; }
thead th:last-child { text-align: end; }
tbody td, tbody th { padding: 6px 12px; font-weight: 400; text-align: start; }
tbody tr > :first-child { inline-size: 1px; border-start-start-radius: 12px; border-end-start-radius: 12px; }
tbody tr > :last-child { inline-size: 1px; text-align: end; white-space: nowrap; border-start-end-radius: 12px; border-end-end-radius: 12px; }
.rank { white-space: nowrap; display: grid; place-items: center; min-inline-size: 1.875rem; block-size: 1.875rem; padding-inline: 4px; border-radius: 999px; color: var(--_muted); font-weight: 700; font-variant-numeric: tabular-nums; }
.first, .second, .third { color: #2b1f10; background: #f6c445; box-shadow: inset 0 -2px 0 #0002; }
.second { background: #cfd6dc; }
.third { background: #e2a878; }
.who { display: flex; align-items: center; gap: 12px; }
.names { min-inline-size: 0; line-height: 1.3; overflow-wrap: anywhere; }
.name { font-weight: 600; margin-inline-end: 8px; }
.score { font-weight: 700; font-variant-numeric: tabular-nums; }
.me > * { background: var(--_accent-soft); }
.me .rank:not(.first, .second, .third) { color: var(--_text); }
.me .chip { background: var(--_raised); padding: 0 8px; }
.me .muted { color: var(--_text); }
.gap td { text-align: center !important; color: var(--_muted); letter-spacing: 0.3em; line-height: 1; }
.more { justify-self: center; }
.hint { text-align: center; }
@container (min-width: 38.75rem) { .choosing { display: flex; } .choosing > * { flex: auto; } }
@container (max-width: 419px) { .card { padding: 12px; } td, th { padding-inline: 8px !important; } .who { gap: 8px; } .choices span { padding-inline: 6px; } }
`;

const MEDALS = ["", "first", "second", "third"];
const PERIODS = ["week", "month", "all"];
/** What the boards of friends and classes can rank; the times are milliseconds. */
const ACTIVITY = ["exercise_time", "exercises_done", "read_articles", "reading_time", "listening_time"];
const TIMES = /_time$/;
const NOT_MINE = new Set(["forbidden", "missing", "refused"]);
/** So many rows at first, and more at a time; the API gives no more than the last. */
const ROWS = 10;
const MOST = 100;
const NEIGHBOURS = 5;

/**
 * Attributes, besides those of all:
 *
 * - `board`, default `exp`: a board of the API, or an activity (`exercises_done`, `reading_time`, …);
 * - `period`: `day`, `week` (the default), `month`, `all`; `scope`: `everybody`, `friends`, `language`, `cohort`;
 * - `boards`, `periods`, `scopes`: what there is to choose from, with commas between; one is no choice;
 * - `language`, a code, and `cohort`, an id: what these scopes need;
 * - `limit`: rows; `username`: who is looking, which boards of activity do not say.
 */
class GamifyLeaderboard extends Refreshing(GamifyElement) {
  static styles = STYLES;
  static attributes = ["board", "boards", "period", "periods", "scope", "scopes", "language", "cohort", "limit", "username"];

  restart() {
    this.chosen = {};
    this.refused = null;
    this.limit = Number(this.getAttribute("limit")) || ROWS;
    super.restart();
  }

  get live() {
    const refresh = () => this.refresh();
    return { ready: refresh, "board.moved": refresh, "leaderboard.refreshed": refresh };
  }

  get boards() {
    const { board, period, scope } = this.choice();
    if (ACTIVITY.includes(board)) return [];
    const which = { language: this.getAttribute("language"), cohort: this.getAttribute("cohort") }[scope];
    const name = [board, period, scope, which].filter(Boolean).join(":");
    return name === this.refused ? [] : [name];
  }

  // --- what is chosen -------------------------------------------------------------------------

  choice() {
    const board = this.oneOf("board", this.options("boards", ["exp"]));
    return { board, period: this.oneOf("period", this.options("periods", PERIODS)), scope: this.oneOf("scope", this.scopes(board)) };
  }

  oneOf(name, options) {
    const wished = [this.chosen?.[name], this.getAttribute(name)].find((value) => options.includes(value));
    return wished ?? options[0];
  }

  /** What may be chosen; what is said to be shown first may be too. */
  options(name, standard) {
    const given = (this.getAttribute(name) ?? "").split(",").map((value) => value.trim()).filter(Boolean);
    const first = this.getAttribute(name.slice(0, -1));
    if (given.length) return given.includes(first) || !first ? given : [first, ...given];
    return !first || standard.includes(first) ? standard : [first, ...(name === "boards" ? [] : standard)];
  }

  scopes(board) {
    const among = ["cohort", "language"].filter((scope) => this.hasAttribute(scope));
    const offered = this.options("scopes", ["everybody", "friends", ...among]);
    if (!ACTIVITY.includes(board)) return offered;
    const some = offered.filter((scope) => scope === "friends" || scope === "cohort");
    return some.length ? some : ["friends"];
  }

  async choose(name, value) {
    this.chosen = { ...this.chosen, [name]: value };
    this.limit = Number(this.getAttribute("limit")) || ROWS;
    this.attend();
    await this.reload();
  }

  async showMore() {
    this.limit = Math.min(this.limit + ROWS, MOST);
    await this.reload();
  }

  // --- loading --------------------------------------------------------------------------------

  async load() {
    const choice = this.choice();
    const board = ACTIVITY.includes(choice.board) ? await this.activity(choice) : await this.scores(choice);
    return { ...board, choice, list: JSON.stringify(choice) };
  }

  async scores({ board, period, scope }) {
    const which = scope === "language" || scope === "cohort" ? { [scope]: this.getAttribute(scope) } : {};
    const asked = { period, scope, ...which };
    const page = await this.get(`leaderboards/${encodeURIComponent(board)}`, { ...asked, limit: this.limit });
    const mine = page.entries.some((entry) => entry.is_me);
    const around = page.me && !mine ? await this.get(`leaderboards/${encodeURIComponent(board)}`, { ...asked, around: "me", limit: NEIGHBOURS }) : null;
    const top = new Set(page.entries.map(({ user }) => user.username));
    return {
      name: page.name,
      dates: page.period,
      rows: tied(page.entries),
      neighbours: tied(around?.entries ?? []).filter(({ user }) => !top.has(user.username)),
      me: page.me,
      isMeKnown: true,
      more: page.next_cursor !== null && this.limit < MOST,
    };
  }

  /** These boards list everybody with no ranks; equals share one. */
  async activity({ board, period, scope }) {
    const dates = span(period);
    const path = scope === "cohort" ? `cohort_leaderboard/${encodeURIComponent(this.getAttribute("cohort"))}` : "friends_leaderboard";
    const query = { metric: board, from_date: dates.from?.toISOString(), to_date: dates.to?.toISOString() };
    const found = await this.get(path, query);
    const me = this.getAttribute("username");
    const rows = found.map(({ user, value }) => ({
      user, score: value, is_me: user.username === me, rank: found.findIndex((other) => other.value === value) + 1,
    }));
    const at = rows.findIndex((row) => row.is_me);
    const isFar = at >= this.limit;
    return {
      name: null,
      dates: { starts: dates.from, ends: dates.to },
      rows: tied(rows.slice(0, this.limit)),
      neighbours: isFar ? tied(rows.slice(Math.max(at - 2, this.limit), at + 3)) : [],
      me: rows[at] ?? null,
      isMeKnown: at >= 0,
      more: rows.length > this.limit,
    };
  }

  // --- showing --------------------------------------------------------------------------------

  /** Rows move to their new places; who asked for less motion finds them there. */
  update() {
    const { list, me } = this.data;
    const before = this.places(list);
    super.update();
    if (this.listed === list && me && this.rank && me.rank !== this.rank) {
      this.announce(this.t("board.now", { n: me.rank }));
    }
    this.listed = list;
    this.rank = me?.rank;
    if (before && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.glide(before);
  }

  places(list) {
    if (this.listed !== list) return null;
    return new Map([...this.root.querySelectorAll("tr[data-user]")].map((row) => [row.dataset.user, row.offsetTop]));
  }

  glide(before) {
    for (const row of this.root.querySelectorAll("tr[data-user]")) {
      const from = before.get(row.dataset.user);
      const options = { duration: 600, easing: "cubic-bezier(0.2, 0.9, 0.3, 1)" };
      if (from === undefined) row.animate([{ opacity: 0 }, { opacity: 1 }], options);
      else if (from !== row.offsetTop) {
        row.animate([{ transform: `translateY(${from - row.offsetTop}px)` }, { transform: "none" }], options);
      }
    }
  }

  /** What cannot be had is no reason to take the choices away, nor is that nobody is on it. */
  failure(error) {
    if (NOT_MINE.has(error.kind)) this.leave();
    return h("section", { class: "card stack" }, this.head(this.choice()), super.failure(error));
  }

  render(data) {
    return h("section", { class: "card stack", "aria-labelledby": "title" },
      this.head(data.choice, data.dates),
      data.rows.length ? this.table(data) : this.sign("empty", "M5 20v-6h4v6m1 0V8h4v12m1 0v-9h4v9M3 20h18",
        h("p", {}, this.t("board.nobody"))),
      data.isMeKnown && !data.me && data.rows.length > 0 && h("p", { class: "hint muted small" }, this.t("board.join")),
      data.more && h("button", { type: "button", class: "quiet more", dataset: { key: "more" }, on: { click: () => this.showMore() } },
        this.t("board.more")));
  }

  /** One board that may not be watched would end the stream of every element. */
  leave() {
    [this.refused] = this.boards;
    this.attend();
  }

  head(choice, dates) {
    return [
      h("div", { class: "head" },
        h("h2", { id: "title" }, this.t("board.title")),
        dates && h("p", { class: "muted small" }, this.dates(dates))),
      h("div", { class: "choosing" }, this.choosers(choice)),
    ];
  }

  choosers({ board, scope, period }) {
    const texts = (options, text) => options.map((value) => [value, text(value)]);
    return [
      choices("board", this.t("board.board"), texts(this.options("boards", ["exp"]), (value) => this.metric(value)), board,
        (value) => this.choose("board", value)),
      choices("scope", this.t("board.scope"), texts(this.scopes(board), (value) => this.scope(value)), scope,
        (value) => this.choose("scope", value)),
      choices("period", this.t("board.period"), texts(this.options("periods", PERIODS), (value) => this.t(`board.period.${value}`)), period,
        (value) => this.choose("period", value)),
    ];
  }

  metric(board, name = board) {
    const text = this.t(`board.metric.${board}`);
    return text === `board.metric.${board}` ? name : text;
  }

  scope(value) {
    if (value !== "language") return this.t(`board.scope.${value}`);
    return languageName(this.words.lang, this.getAttribute("language"));
  }

  dates({ starts, ends }) {
    if (!starts || !ends) return this.t("board.period.all");
    const isDay = starts instanceof Date;
    const format = new Intl.DateTimeFormat(this.words.lang, { dateStyle: "medium", ...(isDay ? {} : { timeZone: "UTC" }) });
    return format.formatRange(instant(starts), instant(ends));
  }

  table(data) {
    const { board } = data.choice;
    return h("table", { "aria-labelledby": "title" },
      h("thead", {}, h("tr", {},
        h("th", { scope: "col" }, spoken(this.t("board.rank"))),
        h("th", { scope: "col" }, spoken(this.t("board.who"))),
        h("th", { scope: "col" }, this.metric(board, data.name ?? board)))),
      h("tbody", {},
        data.rows.map((row) => this.row(row, board)),
        this.gap(data),
        data.neighbours.map((row) => this.row(row, board))));
  }

  /** Between the top and oneself, unless the one follows the other. */
  gap({ rows, neighbours }) {
    if (!neighbours.length || neighbours[0].rank <= rows.length + 1) return null;
    return h("tr", { class: "gap" }, h("td", { colspan: 3 }, h("span", { "aria-hidden": "true" }, "···"), spoken(this.t("board.gap"))));
  }

  row({ rank, user, score, is_me: isMe, isTied }, board) {
    const { name, username } = user;
    const medal = score > 0 ? MEDALS[rank] : "";
    return h("tr", { class: isMe && "me", "aria-current": isMe && "true", dataset: { user: username } },
      h("td", {}, h("span", { class: `rank ${medal ?? ""}` }, this.words.number(rank)), isTied && spoken(this.t("board.tied"))),
      h("th", { scope: "row" }, h("div", { class: "who" }, avatar(user.avatar),
        h("div", { class: "names" },
          h("span", { class: "name" }, name || username),
          isMe && h("span", { class: "chip" }, this.t("board.you")),
          name && h("div", { class: "muted small" }, username)))),
      h("td", { class: "score" }, TIMES.test(board) ? this.duration(score) : this.words.number(score)));
  }

  duration(milliseconds) {
    const minutes = Math.floor(milliseconds / 60_000);
    const part = (value, unit) => this.words.number(value, { style: "unit", unit, unitDisplay: "short" });
    if (minutes < 60) return part(minutes, "minute");
    return `${part(Math.floor(minutes / 60), "hour")} ${part(minutes % 60, "minute")}`;
  }
}

/** Mark those who share their rank. */
function tied(rows) {
  const count = new Map();
  for (const { rank } of rows) count.set(rank, (count.get(rank) ?? 0) + 1);
  return rows.map((row) => ({ ...row, isTied: count.get(row.rank) > 1 }));
}

/** The period of the reader's calendar that we live in, weeks from Monday; of all time no dates. */
function span(period) {
  const now = new Date();
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()];
  const monday = day - ((now.getDay() + 6) % 7);
  const [from, after] = {
    day: [[year, month, day], [year, month, day + 1]],
    week: [[year, month, monday], [year, month, monday + 7]],
    month: [[year, month, 1], [year, month + 1, 1]],
  }[period] ?? [];
  return from ? { from: new Date(...from), to: new Date(new Date(...after) - 1000) } : {};
}

define("gamify-leaderboard", GamifyLeaderboard);
