import { Agent, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { text as readText } from "node:stream/consumers";
import { Patience, sleep } from "../../../support/clock.js";
import { FaultlineError, hasCode, messageOf } from "../../../support/errors.js";
import { limitCodeOf } from "../../../support/limit-hit.js";
import { lookupHost } from "../../../support/lookup-host.js";
import { wholeOrSize } from "../../../support/secrets/said.js";
import type { SpareDescriptors } from "../../../support/spare-descriptors.js";
import { describeLimit } from "../../../support/system-limits.js";

/** Toxiproxy's own text for a request it refused. */
export class ToxiproxyRefusal extends Error {
  constructor(
    /** HTTP status. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The server took the request, or may have, and gave no answer. It may still carry it out at any later time. */
export class ToxiproxySilence extends FaultlineError {}

/** Longer than any answer takes that will come at all. */
const CALL_DEADLINE_MS = 3_000;
/** The limit after a call without an answer, until there is one again. Cleaning up must come to an end. */
const SILENT_DEADLINE_MS = 1_000;

/**
 * Pause before a call is tried again for want of a file descriptor. It grows from one try to the next: 0.9 s in all.
 */
const AGAIN_AFTER_MS = 20;
const MOST_TRIES = 10;

export interface TransportOptions {
  /** The token of a server that asks for one. null: none is sent. */
  readonly token?: string | null;
  /** Limit for each call. Default: longer than any answer takes that will come at all. */
  readonly deadlineMs?: number;
  /**
   * The server is our own and never ends an idle connection. One connection is used again and again, so calls need no
   * file descriptor when none is left.
   */
  readonly keepsConnections?: boolean;
  /** Let go when a call has no file descriptor, and held again after it. */
  readonly spare?: SpareDescriptors;
}

/**
 * What toxiproxy-node-client sends its requests with, in place of its own. It is bounded in time, and keeps what the
 * server says about a refused request. It goes straight to the address in the URL, on any port. Unlike fetch, it uses
 * no proxy of the environment, follows no redirect and has no list of forbidden ports.
 * @throws ToxiproxyRefusal, ToxiproxySilence, or another FaultlineError: TOXIPROXY_UNREACHABLE, TOXIPROXY_UNAUTHORIZED.
 */
export class ToxiproxyTransport {
  readonly #headers: Readonly<Record<string, string>>;
  readonly #deadlineMs: number;
  readonly #agent: Agent | false;
  readonly #spare: SpareDescriptors | null;
  readonly #hasToken: boolean;
  #silent = false;
  #silences = 0;

  constructor({
    token = null,
    deadlineMs = CALL_DEADLINE_MS,
    keepsConnections = false,
    spare,
  }: TransportOptions = {}) {
    this.#spare = spare ?? null;
    this.#hasToken = token !== null;
    this.#headers = {
      ...(keepsConnections ? {} : { connection: "close" }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    };
    this.#deadlineMs = deadlineMs;
    // One connection: calls wait for each other, and none needs a second one.
    this.#agent = keepsConnections ? new Agent({ keepAlive: true, maxSockets: 1 }) : false;
  }

  /** Closes what is kept for later calls. */
  close(): void {
    this.#spare?.release();
    if (this.#agent) this.#agent.destroy();
  }

  /** How many calls had no answer. */
  get silences(): number {
    return this.#silences;
  }

  async get<T>(url: string): Promise<{ data: T }> {
    return { data: parse<T>(url, await this.#request("GET", url)) };
  }

  async post<T>(url: string, body?: unknown): Promise<{ data: T }> {
    return { data: parse<T>(url, await this.#request("POST", url, body)) };
  }

  async delete(url: string): Promise<void> {
    await this.#request("DELETE", url);
  }

  getText(url: string): Promise<string> {
    return this.#request("GET", url);
  }

  async #request(method: string, url: string, body?: unknown): Promise<string> {
    const deadlineMs = this.#silent ? Math.min(SILENT_DEADLINE_MS, this.#deadlineMs) : this.#deadlineMs;
    const late = new AbortController();
    const patience = new Patience(deadlineMs, () => late.abort());
    let status: number;
    let text: string;
    try {
      const content = body === undefined ? null : JSON.stringify(body);
      ({ status, text } = await this.#exchange(new URL(url), {
        method,
        headers: this.#headers,
        agent: this.#agent,
        content,
        signal: late.signal,
      }));
      this.#silent = false;
    } catch (error) {
      this.#silent = late.signal.aborted;
      if (!this.#silent) throw unreachable(url, error);
      this.#silences += 1;
      const why = `Toxiproxy at ${new URL(url).origin}: no answer within ${deadlineMs / 1000} s.`;
      throw new ToxiproxySilence("TOXIPROXY_UNREACHABLE", why, { cause: error });
    } finally {
      patience.end();
    }
    if (status === 401) throw this.#unauthorized(url);
    if (status >= 300) throw new ToxiproxyRefusal(status, errorText(text) || `HTTP status ${status}`);
    return text;
  }

  #unauthorized(url: string): FaultlineError {
    const why = this.#hasToken ? "does not take the token of the environment" : "asks for a token";
    return new FaultlineError("TOXIPROXY_UNAUTHORIZED", `Toxiproxy at ${new URL(url).origin} ${why}.`);
  }

  /** When no descriptors are left, it goes on with those that are kept for it. The load may take them first. */
  async #exchange(url: URL, call: Call): Promise<Answer> {
    this.#spare?.hold();
    for (let tries = 1; ; tries += 1) {
      try {
        return await exchange(url, call);
      } catch (error) {
        if (!lacksDescriptor(error) || tries >= MOST_TRIES) throw error;
        this.#spare?.release();
        await sleep(tries * AGAIN_AFTER_MS);
      }
    }
  }
}

/** This process has no file descriptor for a connection: nothing was sent. */
function lacksDescriptor(error: unknown): boolean {
  return hasCode(error, "EMFILE") || hasCode(error, "ENFILE");
}

/** A server's URL as people see it: without a password that may stand in it. */
export function shownServer(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

interface Call {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** false: a connection of its own. No server can have closed it just when it is used again. */
  readonly agent: Agent | false;
  /** JSON; null: no body. */
  readonly content: string | null;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function exchange(url: URL, { method, headers, agent, content, signal }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? requestHttps : requestHttp;
    const ofContent =
      content === null
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(content) };
    const options = {
      method,
      headers: { ...headers, ...ofContent },
      agent,
      signal,
      lookup: lookupHost,
    };
    const outgoing = request(url, options, (answer) => {
      readText(answer).then((text) => resolve({ status: answer.statusCode ?? 0, text }), reject);
    });
    outgoing.on("error", reject);
    outgoing.end(content ?? undefined);
  });
}

function parse<T>(url: string, text: string): T {
  try {
    // The shape is Toxiproxy's. toxiproxy-node-client declares it.
    return (text === "" ? undefined : JSON.parse(text)) as T;
  } catch (error) {
    throw notToxiproxy(url, text, error);
  }
}

/** Something else answers at the server's address. */
export function notToxiproxy(url: string, answer: string, cause?: unknown): FaultlineError {
  const shown = JSON.stringify(wholeOrSize(answer));
  const message = `${new URL(url).origin} does not answer as a Toxiproxy does: ${shown}.`;
  return new FaultlineError("TOXIPROXY_UNREACHABLE", message, { cause });
}

function unreachable(url: string, cause: unknown): FaultlineError {
  const { origin } = new URL(url);
  const limit = limitCodeOf(cause);
  // Nothing was sent, and nothing is known of the server.
  if (limit !== null) {
    const why = `faultline itself cannot ask Toxiproxy at ${origin}, as ${describeLimit(limit)}`;
    return new FaultlineError("LIMIT_REACHED", why, { cause });
  }
  return new FaultlineError("TOXIPROXY_UNREACHABLE", `Toxiproxy at ${origin}: ${reasonOf(cause)}.`, {
    cause,
  });
}

function reasonOf(error: unknown): string {
  // A name with several addresses fails with one error for each, and no text of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return messageOf(error);
}

function errorText(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // Not JSON: the text itself is the message.
  }
  return wholeOrSize(body.trim());
}
