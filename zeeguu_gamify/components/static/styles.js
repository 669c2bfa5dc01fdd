// The look that all elements share: design tokens, which a page may set, and a few common parts.

/**
 * Every `--gamify-*` may be set by the page, on the element or above it. Within the elements they are
 * read as `--_*`. Light or dark follows the page's `color-scheme`, or the attribute `theme`.
 */
const TEXT = `
:host {
  --_accent: var(--gamify-accent, light-dark(#b8480c, #ffb26b));
  --_on-accent: var(--gamify-on-accent, light-dark(#ffffff, #2b1605));
  --_accent-soft: var(--gamify-accent-soft, light-dark(#fdeee0, #3d2a1b));
  --_surface: var(--gamify-surface, light-dark(#fffdfa, #1f1b18));
  --_raised: var(--gamify-raised, light-dark(#ffffff, #2a2521));
  --_sunken: var(--gamify-sunken, light-dark(#f5efe7, #161311));
  --_line: var(--gamify-line, light-dark(#eae0d3, #40382f));
  --_text: var(--gamify-text, light-dark(#2c241d, #f6eee4));
  --_muted: var(--gamify-muted, light-dark(#6b5f53, #bdb0a1));
  --_good: var(--gamify-good, light-dark(#1b7446, #84dba9));
  --_good-soft: var(--gamify-good-soft, light-dark(#e2f5ea, #173326));
  --_bad: var(--gamify-bad, light-dark(#b3261e, #ff9d94));
  --_bad-soft: var(--gamify-bad-soft, light-dark(#fdeceb, #3f1f1c));
  --_gold: var(--gamify-gold, light-dark(#c8860a, #f5c04f));
  --_ice: var(--gamify-ice, light-dark(#1677a8, #7fd0f5));
  --_radius: var(--gamify-radius, 16px);
  --_gap: var(--gamify-gap, 16px);
  --_shadow: var(--gamify-shadow,
    0 1px 2px light-dark(#6b4a2014, #0006), 0 6px 20px light-dark(#6b4a2012, #0004));
  --_font: var(--gamify-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
  display: block;
  color: var(--_text);
  font: 400 1rem/1.5 var(--_font);
  container-type: inline-size;
}
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
:host([theme="auto"]) { color-scheme: light dark; }
:host([theme]) { background: var(--_surface); border-radius: var(--_radius); }
:host([hidden]), [hidden] { display: none !important; }
*, ::before, ::after { box-sizing: border-box; }
.root { text-align: start; }
h2, h3, h4, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h2 { font-size: 1.25rem; line-height: 1.3; letter-spacing: -0.01em; text-wrap: balance; }
h3 { font-size: 1.0625rem; line-height: 1.35; }
img, svg { display: block; }
.muted { color: var(--_muted); }
.small { font-size: 0.875rem; }
.card, .root > .state {
  background: var(--_raised);
  border: 1px solid var(--_line);
  border-radius: var(--_radius);
  box-shadow: var(--_shadow);
  overflow-wrap: anywhere;
}
.card { padding: var(--_gap); }
.stack { display: grid; gap: var(--_gap); }
.row { display: flex; align-items: center; gap: 12px; flex-wrap: wrap; }
.spoken {
  position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}

button, .button {
  font: inherit; font-weight: 600; line-height: 1.2; color: var(--_on-accent);
  background: var(--_accent);
  border: 1px solid transparent; border-radius: 999px; padding: 10px 18px; min-block-size: 44px;
  cursor: pointer; transition: filter 0.15s, transform 0.1s;
}
button:hover:not(:disabled) { filter: brightness(1.07); }
button:active:not(:disabled) { transform: scale(0.97); }
button:disabled { cursor: not-allowed; color: var(--_muted); background: var(--_sunken); border-color: var(--_line); }
button.quiet { color: var(--_text); background: transparent; border-color: var(--_line); }
button.quiet:hover:not(:disabled) { background: var(--_sunken); }
:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }
.root:focus { outline: none; }
.chip {
  display: inline-flex; align-items: center; gap: 6px; padding: 2px 10px; border-radius: 999px;
  font-size: 0.8125rem; font-weight: 600; color: var(--_accent); background: var(--_accent-soft);
}

.state { display: grid; justify-items: center; gap: 10px; padding: 28px 16px; text-align: center; }
.state .sign {
  display: grid; place-items: center; inline-size: 56px; block-size: 56px; border-radius: 50%;
  color: var(--_accent); background: var(--_accent-soft);
}
.state.error .sign { color: var(--_bad); background: var(--_bad-soft); }
.bone {
  border-radius: 10px; min-block-size: 1em; background: var(--_sunken); position: relative; overflow: hidden;
}
.bone::after {
  content: ""; position: absolute; inset: 0; animation: shimmer 1.4s infinite;
  background: linear-gradient(90deg, transparent, light-dark(#ffffffb0, #ffffff14), transparent);
  transform: translateX(-100%);
}
@keyframes shimmer { to { transform: translateX(100%); } }
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after {
    animation-duration: 0.01ms !important; animation-iteration-count: 1 !important;
    transition-duration: 0.01ms !important;
  }
}
@media (forced-colors: active) {
  .card, .bone, .bar, button { border: 1px solid; }
  .bar i { background: CanvasText !important; forced-color-adjust: none; }
}
`;

/** A stylesheet of `text`: a strict CSP allows it, which refuses <style>. */
export function sheet(text) {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

export const SHARED = sheet(TEXT);
