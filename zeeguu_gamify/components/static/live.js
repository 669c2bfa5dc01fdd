// One stream of events for each API and session, whatever the number of elements that listen.

const FIRST_WAIT = 2000;
const LONGEST_WAIT = 60000;

const streams = new Map();

/**
 * Hear what happens live. Answers a function that ends it.
 *
 * `on` maps names of events (docs/live.md) to `(data, id) => …`; of a `reset`, elements are to fetch
 * everything again. `boards` are those whose moves one wants to hear, as `board:period:scope`.
 */
export function listen(api, session, on, boards = []) {
  const key = `${api} ${session ?? ""}`;
  let stream = streams.get(key);
  if (!stream) {
    stream = new Stream(api, session, () => streams.delete(key));
    streams.set(key, stream);
  }
  return stream.add({ on, boards });
}

class Stream {
  constructor(api, session, ended) {
    this.api = api;
    this.session = session;
    this.ended = ended;
    this.listeners = new Set();
    this.names = new Set();
    this.boards = "";
    this.lastId = remembered(api);
    this.resumes = Boolean(this.lastId);
    this.wait = FIRST_WAIT;
  }

  add(listener) {
    this.listeners.add(listener);
    this.settle();
    return () => {
      if (this.listeners.delete(listener)) this.settle();
    };
  }

  /** Open, change or end the connection, once for all elements that come or go together. */
  settle() {
    if (this.settling) return;
    this.settling = setTimeout(() => {
      this.settling = null;
      if (!this.listeners.size) this.end();
      else if (!this.source || this.wanted() !== this.boards) this.open();
      else this.name();
    }, 0);
  }

  wanted() {
    return [...new Set([...this.listeners].flatMap(({ boards }) => boards))].sort().join(",");
  }

  open() {
    this.close();
    this.boards = this.wanted();
    const url = new URL("gamify/stream", this.api);
    const query = { session: this.session, boards: this.boards, last_event_id: this.lastId };
    for (const [key, value] of Object.entries(query)) {
      if (value) url.searchParams.set(key, value);
    }
    this.source = new EventSource(url);
    this.source.onerror = () => this.failed();
    this.source.addEventListener("ready", () => (this.wait = FIRST_WAIT));
    this.names.clear();
    this.name();
  }

  /** Browsers hand over only events that are asked for by name. */
  name() {
    for (const name of ["ready", ...[...this.listeners].flatMap(({ on }) => Object.keys(on))]) {
      if (this.names.has(name)) continue;
      this.names.add(name);
      this.source.addEventListener(name, (event) => this.tell(name, event));
    }
  }

  tell(name, event) {
    this.lastId = event.lastEventId || this.lastId;
    remember(this.api, this.lastId);
    if (name === "reset" && this.resumes) return; // the page before missed it; this one has just loaded
    if (name === "ready") this.resumes = false;
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return;
    }
    for (const { on } of [...this.listeners]) on[name]?.(data, event.lastEventId);
  }

  /** A browser comes back by itself, but not after an answer that is no stream: 401, 503. */
  failed() {
    if (this.source.readyState !== EventSource.CLOSED) return;
    this.close();
    this.again = setTimeout(() => this.open(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  close() {
    clearTimeout(this.again);
    this.source?.close();
    this.source = null;
  }

  end() {
    this.close();
    this.ended();
  }
}

// A page that is left may miss what it has caused itself; the next one goes on where it was. Another
// user's place is of no use, and the server says so by a `reset`.

function remember(api, id) {
  try {
    sessionStorage.setItem(`gamify-stream ${api}`, id);
  } catch {
    // No storage: then the next page begins with what comes.
  }
}

function remembered(api) {
  try {
    return sessionStorage.getItem(`gamify-stream ${api}`) ?? "";
  } catch {
    return "";
  }
}
