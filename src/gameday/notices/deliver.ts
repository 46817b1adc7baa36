import { splitCommand } from "../../scenario/values/split-command.js";
import { runBoundedCommand } from "../../support/outside/bounded-command.js";
import { boundedRequest, NoAnswer } from "../../support/outside/bounded-request.js";
import type { Notice, Receiver } from "./notice.js";
import { webhookBody } from "./webhook-body.js";

/** What became of one attempt. */
export interface Delivery {
  readonly isDelivered: boolean;
  /** What went wrong. null: nothing did. It holds no part of a URL. */
  readonly reason: string | null;
  /** Another attempt may succeed. */
  readonly mayRetry: boolean;
}

export interface DeliveryContext {
  /** Commands run here. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Only an answer's status counts. */
const MOST_ANSWER_BYTES = 4_096;
const MOST_OUTPUT_BYTES = 4_096;
const TOO_MANY_REQUESTS = 429;
const REQUEST_TIMEOUT = 408;

/** Tells one receiver once. Never rejects for what the receiver does. */
export async function deliver(
  receiver: Receiver,
  notice: Notice,
  context: DeliveryContext,
): Promise<Delivery> {
  if (receiver.webhook !== undefined) return await post(receiver.webhook, receiver, notice, context);
  return await start(receiver.command ?? "", notice, context);
}

async function post(
  url: string,
  { format = "generic" }: Receiver,
  notice: Notice,
  { timeoutMs, signal }: DeliveryContext,
): Promise<Delivery> {
  try {
    const { status } = await boundedRequest(url, {
      method: "POST",
      headers: { "Content-Type": "application/json; charset=utf-8", "User-Agent": "faultline" },
      body: webhookBody(format, notice),
      mostBytes: MOST_ANSWER_BYTES,
      timeoutMs,
      signal,
    });
    if (status >= 200 && status < 300) return { isDelivered: true, reason: null, mayRetry: false };
    const isRedirect = status >= 300 && status < 400;
    const reason = `status ${status}${isRedirect ? ": redirects are not followed" : ""}`;
    const mayRetry = status >= 500 || status === TOO_MANY_REQUESTS || status === REQUEST_TIMEOUT;
    return { isDelivered: false, reason, mayRetry };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return { isDelivered: false, reason: error.message, mayRetry: true };
  }
}

/** The command gets the notice as JSON on stdin, and the facts that a short script needs as variables. */
async function start(
  command: string,
  notice: Notice,
  { folder, env, timeoutMs, signal }: DeliveryContext,
): Promise<Delivery> {
  const { isOk, how } = await runBoundedCommand({
    command: splitCommand(command),
    cwd: folder,
    env: {
      ...env,
      FAULTLINE_EVENT: notice.event,
      FAULTLINE_EXERCISE_ID: notice.exerciseId,
      FAULTLINE_GAMEDAY: notice.gameDay,
      FAULTLINE_TEXT: notice.text,
    },
    input: webhookBody("generic", notice),
    mostBytes: MOST_OUTPUT_BYTES,
    timeoutMs,
    signal,
  });
  return { isDelivered: isOk, reason: isOk ? null : how, mayRetry: true };
}
