// A badge as one sees it: its picture, the rim of its level, a lock or a ring of progress.

import { HERE, h, svg } from "./base.js";

const ART = new URL("art/badges/", HERE).href;
const LEVELS = 5;

export const MEDAL_STYLES = `
.medal { position: relative; display: block; inline-size: var(--_medal, 64px); aspect-ratio: 1; flex: none; }
.medal img, .medal svg { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; }
.medal .picture { object-fit: contain; }
.medal.framed .picture { inset: 12%; inline-size: 76%; block-size: 76%; }
.medal.locked .picture { filter: grayscale(1) opacity(0.42); }
.medal .ground { fill: var(--_sunken); }
.medal .rest { fill: none; stroke: var(--_line); }
.medal .done { fill: none; stroke: var(--_color, var(--_accent)); stroke-linecap: round; }
.medal .lock { inset: auto; inset-block-end: 2%; inset-inline-end: 4%; inline-size: 34%; block-size: 34%; }
.medal .lock circle { fill: var(--_raised); stroke: var(--_line); }
.medal .lock path { fill: none; stroke: var(--_muted); stroke-width: 2; stroke-linecap: round; }
`;

/**
 * The medal of a badge: `{icon, level, locked, share, levels, icons}`.
 *
 * `icon` is the file name that the API gives, in the folder `icons`, a URL; if that is not said, it is our
 * art. What is not there is a star. `share` is how much of the way is done, 0 to 1. A family of
 * one level has no rim. It has no text: whoever shows it says what it is.
 */
export function medal({ icon, level = 1, levels = 1, locked = false, share = null, icons = null }) {
  const framed = locked || levels > 1;
  return h("span", { class: ["medal", framed && "framed", locked && "locked"].filter(Boolean).join(" "),
    "aria-hidden": "true" },
  locked ? ring(share ?? 0) : framed && image(`${ART}level-${Math.min(level, LEVELS)}.svg`, "rim"),
  picture(icon, folder(icons)),
  locked && lock());
}

/** The URL under which the pictures are: of the page's own, or ours. */
function folder(icons) {
  return icons ? new URL(icons.replace(/\/*$/, "/"), document.baseURI).href : ART;
}

function picture(icon, base) {
  const star = `${ART}badge.svg`;
  const made = image(icon && URL.canParse(icon, base) ? new URL(icon, base).href : star, "picture");
  made.addEventListener("error", () => (made.src = star), { once: true });
  return made;
}

function image(src, name) {
  return h("img", { class: name, src, alt: "", draggable: "false", decoding: "async" });
}

function ring(share) {
  const circle = { cx: 50, cy: 50, r: 45, "stroke-width": 6, pathLength: 100 };
  return svg("svg", { viewBox: "0 0 100 100" },
    svg("circle", { class: "ground", cx: 50, cy: 50, r: 45 }),
    svg("circle", { class: "rest", ...circle }),
    share > 0 && svg("circle", { class: "done", ...circle, transform: "rotate(-90 50 50)",
      "stroke-dasharray": `${Math.max(share * 100, 1)} 100` }));
}

function lock() {
  return svg("svg", { class: "lock", viewBox: "0 0 24 24" },
    svg("circle", { cx: 12, cy: 12, r: 11 }),
    svg("path", { d: "M8 11h8v6H8zM9.5 11V9a2.5 2.5 0 0 1 5 0v2" }));
}
