import { boundedRequest, NoAnswer } from "../support/outside/bounded-request.js";
import { oneLine } from "../support/printable.js";
import { NotTaken } from "./exporter.js";

/** A receiver that needs longer is too slow for what comes every second. */
const ANSWER_WITHIN_MS = 5_000;
/** What a receiver says when it refuses is a line or two. */
const MOST_BYTES = 16_000;
const MOST_SAID = 300;

/** Posts a body. Resolves when the receiver has taken it, with its answer in JSON, or null. @throws NotTaken */
export async function post(
  url: string,
  options: {
    readonly method?: "POST" | "PATCH";
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Uint8Array;
    readonly stop: AbortSignal;
  },
): Promise<unknown> {
  const { method = "POST", headers, body, stop } = options;
  const answer = await boundedRequest(url, {
    method,
    headers,
    body,
    timeoutMs: ANSWER_WITHIN_MS,
    mostBytes: MOST_BYTES,
    signal: stop,
  }).catch((error: unknown) => {
    if (error instanceof NoAnswer) throw new NotTaken({ id: "no_answer", facts: { reason: error.message } });
    throw error;
  });
  const { status } = answer;
  const text = answer.body.toString("utf8");
  if (status >= 200 && status < 300) return jsonFrom(text);
  throw new NotTaken({ id: isForNow(status) ? "busy" : "refused", facts: { status, said: saidIn(text) } });
}

/** A receiver's own words, as they may be told. */
export function saidIn(text: string): string {
  return oneLine(text).slice(0, MOST_SAID);
}

/** @returns null when it is no JSON. */
function jsonFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What a receiver refuses for now it may take later. */
function isForNow(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}
