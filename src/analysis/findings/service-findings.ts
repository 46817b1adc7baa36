/** What the service did about the fault, or did not do. */

import type { Finding } from "../document/report.js";
import type { PatternId } from "../patterns/pattern.js";
import { type FaultFacts, told } from "./finding.js";

/** What was seen, one finding each. */
export function whatServiceDid({ patterns }: FaultFacts): Finding[] {
  return patterns
    .filter(({ seen }) => seen === "yes")
    .map(({ id, proxy, facts, text }) => ({
      id: `service_${id}`,
      facts: { proxy, ...facts },
      text: towards(proxy, [text]),
    }));
}

/** To do without these is nothing that a service lacks. */
const NO_LACK: ReadonlySet<PatternId> = new Set(["connections", "pool_queue", "pool_leak"]);

/** What was not seen, where something got worse: that is what can be changed. */
export function whatServiceLacks({ patterns, comparison }: FaultFacts): Finding[] {
  const lacks = patterns.filter(({ seen, id }) => seen === "no" && !NO_LACK.has(id));
  if (lacks.length === 0 || !comparison.some(({ degraded }) => degraded)) return [];
  const facts = { patterns: lacks.map(({ id, proxy }) => ({ id, proxy })) };
  const texts = [...new Set(lacks.map(({ proxy }) => proxy))].map((proxy) =>
    towards(
      proxy,
      lacks.filter((each) => each.proxy === proxy).map(({ text }) => text),
    ),
  );
  return [{ id: "service_lacks", ...told(texts.join(" "), facts) }];
}

function towards(proxy: string, [first = "", ...more]: readonly string[]): string {
  return [`Towards ${proxy}: ${first.charAt(0).toLowerCase()}${first.slice(1)}`, ...more].join(" ");
}
