import { FaultlineError, messageOf } from "../support/errors.js";

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

/** Longer than any answer takes that is going to come. */
const CALL_DEADLINE_MS = 3_000;
/** After a call without an answer, until there is one again: cleaning up must come to an end. */
const SILENT_DEADLINE_MS = 500;

/**
 * What toxiproxy-node-client sends its requests with, in place of its own: bounded in time, and what the server
 * says about a refused request is kept. Throws ToxiproxyRefusal, or FaultlineError TOXIPROXY_UNREACHABLE.
 */
export class ToxiproxyTransport {
  readonly #headers: Readonly<Record<string, string>>;
  #silent = false;

  constructor(token: string | null) {
    this.#headers = token === null ? {} : { authorization: `Bearer ${token}` };
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
    const deadlineMs = this.#silent ? SILENT_DEADLINE_MS : CALL_DEADLINE_MS;
    const deadline = AbortSignal.timeout(deadlineMs);
    const content =
      body === undefined
        ? { headers: this.#headers }
        : { body: JSON.stringify(body), headers: { ...this.#headers, "content-type": "application/json" } };
    let status: number;
    let text: string;
    try {
      const response = await fetch(url, { method, signal: deadline, ...content });
      status = response.status;
      text = await response.text();
      this.#silent = false;
    } catch (error) {
      this.#silent = deadline.aborted;
      const why = deadline.aborted ? `no answer within ${deadlineMs / 1000} s` : reasonOf(error);
      throw new FaultlineError("TOXIPROXY_UNREACHABLE", `Toxiproxy at ${new URL(url).origin}: ${why}.`, {
        cause: error,
      });
    }
    if (status >= 300) throw new ToxiproxyRefusal(status, errorText(text) || `HTTP status ${status}`);
    return text;
  }
}

function parse<T>(url: string, text: string): T {
  try {
    // The shape is Toxiproxy's; toxiproxy-node-client declares it.
    return (text === "" ? undefined : JSON.parse(text)) as T;
  } catch (error) {
    const start = JSON.stringify(text.slice(0, 80));
    throw new FaultlineError(
      "TOXIPROXY_UNREACHABLE",
      `${new URL(url).origin} does not answer as a Toxiproxy does: ${start}.`,
      { cause: error },
    );
  }
}

/** fetch says "fetch failed" and keeps the reason in `cause`. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  // A name with several addresses fails with one error for each, and no text of its own.
  if (cause instanceof AggregateError && cause.errors.length > 0) return messageOf(cause.errors[0]);
  return messageOf(cause);
}

function errorText(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // Not JSON: the text itself is the message.
  }
  return body.trim().slice(0, 200);
}
