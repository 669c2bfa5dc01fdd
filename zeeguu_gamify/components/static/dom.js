// Small helpers to make elements. Texts become text nodes, never markup, so that a name such as
// "<img onerror=…>" stays a name; there is no way to hand in HTML.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An HTML element.
 *
 * `props`: `class`, `style` (an object of CSS properties, set one by one as a strict CSP wants it),
 * `dataset`, `on` (event name → handler); any other key is an attribute: null, undefined and false
 * leave it out, true sets it empty. Children are nodes, texts, numbers or arrays of these; null,
 * undefined and false are left out.
 */
export function h(tag, props = {}, ...children) {
  return filled(document.createElement(tag), props, children);
}

/** The same for an element of SVG. */
export function svg(tag, props = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), props, children);
}

/** A text of somebody's own: it may run the other way, and must not turn what is around it. */
export function bdi(text) {
  return h("bdi", {}, text);
}

/** Something that only screen readers read. */
export function spoken(text) {
  return h("span", { class: "spoken" }, text);
}

function filled(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    set(element, name, value);
  }
  append(element, children);
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "style") {
    for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
  } else if (name === "dataset") {
    Object.assign(element.dataset, value);
  } else if (name === "on") {
    for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
  } else {
    element.setAttribute(name, value === true ? "" : value);
  }
}

function append(element, child) {
  if (Array.isArray(child)) {
    child.forEach((part) => append(element, part));
  } else if (child !== null && child !== undefined && child !== false) {
    element.append(child instanceof Node ? child : String(child));
  }
}
