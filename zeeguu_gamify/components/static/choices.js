// A row of choices of which one is made: radio buttons that look like a switch.

import { h } from "./base.js";

export const CHOICES = `
.choices { border: 0; margin: 0; padding: 3px; min-inline-size: 0; display: flex; border-radius: 999px; background: var(--_sunken); }
.choices label { flex: 1; position: relative; cursor: pointer; }
.choices input { position: absolute; inset: 0; margin: 0; opacity: 0; cursor: pointer; }
.choices span {
  display: grid; place-items: center; block-size: 100%; min-block-size: 38px; padding: 4px 14px; border-radius: 999px;
  font-size: 0.875rem; font-weight: 600; line-height: 1.15; text-align: center; color: var(--_muted); transition: background 0.15s;
}
.choices label:hover span { color: var(--_text); }
.choices input:checked + span { color: var(--_text); background: var(--_raised); box-shadow: 0 1px 3px #0003; }
.choices input:focus-visible + span { outline: 3px solid var(--_accent); outline-offset: 1px; }
@media (forced-colors: active) { .choices input:checked + span { outline: 2px solid; } }
`;

/** `options` are pairs of value and text; `choose` is called with the value. Nothing if there is no choice. */
export function choices(name, label, options, chosen, choose) {
  if (options.length < 2) return null;
  return h("fieldset", { class: "choices" },
    h("legend", { class: "spoken" }, label),
    options.map(([value, text]) =>
      h("label", {},
        h("input", { type: "radio", name, value, checked: value === chosen, dataset: { key: `${name} ${value}` },
          on: { change: () => choose(value) } }),
        h("span", {}, text))));
}
