// Calls to the API: the session in the query, as every client sends it, a time limit, typed errors.

const SECONDS = 15;

const KINDS = { 401: "session", 403: "forbidden", 404: "missing", 409: "conflict", 429: "busy", 503: "busy" };

/**
 * What went wrong with a call. `kind` is one of session, forbidden, missing, conflict, busy,
 * refused (another 4xx), server (another 5xx), network, timeout; `message` is the server's, if it
 * gave one; `status` is 0 where there was no answer.
 */
export class ApiError extends Error {
  constructor(kind, { status = 0, message = "" } = {}) {
    super(message);
    this.name = "ApiError";
    this.kind = kind;
    this.status = status;
  }
}

/**
 * Ask `path` of the API at `base`; answers the JSON, or the text if it is none.
 *
 * options: `session`, `lang`, `query` (key → value, null is left out), `body` (then it is a POST of
 * JSON, or what `method` says), `keepalive` to outlive the page, `signal` to give up. Throws ApiError;
 * AbortError when given up.
 */
export async function call(base, path, options = {}) {
  const { session, lang, query = {}, body, method = body ? "POST" : "GET", keepalive, signal } = options;
  const url = new URL(path.replace(/^\//, ""), base);
  for (const [key, value] of Object.entries({ ...query, session })) {
    if (value !== null && value !== undefined && value !== "") url.searchParams.set(key, value);
  }
  const limit = AbortSignal.timeout(SECONDS * 1000);
  const request = { method, headers: {}, keepalive, signal: signal ? AbortSignal.any([signal, limit]) : limit };
  if (lang) request.headers["Accept-Language"] = lang;
  if (body) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(url, request);
    const text = await response.text();
    if (!response.ok) throw refusal(response.status, text);
    return parsed(text);
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error;
    throw new ApiError(limit.aborted ? "timeout" : "network");
  }
}

function refusal(status, text) {
  const kind = KINDS[status] ?? (status < 500 ? "refused" : "server");
  const said = parsed(text);
  const message = typeof said?.message === "string" ? said.message : "";
  return new ApiError(kind, { status, message });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
