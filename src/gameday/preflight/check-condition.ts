import { AnswerBody } from "../../load/answers/answer-body.js";
import { compileCheck } from "../../load/answers/answer-check.js";
import { buildExpectation } from "../../requests/answers/expectation.js";
import { splitCommand } from "../../scenario/values/split-command.js";
import { countOf } from "../../support/count-of.js";
import { hostOf, isAllowedHost } from "../../support/hosts.js";
import { runBoundedCommand } from "../../support/outside/bounded-command.js";
import { type BoundedAnswer, boundedRequest, NoAnswer } from "../../support/outside/bounded-request.js";
import type { GameDayData } from "../schema/game-day.js";

export type Condition = GameDayData["preflight"][number];

export interface ConditionContext {
  /** Commands run here. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly allowHosts: readonly string[];
  readonly signal: AbortSignal;
  /** Takes secrets out of a text. */
  readonly mask: (text: string) => string;
}

const MOST_ANSWER_BYTES = 1_000_000;
const MOST_OUTPUT_BYTES = 16_384;
/** A reason is one line of a report. */
const LONGEST_OUTPUT = 200;

/** @returns null when the condition holds, else why it does not. */
export async function whyNotHeld(condition: Condition, context: ConditionContext): Promise<string | null> {
  if (condition.http !== undefined) return await whyBadAnswer(condition, condition.http, context);
  if (condition.run !== undefined) return await whyFailed(condition, condition.run, context);
  return "it says nothing that could be looked at";
}

async function whyBadAnswer(
  { expect, timeout }: Condition,
  url: string,
  { allowHosts, signal }: ConditionContext,
): Promise<string | null> {
  const host = hostOf(new URL(url));
  if (!isAllowedHost(host, allowHosts)) return `${host} is not this machine; allow it: --allow-host ${host}`;
  const limits = { timeoutMs: timeout.ms, mostBytes: MOST_ANSWER_BYTES, signal };
  let answer: BoundedAnswer;
  try {
    answer = await boundedRequest(url, { method: "GET", ...limits });
  } catch (error) {
    if (error instanceof NoAnswer) return error.message;
    throw error;
  }
  const check = compileCheck(buildExpectation(expect));
  if (!check.statusOk(answer.status)) return check.statusReason(answer.status);
  if (answer.isCut && check.wantsBody) {
    return `the answer is longer than ${countOf(MOST_ANSWER_BYTES / 1_000_000, "megabyte")}`;
  }
  return check.inspect?.(answer.headers, new AnswerBody([answer.body])) ?? null;
}

async function whyFailed(
  { timeout }: Condition,
  command: string,
  { folder, env, signal, mask }: ConditionContext,
): Promise<string | null> {
  const limits = { timeoutMs: timeout.ms, mostBytes: MOST_OUTPUT_BYTES, signal };
  const { isOk, how, output } = await runBoundedCommand({
    command: splitCommand(command),
    cwd: folder,
    env,
    ...limits,
  });
  if (isOk) return null;
  // Half a secret would not be found any more: it is masked before it is cut.
  const lastLine = mask(output).split("\n").at(-1)?.trim().slice(0, LONGEST_OUTPUT) ?? "";
  return lastLine === "" ? `the command ${how}` : `the command ${how}: ${lastLine}`;
}
