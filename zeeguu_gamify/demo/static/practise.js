// Practice: a quiz of five words, or a story whose words may be tapped. What could not be sent is kept
// and sent again, each with a key of its own, so nothing counts twice.

const QUESTIONS = 5;
const CHOICES = 4;
/** Milliseconds that make a day of practice; nobody has to wait for them here. */
const LONG_ENOUGH = 120_000;

const card = document.getElementById("practise");
const place = card.querySelector(".place");
const problem = card.querySelector(".problem");
const { articles, words } = JSON.parse(card.querySelector(".given").textContent);
const { session } = document.querySelector("gamify-profile");

let waiting = [];
let story = 0;

// --- telling the API ----------------------------------------------------------------------------

/** `form` may be a function: what it needs is known once the calls before are answered. */
async function send({ path, json, form, key }) {
  const headers = { "Idempotency-Key": key };
  if (json) headers["Content-Type"] = "application/json";
  const body = json ? JSON.stringify(json) : new URLSearchParams(typeof form === "function" ? form() : form);
  const response = await fetch(`${path}?session=${session}`, {
    method: "POST", headers, body, signal: AbortSignal.timeout(15_000),
  });
  if (response.status === 401) location.reload();
  if (!response.ok) throw new Error(String(response.status));
  const text = await response.text();
  return text.startsWith("{") ? JSON.parse(text) : text;
}

/** Calls as a session of that kind, long enough to be practice. */
function during(kind, start, calls) {
  let id;
  return [
    { path: `/${kind}_session_start`, form: start, then: (answer) => ({ id } = answer) },
    ...calls,
    { path: `/${kind}_session_end`, form: () => ({ id, duration: LONG_ENOUGH }) },
  ];
}

/** Send these after what waits already; answers what came for the last, or null if that failed. */
async function tell(...calls) {
  waiting.push(...calls.map((call) => ({ ...call, key: crypto.randomUUID() })));
  return sendAll();
}

async function sendAll() {
  let answer = null;
  try {
    while (waiting.length) {
      answer = await send(waiting[0]);
      waiting.shift().then?.(answer);
    }
  } catch {
    complain();
    return null;
  }
  problem.hidden = true;
  document.querySelectorAll("gamify-streak, gamify-profile, gamify-badges").forEach((one) => one.refresh());
  return answer;
}

function complain() {
  const again = make("button", { type: "button", textContent: "Try again" });
  again.onclick = sendAll;
  problem.replaceChildren("The server cannot be reached. What you did is kept here.", again);
  problem.hidden = false;
}

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

async function finish(asked, results) {
  const right = results.filter(Boolean).length;
  const calls = asked.flatMap((word, index) => [
    { path: "/translate_word/de/en", form: { word, context: `${word}: ${words[word]}` } },
    { path: "/report_exercise_outcome", form: { word, outcome: results[index] ? "C" : "W", source: "Recognize_L2W_in_L1T" } },
  ]);
  const title = make("strong", {}, `${right} of ${QUESTIONS}`);
  const earned = make("p", { className: "muted" }, "One moment…");
  earned.setAttribute("role", "status");
  const again = make("button", { type: "button", textContent: "Another quiz" });
  again.onclick = quiz;
  show(stepsOf(results), make("div", { className: "done" }, title, earned, make("div", { className: "row" }, again)));
  again.focus({ preventScroll: true });
  const answer = await tell(...during("exercise", {}, calls), { path: "/api/v1/quiz/result", json: { score: right, total: QUESTIONS } });
  earned.textContent = answer ? `Well done: ${answer.exp} EXP, and some for each word. Your day is kept.` : "It counts as soon as the server can be reached.";
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
  done.onclick = async () => {
    story += 1;
    const scrolled = { path: "/upload_user_activity_data", form: { event: "SCROLL", article_id: id, value: 1 } };
    const answer = await tell(...during("reading", { article_id: id }, [scrolled]));
    if (answer === null) return;
    read();
    card.querySelector(".after p").textContent = `“${title}” is read. Here is another one.`;
    card.querySelector(".story button").focus();
  };
  show(text, make("div", { className: "after" }, said, done));
}

function tappable(word, context, said) {
  const button = make("button", { type: "button", textContent: word });
  button.onclick = async () => {
    const answer = await tell({ path: "/translate_word/de/en", form: { word, context } });
    if (answer) said.textContent = answer.translation === word ? `${word}: not in the dictionary.` : `${word}: ${answer.translation}`;
  };
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

const kinds = card.querySelectorAll("[data-kind]");
for (const kind of kinds) {
  kind.onclick = () => {
    for (const one of kinds) one.ariaPressed = String(one === kind);
    (kind.dataset.kind === "quiz" ? quiz : read)();
  };
}
quiz();
