import { boundedRequest, type ClientTls, NoAnswer } from "../support/outside/bounded-request.js";
import { saidIn } from "../support/secrets/said.js";
import { NotTaken } from "./exporter.js";

/** A receiver that needs longer is too slow for what comes every second. */
const ANSWER_WITHIN_MS = 5_000;
/** What most receivers say is a line or two. A long secret in it has to be there as a whole. */
const MOST_BYTES = 100_000;

/** What a receiver said when it took a body, as it claims. */
export interface PostAnswer {
  readonly status: number;
  /** null: it is no JSON, or there was more of it than is read. */
  readonly json: unknown;
  readonly isCut: boolean;
}

/** Posts a body. Resolves when the receiver answers that it has taken it. @throws NotTaken */
export async function post(
  url: string,
  options: {
    readonly method?: "POST" | "PUT" | "PATCH";
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Uint8Array;
    readonly tls?: ClientTls | undefined;
    /** Limit for the answer. */
    readonly mostBytes?: number;
    readonly stop: AbortSignal;
  },
): Promise<PostAnswer> {
  const { method = "POST", headers, body, tls, mostBytes = MOST_BYTES, stop } = options;
  const answer = await boundedRequest(url, {
    method,
    headers,
    body,
    tls: tls ?? null,
    timeoutMs: ANSWER_WITHIN_MS,
    mostBytes,
    signal: stop,
  }).catch((error: unknown) => {
    if (error instanceof NoAnswer) throw new NotTaken({ id: "no_answer", facts: { reason: error.message } });
    throw error;
  });
  const { status, isCut } = answer;
  const text = answer.body.toString("utf8");
  if (status >= 200 && status < 300) return { status, json: isCut ? null : jsonFrom(text), isCut };
  throw new NotTaken({ id: isForNow(status) ? "busy" : "refused", facts: { status, said: saidIn(text) } });
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
export function isForNow(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}
