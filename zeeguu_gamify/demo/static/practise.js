// Practice: a quiz of five words, or a story whose words may be tapped. What could not be sent is kept,
// also when the page is made anew, and sent again, each with a key of its own, so nothing counts twice.

import { enterAgain } from "./page.js";

const QUESTIONS = 5;
const CHOICES = 4;
/** Milliseconds that make a day of practice; nobody has to wait for them here. */
const LONG_ENOUGH = 120_000;
/** Where this tab keeps what this learner has not sent. */
const KEPT = `wortwald-kept ${location.pathname}`;

const card = document.getElementById("practise");
const place = card.querySelector(".place");
const problem = card.querySelector(".problem");
const { articles, words } = JSON.parse(card.querySelector(".given").textContent);
const { session } = document.querySelector("gamify-profile");

/** Calls that are still to be sent, and the id that the server gave to the activity they are of. */
let { waiting, activity } = JSON.parse(sessionStorage.getItem(KEPT)) ?? { waiting: [], activity: null };
let sending = Promise.resolve();
let story = 0;

// --- telling the API ----------------------------------------------------------------------------

/** The server understood, and will not have it, however often it is asked. */
class Refused extends Error {}

async function send({ path, json, form, within, key }) {
  const headers = { "Idempotency-Key": key };
  if (json) headers["Content-Type"] = "application/json";
  const body = json ? JSON.stringify(json) : new URLSearchParams({ ...form, ...(within && { [within]: activity }) });
  const response = await fetch(`${path}?session=${session}`, {
    method: "POST", headers, body, signal: AbortSignal.timeout(15_000),
  });
  if (response.status === 401) enterAgain();
  else if (response.status >= 400 && response.status < 500) throw new Refused();
  if (!response.ok) throw new Error(String(response.status));
  const text = await response.text();
  return text.startsWith("{") ? JSON.parse(text) : text;
}

/** Calls as an activity of that kind, long enough to be practice; `within`: what they call its id. */
function during(kind, start, calls) {
  return [
    { path: `/${kind}_session_start`, form: start, begins: true },
    ...calls,
    { path: `/${kind}_session_end`, form: { duration: LONG_ENOUGH }, within: "id" },
  ];
}

/** Send these after what waits already; whether that went well. `heard` of a call gets its answer. */
function tell(...calls) {
  waiting.push(...calls.map((call) => Object.assign(call, { key: crypto.randomUUID() })));
  return sendAll();
}

function sendAll() {
  sending = sending.then(sendEach);
  return sending;
}

async function sendEach() {
  try {
    while (waiting.length) {
      const answer = await send(waiting[0]);
      const call = waiting.shift();
      if (call.begins) activity = answer.id;
      call.heard?.(answer);
    }
  } catch (error) {
    complain(error instanceof Refused);
    return false;
  }
  problem.hidden = true;
  document.querySelectorAll("gamify-streak, gamify-profile, gamify-badges").forEach((one) => one.refresh());
  return true;
}

function complain(refused) {
  if (refused) {
    waiting = [];
    problem.replaceChildren("The server did not take what you did, so it does not count. Sorry!");
  } else {
    const again = make("button", { type: "button", textContent: "Try again" });
    again.onclick = sendAll;
    problem.replaceChildren("The server cannot be reached. What you did is kept here.", again);
  }
  problem.hidden = false;
}

addEventListener("pagehide", () => sessionStorage.setItem(KEPT, JSON.stringify({ waiting, activity })));

// --- the quiz -----------------------------------------------------------------------------------

const known = Object.keys(words);

function quiz() {
  const asked = shuffled(known).slice(0, QUESTIONS);
  ask(asked, []);
}

function ask(asked, results) {
  const word = asked[results.length];
  const meaning = words[word];
  const others = shuffled([...new Set(Object.values(words))].filter((other) => other !== meaning));
  const choices = shuffled([meaning, ...others.slice(0, CHOICES - 1)]);
  const answers = make("div", { className: "answers" });
  const said = make("p", {}, "");
  said.setAttribute("role", "status");
  const next = make("button", { type: "button", textContent: results.length + 1 < QUESTIONS ? "Next" : "Finish", hidden: true });
  const quick = make("button", { type: "button", className: "quiet", textContent: "Do it in one click" });
  for (const choice of choices) {
    const button = make("button", { type: "button", textContent: choice });
    button.onclick = () => {
      if (button.ariaDisabled) return;
      const isRight = choice === meaning;
      for (const other of answers.children) {
        other.ariaDisabled = "true";
        if (other.textContent === meaning) other.className = "right";
      }
      if (!isRight) button.className = "wrong";
      said.textContent = isRight ? `Right: ${word} is ${meaning}.` : `${word} is ${meaning}.`;
      said.className = isRight ? "good" : "bad";
      results.push(isRight);
      steps.children[results.length - 1].className = isRight ? "right" : "wrong";
      quick.hidden = true;
      next.hidden = false;
      next.focus();
    };
    answers.append(button);
  }
  const steps = stepsOf(results);
  next.onclick = () => (results.length < QUESTIONS ? ask(asked, results) : finish(asked, results));
  quick.onclick = () => finish(asked, asked.map((_, index) => results[index] ?? true));
  const question = make("p", { className: "question" }, make("span", { className: "muted" }, "What is"), make("strong", { lang: "de" }, word));
  const after = make("div", { className: "after" }, said, quick, next);
  show(steps, question, answers, after);
  if (results.length) answers.firstChild.focus();
}

function stepsOf(results) {
  const marks = Array.from({ length: QUESTIONS }, (_, index) =>
    make("li", { className: index in results ? (results[index] ? "right" : "wrong") : "" }));
  const list = make("ol", { className: "steps" }, ...marks);
  list.setAttribute("aria-label", `Question ${Math.min(results.length + 1, QUESTIONS)} of ${QUESTIONS}`);
  return list;
}

/** A word counts once in a context, and each quiz is one: else who is asked a word again would miss their goal. */
function finish(asked, results) {
  const quiz = crypto.randomUUID();
  const calls = asked.flatMap((word, index) => [
    { path: "/translate_word/de/en", form: { word, context: `${word}: ${words[word]}, in quiz ${quiz}` } },
    {
      path: "/report_exercise_outcome", within: "session_id",
      form: { word, outcome: results[index] ? "C" : "W", source: "Recognize_L2W_in_L1T" },
    },
  ]);
  const last = { path: "/api/v1/quiz/result", json: { score: results.filter(Boolean).length, total: QUESTIONS }, results };
  showResult(last, tell(...during("exercise", {}, calls), last));
}

/** Show how the quiz went which `last` ends, and what it earned once that is known. */
async function showResult(last, sent) {
  const { score } = last.json;
  const [kind, said] = score === QUESTIONS ? ["all", "Well done"] : score ? ["some", "Good going"] : ["none", "Hard words; now you have met them"];
  const title = make("strong", { className: kind }, `${score} of ${QUESTIONS}`);
  const earned = make("p", { className: "muted" }, "One moment…");
  earned.setAttribute("role", "status");
  const again = make("button", { type: "button", textContent: "Another quiz" });
  again.onclick = quiz;
  show(stepsOf(last.results), make("div", { className: "done" }, title, earned, make("div", { className: "row" }, again)));
  again.focus({ preventScroll: true });
  last.heard = ({ exp, replayed }) => {
    earned.textContent = `${said}: ${replayed ? "it is counted" : `${exp} EXP, and some for each word`}. Your day is kept.`;
  };
  if (!(await sent)) earned.textContent = waiting.length ? "It counts as soon as the server can be reached." : "It does not count.";
}

// --- the story ----------------------------------------------------------------------------------

function read() {
  const { id, title, content } = articles[story % articles.length];
  const said = make("p", { textContent: "Tap a word to see what it means." });
  said.setAttribute("role", "status");
  const text = make("div", { className: "story", lang: "de" }, make("h3", {}, title));
  const paragraph = make("p");
  for (const sentence of content.split(/(?<=[.!?])\s+/)) {
    paragraph.append(...sentence.split(/(\p{L}+)/u).map((part, index) => (index % 2 ? tappable(part, sentence, said) : part)), " ");
  }
  text.append(paragraph);
  const done = make("button", { type: "button", textContent: "I have read it" });
  const finished = () => {
    if (!text.isConnected) return;
    read();
    card.querySelector(".after p").textContent = `“${title}” is read. Here is another one.`;
    card.querySelector(".story button").focus();
  };
  done.addEventListener("click", () => {
    story += 1;
    const scrolled = { path: "/upload_user_activity_data", form: { event: "SCROLL", article_id: id, value: 1 } };
    const calls = during("reading", { article_id: id }, [scrolled]);
    calls.at(-1).heard = finished;
    tell(...calls);
  }, { once: true });
  show(text, make("div", { className: "after" }, said, done));
}

function tappable(word, context, said) {
  const button = make("button", { type: "button", textContent: word });
  const heard = ({ translation }) => {
    said.textContent = translation === word ? `${word}: not in the dictionary.` : `${word}: ${translation}`;
  };
  button.onclick = () => tell({ path: "/translate_word/de/en", form: { word, context }, heard });
  return button;
}

// --- making things ------------------------------------------------------------------------------

function show(...nodes) {
  place.className = "place practise";
  place.replaceChildren(...nodes);
}

function make(tag, properties = {}, ...nodes) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...nodes);
  return made;
}

function shuffled(list) {
  const mixed = [...list];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
  }
  return mixed;
}

// --- the beginning ------------------------------------------------------------------------------

const kinds = card.querySelectorAll("[data-kind]");

function choose(kind) {
  for (const one of kinds) one.ariaPressed = String(one.dataset.kind === kind);
  (kind === "quiz" ? quiz : read)();
}

/** What an earlier page of this tab could not send: with the result of its quiz, else as a story. */
async function resume() {
  const last = waiting.findLast(({ results }) => results);
  if (last) {
    showResult(last, sendAll());
    return;
  }
  choose("story");
  if (await sendAll()) card.querySelector(".after p").textContent = "What you did before is sent. Here is another story.";
}

for (const kind of kinds) kind.onclick = () => choose(kind.dataset.kind);
if (waiting.length) resume();
else choose("quiz");
