// Follows a backfill: asks how far it is, and says so, until it is over. Without it, "Look again".
const EVERY = 2000;

for (const card of document.querySelectorAll("[data-progress]")) {
  if (card.dataset.progress) follow(card, card.dataset.progress);
}

async function follow(card, url) {
  let found = {};
  while (!found.is_over) {
    await new Promise((resume) => setTimeout(resume, EVERY));
    try {
      const answer = await fetch(url, { cache: "no-store" });
      if (!answer.ok) return;
      found = await answer.json();
    } catch {
      continue; // the network is away for a moment
    }
    show(card, found);
  }
}

function show(card, found) {
  card.querySelector("progress").value = found.percent;
  for (const place of card.querySelectorAll("[data-said]")) {
    const text = String(found[place.dataset.said]);
    if (place.textContent !== text) place.textContent = text;
  }
  card.querySelector("[data-said=state]").className = `tag ${found.state}`;
  card.querySelector("[data-while-running]").hidden = found.is_over;
}
