// On every page: the menu, and other windows when the clock has moved.

const { ahead } = document.body.dataset;
const menu = document.querySelector(".who");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  if (!menu.contains(event.target)) menu.open = false;
});

// The clock is everybody's: a window that still has the old one loads again.
if (ahead !== undefined) {
  const windows = new BroadcastChannel("wortwald-clock");
  windows.onmessage = ({ data }) => {
    if (data !== ahead) location.reload();
  };
  windows.postMessage(ahead);
}

// A session may be over, or undone with the days that were; the page brings a new one.
const AGAIN = "wortwald-entered";
document.addEventListener("gamify-error", ({ detail }) => {
  if (detail.error.kind !== "session" || Date.now() - Number(sessionStorage.getItem(AGAIN)) < 10_000) return;
  sessionStorage.setItem(AGAIN, Date.now());
  location.reload();
});

document.getElementById("celebrate")?.addEventListener("click", () => {
  document.querySelector("gamify-unlock").celebrate({
    badge: {
      code: "learned_words_1", name: "First Words", description: "Celebrated as often as you like.", level: 1,
      icon_name: "learned-words.svg", user_id: 0, at: new Date().toISOString() + Math.random(),
    },
  });
});
