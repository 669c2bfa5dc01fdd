// <gamify-friends>: friends with the streaks that both share, requests, search, and blocking.

import { avatar } from "./avatar.js";
import { bdi, define, GamifyElement, h, spoken, svg } from "./base.js";
import { FLAME, flame } from "./flame.js";
import { languageName } from "./languages.js";
import { Refreshing } from "./refreshing.js";

const STYLES = `${FLAME}
.head { display: flex; align-items: center; gap: 10px; }
.search { position: relative; }
.search svg { position: absolute; inset-block: 0; margin-block: auto; inset-inline-start: 16px; color: var(--_muted); pointer-events: none; }
input {
  font: inherit; color: inherit; inline-size: 100%; min-block-size: 46px; padding-block: 8px; padding-inline: 46px 16px;
  border: 1px solid var(--_line); border-radius: 999px; background: var(--_sunken);
}
input::placeholder { color: var(--_muted); opacity: 1; }
h3 { margin-block-end: 6px; }
.people { display: grid; gap: 2px; }
.person { display: flex; align-items: center; flex-wrap: wrap; gap: 8px 12px; padding: 8px; margin-inline: -8px; border-radius: 14px; position: relative; }
.person:hover { background: var(--_sunken); }
.person gamify-avatar { --gamify-avatar-size: 44px; }
.who { flex: 1 1 6rem; min-inline-size: 0; line-height: 1.35; overflow-wrap: anywhere; }
.name { font-weight: 600; }
.studies { display: flex; flex-wrap: wrap; gap: 0 12px; }
.studies li { display: inline-flex; align-items: center; gap: 4px; }
.studies .flame { inline-size: 15px; block-size: 15px; }
.together .flame { inline-size: 18px; block-size: 18px; }
.actions { margin-inline-start: auto; display: flex; align-items: center; gap: 8px; }
.actions button { min-block-size: 40px; padding: 6px 14px; font-size: 0.9375rem; }
.asked { padding: 12px; border-radius: 14px; background: var(--_accent-soft); }
.asked .person:hover, .asked .person { background: transparent; }
.asked .muted, .asked button.quiet { color: var(--_text); }
.asked button.quiet { border-color: currentColor; }
.notice { padding: 10px 14px; border-radius: 12px; color: var(--_bad); background: var(--_bad-soft); font-weight: 600; }
summary { cursor: pointer; border-radius: 999px; }
.menu { position: relative; }
.menu summary { display: grid; place-items: center; inline-size: 40px; block-size: 40px; list-style: none; color: var(--_muted); }
.menu summary::-webkit-details-marker { display: none; }
.menu summary:hover { background: var(--_line); color: var(--_text); }
.menu div {
  position: absolute; z-index: 1; inset-inline-end: 0; inset-block-start: 100%; display: grid; min-inline-size: 11rem; padding: 6px;
  border: 1px solid var(--_line); border-radius: 14px; background: var(--_raised); box-shadow: var(--_shadow);
}
.menu button { font-weight: 500; text-align: start; color: var(--_text); background: none; border-radius: 10px; }
.menu button:hover { background: var(--_sunken); }
.menu button.bad { color: var(--_bad); }
.initial { display: grid; place-items: center; flex: none; inline-size: 44px; block-size: 44px; border-radius: 50%; font-weight: 700; color: var(--_accent); background: var(--_accent-soft); }
.blocked summary { padding: 8px 4px; color: var(--_muted); font-size: 0.875rem; }
@container (min-width: 45rem) { .people.friends { grid-template-columns: 1fr 1fr; column-gap: 32px; } }
`;

const LENS = "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 21 21";
const DOTS = "M5 12h.01M12 12h.01M19 12h.01";
/** Letters typed within so many milliseconds are one search. */
const PAUSE = 300;
const LANGUAGES = 2;
/** What may be done to somebody: the route, and what it calls that person. */
const DEEDS = {
  ask: ["send_friend_request", "receiver_username"],
  accept: ["accept_friend_request", "sender_username"],
  decline: ["reject_friend_request", "sender_username"],
  cancel: ["delete_friend_request", "receiver_username"],
  remove: ["unfriend", "receiver_username"],
  block: ["block_user", "username"],
  unblock: ["unblock_user", "username"],
};
const LASTING = new Set(["decline", "cancel", "remove", "block"]);
const UNDO_SECONDS = 6;

/**
 * Attributes, besides those of all: `undo-seconds`, default 6. So long declining, cancelling, removing
 * and blocking wait, and may be undone: what they end cannot be had back from the API. A page that is
 * left meanwhile does them at once.
 */
class GamifyFriends extends Refreshing(GamifyElement) {
  static styles = STYLES;

  constructor() {
    super();
    this.waiting = new Map();
    this.found = null;
    this.faces = new Map();
    this.left = () => this.finish();
  }

  connectedCallback() {
    super.connectedCallback();
    addEventListener("pagehide", this.left);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener("pagehide", this.left);
    this.finish();
  }

  get live() {
    const refresh = () => this.refresh();
    return { ready: refresh, "friend.requested": refresh, "friend.accepted": refresh, "friend.removed": refresh };
  }

  async load() {
    const routes = ["my_friends", "get_received_friend_requests", "get_sent_friend_requests", "blocked_users"];
    const asked = [...routes.map((route) => this.get(route)), this.search()];
    const [friends, received, sent, blocked, found] = await Promise.all(asked);
    this.found = found;
    this.hail(received);
    const together = ({ friendship }) => friendship.friend_streak;
    friends.sort((one, other) => together(other) - together(one) || called(one).localeCompare(called(other)));
    return { friends, received, sent, blocked, found };
  }

  /** Say who asks while one is looking. */
  hail(received) {
    const known = new Set(this.data?.received.map(({ sender }) => sender.username));
    const asking = received.find(({ sender }) => !known.has(sender.username));
    if (this.data && asking) this.announce(this.t("friends.asks", { name: called(asking.sender) }));
  }

  // --- searching ------------------------------------------------------------------------------

  /** What is typed stays while everything around it is made anew. */
  get input() {
    this.typed ??= h("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false", maxlength: 100,
      dataset: { key: "search" }, on: { input: () => this.searchSoon() } });
    this.typed.placeholder = this.t("friends.search_hint");
    return this.typed;
  }

  get term() {
    return this.typed?.value.trim() ?? "";
  }

  async search() {
    if (!this.term) return null;
    const found = await this.get("search_users", { query: this.term });
    for (const { username, avatar } of found) this.faces.set(username, avatar);
    return found;
  }

  searchSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.searchNow(), PAUSE);
  }

  /** An answer to what is not asked any more is dropped. */
  async searchNow() {
    const { term } = this;
    await this.trying(async () => {
      const found = await this.search();
      if (term !== this.term) return;
      this.found = found;
      this.update();
      if (found) this.announce(this.counted(found));
    });
  }

  counted(found) {
    return found.length ? this.t("friends.found", { n: found.length }) : this.t("friends.nobody");
  }

  // --- doing ----------------------------------------------------------------------------------

  /** What cannot be had back waits a while, the rest is done at once. */
  do(deed, one) {
    const [path, key] = DEEDS[deed];
    const text = this.t(`friends.done.${deed}`, { name: called(one) });
    const doing = { path, body: { [key]: one.username }, text };
    if (LASTING.has(deed)) this.wait(one.username, doing);
    else this.act(one.username, doing);
  }

  /** Do it, say so, and show what has become of it; what is refused is said and changes nothing. */
  async act(username, { path, body, text }) {
    await this.trying(async () => {
      await this.post(path, body);
      this.announce(text);
      await this.refresh();
      if (this.shadowRoot.activeElement === this.root) this.focusOn(username);
    });
  }

  async trying(what) {
    const had = this.notice;
    this.notice = null;
    try {
      await what();
    } catch (error) {
      if (!error.kind) throw error;
      this.notice = error.message || this.t(`error.${error.kind}`);
    }
    if (this.notice || had) this.update();
  }

  wait(username, doing) {
    const seconds = Number(this.getAttribute("undo-seconds")) || UNDO_SECONDS;
    const timer = setTimeout(() => this.act(username, this.taken(username)), seconds * 1000);
    this.waiting.set(username, { ...doing, timer });
    this.opened = null;
    this.update();
    this.focusOn(username);
    this.announce(doing.text);
  }

  undo(username) {
    this.taken(username);
    this.update();
    this.focusOn(username);
    this.announce(this.t("friends.undone"));
  }

  taken(username) {
    const waiting = this.waiting.get(username);
    clearTimeout(waiting.timer);
    this.waiting.delete(username);
    return waiting;
  }

  /** Nobody will be here to undo it. */
  finish() {
    for (const username of [...this.waiting.keys()]) {
      const { path, body } = this.taken(username);
      this.call(path, { body, keepalive: true }).catch(() => {});
    }
  }

  focusOn(username) {
    this.root.querySelector(`[data-user="${CSS.escape(username)}"] :is(button, summary)`)?.focus();
  }

  // --- showing --------------------------------------------------------------------------------

  /** The field is moved into what is made anew, which takes the focus away before anybody looks. */
  update() {
    const isTyping = this.typed && this.shadowRoot.activeElement === this.typed;
    super.update();
    if (isTyping) this.typed.focus({ preventScroll: true });
  }

  render({ friends, received, sent, blocked }) {
    return h("section", { class: "card stack", "aria-labelledby": "title" },
      h("div", { class: "head" },
        h("h2", { id: "title" }, this.t("friends.title")),
        friends.length > 0 && h("span", { class: "chip" }, this.words.number(friends.length))),
      this.searcher(),
      this.notice && h("p", { class: "notice", role: "alert" }, this.notice),
      this.found && this.part("found", this.counted(this.found), this.found.map((one) => this.someone(one))),
      received.length > 0 && h("div", { class: "asked" },
        this.part("received", this.t("friends.received"), received.map(({ sender }) => this.asking(sender)))),
      sent.length > 0 && this.part("sent", this.t("friends.sent"), sent.map(({ receiver }) => this.invited(receiver))),
      friends.length
        ? this.part("friends", sent.length || received.length || this.found ? this.t("friends.yours") : null, friends.map((one) => this.friend(one)))
        : this.sign("empty", "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21v-1a7 7 0 0 1 14 0v1M17 4a4 4 0 0 1 0 7M19 15a6 6 0 0 1 3 5v1",
          h("p", {}, this.t("friends.none"))),
      blocked.length > 0 && this.blocked(blocked));
  }

  searcher() {
    return h("div", { class: "search", role: "search" },
      h("label", { for: "search", class: "spoken" }, this.t("friends.search")),
      icon(LENS, 20), this.input);
  }

  part(id, title, people) {
    return h("div", {},
      title && h("h3", { id }, title),
      people.length > 0 && h("ul", { class: `people ${id}`, "aria-labelledby": title ? id : "title" }, people));
  }

  friend(one) {
    const { friend_streak: days } = one.friendship;
    return this.person(one, this.studies(one.languages), [
      days > 0 && h("span", { class: "chip together", title: this.t("friends.together", { n: days }) }, flame(),
        h("span", { "aria-hidden": "true" }, this.words.number(days)), spoken(this.t("friends.together", { n: days }))),
      this.menu(one, ["remove", "block"]),
    ]);
  }

  studies(languages) {
    const shown = (languages ?? []).filter((language) => language.daily_streak || language.max_streak).slice(0, LANGUAGES);
    if (!shown.length) return null;
    return h("ul", { class: "studies muted small" }, shown.map(({ code, language, daily_streak: days }) =>
      h("li", {}, languageName(this.words.lang, code, language),
        days > 0 && [flame(), h("span", { "aria-hidden": "true" }, this.words.number(days)), spoken(this.t("streak.days", { n: days }))])));
  }

  asking(sender) {
    return this.person(sender, null, [
      this.button("accept", sender, "main"),
      this.button("decline", sender),
    ]);
  }

  invited(receiver) {
    return this.person(receiver, null, this.button("cancel", receiver));
  }

  someone(one) {
    return this.person(one, null, [this.relation(one), this.menu(one, one.friendship ? ["remove", "block"] : ["block"], "found")], "found");
  }

  /** What one may do with somebody who was found. */
  relation(one) {
    if (one.friendship) return h("span", { class: "chip" }, this.t("friends.friend"));
    if (!one.friend_request) return this.button("ask", one, "main");
    if (one.friend_request.sender.username === one.username) return this.button("accept", one, "main", "found");
    return this.button("cancel", one, "quiet", "found");
  }

  blocked(people) {
    return h("details", { class: "blocked", open: this.showsBlocked, on: { toggle: (event) => (this.showsBlocked = event.target.open) } },
      h("summary", { dataset: { key: "blocked" } }, this.t("friends.blockedPeople", { n: people.length })),
      h("ul", { class: "people" }, people.map((one) =>
        this.person(one, null, this.button("unblock", one)))));
  }

  /** A row; while something waits to be done, what that is and a way back. */
  person(one, details, actions, place = "") {
    const { username, name } = one;
    const face = one.avatar === undefined ? this.faces.get(username) : one.avatar;
    const waiting = this.waiting.get(username);
    if (waiting) {
      return h("li", { class: "person", dataset: { user: username } },
        h("span", { class: "who muted" }, waiting.text),
        h("div", { class: "actions" }, this.button("undo", one, "quiet", place, () => this.undo(username))));
    }
    return h("li", { class: "person", dataset: { user: username } },
      face === undefined ? initial(one) : avatar(face),
      h("div", { class: "who" },
        h("p", { class: "name" }, bdi(called(one))),
        details ?? (name && h("p", { class: "muted small" }, bdi(username)))),
      h("div", { class: "actions" }, actions));
  }

  /** Says what, and to those who do not see the row, to whom. */
  button(deed, one, kind = "quiet", place = "", click = () => this.do(deed, one)) {
    return h("button", { type: "button", class: kind, dataset: { key: `${place} ${deed} ${one.username}` }, on: { click } },
      this.t(`friends.${deed}`), spoken(` ${called(one)}`));
  }

  menu(one, deeds, place = "") {
    const key = `${place} more ${one.username}`;
    const details = h("details", { class: "menu", open: this.opened === key, on: {
      toggle: () => { if (details.open) this.opened = key; else if (this.opened === key) this.opened = null; },
      keydown: (event) => {
        if (event.key !== "Escape" || !details.open) return;
        details.open = false;
        details.firstChild.focus();
      },
      focusout: (event) => { if (event.relatedTarget && !details.contains(event.relatedTarget)) details.open = false; },
    } },
    h("summary", { dataset: { key } }, icon(DOTS, 20, 3), spoken(this.t("friends.more", { name: called(one) }))),
    h("div", {}, deeds.map((deed) => this.button(deed, one, deed === "block" ? "bad" : "", place))));
    return details;
  }
}

function called({ name, username }) {
  return name || username;
}

/** For those whose avatar the API does not tell: whom one has asked, unless a search has found them. */
function initial(one) {
  return h("span", { class: "initial", "aria-hidden": "true" }, [...called(one)][0]?.toUpperCase());
}

function icon(path, size, width = 2) {
  return svg("svg", { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" },
    svg("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round" }));
}

define("gamify-friends", GamifyFriends);
