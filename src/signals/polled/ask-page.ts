import type { SignalEndpoint } from "../../plan/signals/signal-spec.js";
import { type BoundedAnswer, boundedRequest, NoAnswer } from "../../support/outside/bounded-request.js";
import { type SignalLook, troubled } from "./look.js";

/** A page of metrics of a large service has some hundred kilobytes. */
const MOST_BYTES = 16_000_000;

export interface Page {
  readonly source: Pick<SignalEndpoint, "url" | "headers" | "tls">;
  readonly timeoutMs: number;
}

/** Asks by GET, and looks into what was answered. */
export async function askPage(
  { source, timeoutMs }: Page,
  stop: AbortSignal,
  lookInto: (text: string) => SignalLook,
): Promise<SignalLook> {
  let got: BoundedAnswer;
  try {
    got = await boundedRequest(source.url, {
      method: "GET",
      headers: source.headers,
      tls: source.tls,
      timeoutMs,
      mostBytes: MOST_BYTES,
      signal: stop,
    });
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return troubled({ id: "no_answer", facts: { reason: error.message } });
  }
  if (got.isCut) return troubled({ id: "no_answer", facts: { reason: "the answer is longer than is read" } });
  if (got.status < 200 || got.status > 299) {
    return troubled({ id: "no_answer", facts: { reason: `it answers with status ${got.status}` } });
  }
  return lookInto(got.body.toString("utf8"));
}
