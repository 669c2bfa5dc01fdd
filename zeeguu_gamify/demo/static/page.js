// On every page: the menu, and other windows when the clock has moved.

const menu = document.querySelector(".who");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  if (!menu.contains(event.target)) menu.open = false;
});

// --- the clock ----------------------------------------------------------------------------------

// It is everybody's: each window follows, and the page stays, since what becomes due is told live. Back
// in the present the page is made anew: its session may be one of the days that are undone.

const form = document.querySelector(".clock");
const voice = document.querySelector(".clock-voice");
const windows = new BroadcastChannel("wortwald-clock");
const ahead = () => Number(form.dataset.ahead);

async function move(by) {
  form.ariaBusy = "true";
  try {
    await follow(await fetch(form.action, { method: "POST", body: by }));
    windows.postMessage(ahead());
    form.querySelector(`[value="${by.get("move")}"]`)?.focus();
  } catch {
    voice.textContent = form.querySelector("p").textContent = "The server cannot be reached; the clock stays.";
  } finally {
    form.ariaBusy = null;
  }
}

/** Show the time of a page that has just come. */
async function follow(response) {
  const { body } = new DOMParser().parseFromString(await response.text(), "text/html");
  const other = body.querySelector(".clock");
  if (!response.ok) {
    voice.textContent = form.querySelector("p").textContent = body.querySelector("main p").textContent;
    return;
  }
  if (Number(other.dataset.ahead) < ahead()) {
    location.reload();
    return;
  }
  form.className = other.className;
  form.dataset.ahead = other.dataset.ahead;
  form.replaceChildren(...other.childNodes);
  voice.textContent = form.querySelector("p").textContent;
  for (const element of document.querySelectorAll("main *")) element.reload?.();
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.ariaBusy) move(new FormData(form, event.submitter));
  });
  windows.onmessage = async ({ data }) => {
    if (data !== ahead()) follow(await fetch(location.href));
  };
  windows.postMessage(ahead());
}

// A session may be over, or undone with the days that were; the page brings a new one, but not in vain
// again and again.
const AGAIN = "wortwald-entered";

export function enterAgain() {
  if (Date.now() - Number(sessionStorage.getItem(AGAIN)) < 10_000) return;
  sessionStorage.setItem(AGAIN, Date.now());
  location.reload();
}

document.addEventListener("gamify-error", ({ detail }) => {
  if (detail.error.kind === "session") enterAgain();
});

const celebrate = document.getElementById("celebrate");
if (celebrate) customElements.whenDefined("gamify-unlock").then(() => { celebrate.disabled = false; });
celebrate?.addEventListener("click", () => {
  document.querySelector("gamify-unlock").celebrate({
    badge: {
      code: "learned_words_1", name: "First Word", description: "Celebrated as often as you like.", level: 1,
      icon_name: "learned-words.svg", user_id: 0, at: new Date().toISOString() + Math.random(),
    },
  });
});
