import { AnswerBody } from "../load/answers/answer-body.js";
import { compileCheck } from "../load/answers/answer-check.js";
import { compileJsonValue, compileText } from "../load/answers/conditions.js";
import type { CheckExpectation } from "../plan/checks/check-spec.js";
import type { Asked, Judged, MissingObject, Unasked, WhyUnasked } from "./asked.js";

type Answer = Extract<Asked, { kind: "answer" }>;

/** Statuses that say that the question was understood. */
const UNDERSTOOD = ["2xx"] as const;

/** Holds what was answered against what was expected. */
export function judgeAnswer(expect: CheckExpectation, asked: Asked | MissingObject): Judged {
  if (asked.kind === "missing") return broken(asked.reason);
  if (asked.kind === "unasked") return asked;
  return judgeEnd(expect, asked) ?? judgeBody(expect, asked);
}

/** By exit code or status. @returns null when the answer is to be looked into. */
function judgeEnd(expect: CheckExpectation, { exitCode, status, output }: Answer): Judged | null {
  if (exitCode !== null && exitCode !== (expect.exit ?? 0)) {
    if (isNotFound(exitCode, output)) return unasked("not_started", NOT_FOUND, output);
    return expect.exit === null
      ? unasked("exit_code", `the command exited with code ${exitCode}`, output)
      : broken(`exit code: expected ${expect.exit}, found ${exitCode}`);
  }
  if (status === null) return null;
  const { statusOk } = compileCheck({
    status: expect.status ?? UNDERSTOOD,
    headers: {},
    body: null,
    json: {},
  });
  if (statusOk(status)) return null;
  return expect.status === null
    ? unasked("status", `the answer has status ${status}`, output)
    : broken(`status: expected ${expect.status.join(" or ")}, found ${status}`);
}

function judgeBody({ number, text, json }: CheckExpectation, { body, output }: Answer): Judged {
  const answer = new AnswerBody([body]);
  const said = answer.text.trim();
  const paths = Object.entries(json);
  if (said === "" && (number !== null || text !== null || paths.length > 0)) {
    // Nothing may be what a text is to be.
    const isMeant = text !== null && number === null && compileText("text", text)(undefined) === null;
    return isMeant ? { kind: "held" } : unasked("nothing_printed", "the answer is empty", output);
  }
  if (number !== null) {
    if (!NUMBER.test(said)) return unasked("not_a_number", "the answer is not one number", output);
    const reason = compileJsonValue("number", number)(Number(said));
    if (reason !== null) return broken(reason);
  }
  if (text !== null) {
    const reason = compileText("text", text)(answer.text.trimEnd());
    if (reason !== null) return broken(reason);
  }
  if (paths.length === 0) return { kind: "held" };
  if (answer.json === undefined) return unasked("not_json", "the answer is not JSON", output);
  const { inspect } = compileCheck({ status: [], headers: {}, body: null, json });
  const reason = inspect?.([], answer) ?? null;
  return reason === null ? { kind: "held" } : broken(reason);
}

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;

/** What a shell says of a program that is not there. */
const NOT_FOUND_CODE = 127;
const NOT_FOUND = "the shell found no such program";

function isNotFound(exitCode: number, output: string): boolean {
  return exitCode === NOT_FOUND_CODE && /\bnot found\b/.test(output);
}

function broken(reason: string): Judged {
  return { kind: "broken", reason };
}

function unasked(why: WhyUnasked, reason: string, output: string): Unasked {
  return { kind: "unasked", why, reason, output };
}
