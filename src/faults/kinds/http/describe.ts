import type { FaultAction } from "../../fault-action.js";
import { type HttpRule, httpRuleOf } from "../../http-rule.js";
import { exactMs } from "../../toxic.js";

/** "503 (retry-after: 1) for 30% of requests on payments", of each action. */
export function describeHttp(actions: readonly FaultAction[]): string {
  return actions
    .map((action) => {
      const rule = httpRuleOf(action);
      const what = rule === null ? action.kind : `${whatIsDone(rule)} ${toWhich(rule)}`;
      return `${what} on ${action.target}`;
    })
    .join(", ");
}

function whatIsDone(rule: HttpRule): string {
  const { delayMs, jitterMs = 0, before, status, headers = {}, body, cut, ends, slowHeadersMs } = rule;
  const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const parts = [
    delayMs === undefined
      ? ""
      : `${before === "answer" ? "answer" : "request"} held for ${exactMs(delayMs)}${jitterMs > 0 ? ` ± ${exactMs(jitterMs)}` : ""}`,
    status === undefined ? "" : `status ${status}${named.length > 0 ? ` (${named.join(", ")})` : ""}`,
    status === undefined && body !== undefined ? "body replaced" : "",
    cut === undefined ? "" : `answer cut off at ${percent(cut)}`,
    ends === undefined ? "" : `connection ${ends === "close" ? "closed" : "reset"} in place of an answer`,
    slowHeadersMs === undefined ? "" : `head of the answer over ${exactMs(slowHeadersMs)}`,
  ];
  return parts.filter((part) => part !== "").join(" and ");
}

function toWhich(rule: HttpRule): string {
  const { share, first, every, abovePerS } = rule;
  const wanted = `requests${matching(rule)}`;
  if (share !== undefined) return `for ${percent(share)} of ${wanted}`;
  if (first !== undefined) return `for the first ${first} ${wanted}`;
  if (every !== undefined) return `for one in ${every} ${wanted}`;
  if (abovePerS !== undefined) return `for ${wanted} above ${Number(abovePerS.toPrecision(6))}/s`;
  return `for all ${wanted}`;
}

/** " POST /charges* with dry=*" */
function matching({ method, path, query = {}, header = {} }: HttpRule): string {
  const line = [method, path].filter((part) => part !== undefined).map((part) => ` ${part}`);
  const more = [
    ...Object.entries(query).map(([name, value]) => `${name}=${value}`),
    ...Object.entries(header).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${line.join("")}${more.length > 0 ? ` with ${more.join(", ")}` : ""}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))}%`;
}
