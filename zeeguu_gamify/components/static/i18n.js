// Texts in the reader's language, with numbers and dates as that language writes them.

const SHIPPED = ["en", "de", "ar"];
const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ps", "ur"]);

const own = new Map();
const loaded = new Map();

/** Let a page add a language, or change texts of ours: `addMessages("fr", {"retry": "Réessayer"})`. */
export function addMessages(lang, messages) {
  own.set(lang, { ...own.get(lang), ...messages });
}

/** The texts for `lang`, e.g. `de-AT`; what is missing there is English. */
export async function translator(lang) {
  const english = await shipped("en");
  const names = [lang, lang.split("-")[0]];
  const name = names.find((candidate) => SHIPPED.includes(candidate) || own.has(candidate));
  if (!name) return new Translator(regional("en"), { ...english, ...own.get("en") });
  const messages = SHIPPED.includes(name) ? await shipped(name) : {};
  return new Translator(regional(lang), { ...english, ...messages, ...own.get(name) });
}

/** Of a page that only says "en" a Briton's browser knows better how dates are written. */
function regional(lang) {
  if (lang.includes("-")) return lang;
  return navigator.languages.find((own) => own.startsWith(`${lang}-`)) ?? lang;
}

/** A language's texts are fetched once; where that fails, English has to do, and the next asks again. */
function shipped(name) {
  if (!loaded.has(name)) {
    const url = new URL(`./messages/${name}.json`, import.meta.url);
    const fetched = fetch(url).then((response) => {
      if (!response.ok) throw new Error(`${response.status} ${url}`);
      return response.json();
    });
    loaded.set(name, fetched.catch(() => (loaded.delete(name), {})));
  }
  return loaded.get(name);
}

/** Speaks one language. */
export class Translator {
  constructor(lang, messages) {
    this.lang = lang;
    this.messages = messages;
    this.dir = RIGHT_TO_LEFT.has(lang.split("-")[0]) ? "rtl" : "ltr";
    this.plurals = new Intl.PluralRules(lang);
  }

  /**
   * The text of `key`, with `{name}` replaced by `values.name`; numbers are written as the language
   * does. Where a text depends on a number, that is `values.n`, and the text is an object by plural
   * category. A key without a text is shown as it is.
   */
  text(key, values = {}) {
    const found = this.messages[key] ?? key;
    const template = typeof found === "string" ? found : (found[this.plurals.select(values.n)] ?? found.other);
    return template.replace(/\{(\w+)\}/g, (_, name) =>
      typeof values[name] === "number" ? this.number(values[name]) : this.isolated(String(values[name] ?? "")),
    );
  }

  /** A value that runs the other way, as a name may, must not turn the sentence around it. */
  isolated(text) {
    const foreign = this.dir === "rtl" ? /\p{Script=Latin}/u : /[\u0590-\u08ff\ufb1d-\ufefc]/;
    return foreign.test(text) ? `\u2068${text}\u2069` : text;
  }

  number(value, options) {
    return new Intl.NumberFormat(this.lang, options).format(value);
  }

  /** An instant: a Date, or what the API sends, naive UTC. In the reader's zone. */
  date(value, options = { dateStyle: "medium" }) {
    return new Intl.DateTimeFormat(this.lang, options).format(instant(value));
  }

  /** A calendar date, "2026-03-01", which is the same in every zone. */
  day(value, options = { dateStyle: "medium" }) {
    return new Intl.DateTimeFormat(this.lang, { ...options, timeZone: "UTC" }).format(instant(value));
  }

  /** From one calendar date to another, both included. */
  days(from, to) {
    const format = new Intl.DateTimeFormat(this.lang, { dateStyle: "medium", timeZone: "UTC" });
    return format.formatRange(instant(from), instant(to));
  }
}

/** The API writes naive UTC without a Z, events with a space in it; a browser takes both for local time. */
export function instant(value) {
  if (value instanceof Date) return value;
  const text = value.replace(" ", "T");
  return new Date(/T/.test(text) && !/(Z|[+-]\d\d:\d\d)$/.test(text) ? `${text}Z` : text);
}
