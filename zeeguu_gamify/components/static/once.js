// What this browser has shown already: a grant is celebrated once, though its event may arrive twice,
// in two elements or windows, or again after a reload.

const KEY = "gamify-celebrated";
const KEPT = 100;

const here = new Set();

/** Whether nobody has claimed `key` before; from now on somebody has. */
export async function claim(key) {
  if (here.has(key)) return false;
  here.add(key);
  // Only one window at a time; without locks (no HTTPS) two visible windows may both come first.
  return navigator.locks ? navigator.locks.request(KEY, () => write(key)) : write(key);
}

function write(key) {
  try {
    const known = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    if (known.includes(key)) return false;
    localStorage.setItem(KEY, JSON.stringify([...known, key].slice(-KEPT)));
  } catch {
    // No storage, or nothing of ours in it: then this page's memory has to do.
  }
  return true;
}
