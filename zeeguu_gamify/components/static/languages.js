// Names of languages, in the reader's.

/** The name of the language with this code; `name` where the browser does not know it. */
export function languageName(lang, code, name = code) {
  try {
    return new Intl.DisplayNames(lang, { type: "language", fallback: "none" }).of(code) ?? name;
  } catch {
    return name;
  }
}
