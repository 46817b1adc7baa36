import { DEFAULT_STATUSES, type Expectation } from "../../requests/answers/expectation.js";
import { type AnswerBody, headerValue } from "./answer-body.js";
import { compileJsonValue, compileText } from "./conditions.js";
import { compileJsonPath, valueAt } from "./json-value.js";

/** Looks at a whole answer. Its result is null when the answer is as expected, else the reason for `http_error`. */
export interface AnswerCheck {
  readonly statusOk: (status: number) => boolean;
  /** The reason for a status that is not ok. */
  readonly statusReason: (status: number) => string;
  /** null: only the status matters. */
  readonly inspect: ((headers: readonly string[], body: AnswerBody) => string | null) | null;
  readonly wantsBody: boolean;
}

/** @throws SCENARIO_INVALID for a malformed JSON path or expression. */
export function compileCheck(expect: Expectation): AnswerCheck {
  const accepted = new Uint8Array(1000);
  for (const status of expectedStatuses(expect)) {
    if (typeof status === "number") accepted[status] = 1;
    else accepted.fill(1, Number(status[0]) * 100, Number(status[0]) * 100 + 100);
  }
  const checks = [...headerChecks(expect), ...bodyChecks(expect)];
  return {
    statusOk: (status) => accepted[status] === 1,
    statusReason: statusReasons(expectedStatuses(expect)),
    inspect:
      checks.length === 0
        ? null
        : (headers, body) => {
            for (const check of checks) {
              const reason = check(headers, body);
              if (reason !== null) return reason;
            }
            return null;
          },
    wantsBody: expect.body !== null || Object.keys(expect.json).length > 0,
  };
}

function expectedStatuses({ status }: Expectation): Expectation["status"] {
  return status.length > 0 ? status : DEFAULT_STATUSES;
}

/** The reason for a bad status. A status that is no error by itself is bad because another one is expected. */
function statusReasons(expected: Expectation["status"]): (status: number) => string {
  const wanted = expected.join(" or ");
  return (status) => (status < 400 ? `status ${status}, expected ${wanted}` : `status ${status}`);
}

type Check = (headers: readonly string[], body: AnswerBody) => string | null;

function headerChecks(expect: Expectation): Check[] {
  return Object.entries(expect.headers).map(([name, wanted]) => {
    const check = compileText(`header ${name}`, wanted);
    const key = name.toLowerCase();
    return (headers) => check(headerValue(headers, key) ?? undefined);
  });
}

function bodyChecks(expect: Expectation): Check[] {
  const checks: Check[] = [];
  if (expect.body !== null) {
    const check = compileText("body", expect.body);
    // An empty body counts as none.
    checks.push((_, { text }) => check(text === "" ? undefined : text));
  }
  for (const [pathText, wanted] of Object.entries(expect.json)) {
    const path = compileJsonPath(pathText);
    const check = compileJsonValue(`json ${pathText}`, wanted);
    checks.push((_, { json }) => (json === undefined ? "body is not JSON" : check(valueAt(json, path))));
  }
  return checks;
}
