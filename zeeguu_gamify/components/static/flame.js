// The flame of a streak.

import { svg } from "./base.js";

export const FLAME = `
.flame { flex: none; overflow: visible; }
.outer { fill: var(--gamify-flame, #f4741f); }
.inner { fill: var(--gamify-flame-core, #ffd34d); }
`;

/** Its size is the business of whoever shows it. */
export function flame() {
  return svg("svg", { class: "flame", viewBox: "0 0 64 64", "aria-hidden": "true" },
    svg("path", { class: "outer", d: "M35 3c1 11 17 18 17 36a20 20 0 0 1-40 0c0-9 4-14 9-19 1 5 3 8 5 9 1-11 4-19 9-26z" }),
    svg("path", { class: "inner", d: "M33 31c1 6 9 9 9 17a10 10 0 0 1-20 0c0-6 3-9 6-11 1 2 2 4 3 5 0-4 1-8 2-11z" }));
}
