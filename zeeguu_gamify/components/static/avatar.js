// <gamify-avatar>: an animal in the two colours that its owner chose.

import { define, h, HERE, sheet } from "./base.js";

/** What is shown instead of what is not known. */
const DEFAULT = { image_name: "elephant", character_color: "#f09000", background_color: "#ffe0b3" };
const NAMES = new Set([
  "otter", "elephant", "wolf", "fox", "owl", "panther", "lion", "tiger", "bear", "eagle",
  "rabbit", "deer", "leopard", "cheetah", "badger", "beaver", "lynx", "moose",
]);
const COLOR = /^#[0-9a-f]{6}$/i;

const STYLES = sheet(`
:host {
  display: inline-block; inline-size: var(--gamify-avatar-size, 40px); aspect-ratio: 1;
  flex: none; vertical-align: middle;
}
:host([hidden]) { display: none; }
.frame {
  --deep: color-mix(in oklab, var(--coat), #000 28%);
  --pale: color-mix(in oklab, var(--coat), #fff 82%);
  block-size: 100%; border-radius: 50%; overflow: hidden; background: var(--behind);
}
/* No height in percent: of a cell of a table, as on a board, WebKit knows none. */
svg { display: block; inline-size: 100%; aspect-ratio: 1; forced-color-adjust: none; }
.coat { fill: var(--coat); }
.deep { fill: var(--deep); }
.pale { fill: var(--pale); }
.line { fill: none; }
.deep.line { stroke: var(--deep); }
.pale.line { stroke: var(--pale); }
`);

const drawings = new Map();

/**
 * Attributes: `image-name`, `character-color`, `background-color`, as the API names them; and
 * `label`, what it is a picture of. Without one it is decoration, for a place where a name stands.
 */
class GamifyAvatar extends HTMLElement {
  static observedAttributes = ["image-name", "character-color", "background-color", "label"];

  constructor() {
    super();
    this.frame = h("div", { class: "frame", part: "frame" });
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [STYLES];
    shadow.append(this.frame);
  }

  connectedCallback() {
    this.update();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.update();
  }

  async update() {
    const label = this.getAttribute("label");
    set(this.frame, "role", label && "img");
    set(this.frame, "aria-label", label);
    set(this.frame, "aria-hidden", label ? null : "true");
    this.frame.style.setProperty("--coat", this.color("character_color"));
    this.frame.style.setProperty("--behind", this.color("background_color"));
    const asked = this.getAttribute("image-name");
    const name = NAMES.has(asked) ? asked : DEFAULT.image_name;
    if (name === this.shown) return;
    this.shown = name;
    const drawing = await drawingOf(name);
    if (name === this.shown && drawing) this.frame.replaceChildren(document.importNode(drawing, true));
  }

  color(key) {
    const given = this.getAttribute(key.replace("_", "-"));
    return COLOR.test(given) ? given : DEFAULT[key];
  }
}

/** The element for what the API calls `avatar`, which may be null, as may be what is in it. */
export function avatar(chosen, props = {}) {
  return h("gamify-avatar", {
    "image-name": chosen?.image_name,
    "character-color": chosen?.character_color,
    "background-color": chosen?.background_color,
    ...props,
  });
}

/** A drawing is fetched once; where that fails, the frame has to do, and the next one asks again. */
function drawingOf(name) {
  if (!drawings.has(name)) {
    const fetched = fetch(`${HERE}art/avatars/${name}.svg`).then(async (response) => {
      if (!response.ok) throw new Error(response.statusText);
      const parsed = new DOMParser().parseFromString(await response.text(), "image/svg+xml");
      parsed.documentElement.setAttribute("aria-hidden", "true");
      return parsed.documentElement;
    });
    drawings.set(name, fetched.catch(() => void drawings.delete(name)));
  }
  return drawings.get(name);
}

function set(element, name, value) {
  if (value) element.setAttribute(name, value);
  else element.removeAttribute(name);
}

define("gamify-avatar", GamifyAvatar);
