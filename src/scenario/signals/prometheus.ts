import { type PromQl, readPromQl } from "./promql.js";
import { type QueryMistake, signalKind } from "./signal-kind.js";

export const prometheus = signalKind({
  key: "prometheus",
  description: "A Prometheus server, or one with its HTTP API: `bad`, `total` and `value` are PromQL.",
  sample: "http://127.0.0.1:9090",
  needsQuery: true,
  hasOwnTimes: true,
  mistakesIn(written, reads) {
    const query = readPromQl(written);
    if (query === null) return [{ message: "a bracket or a quote in the query does not close" }];
    return [...shiftMistakes(query), ...(reads === "value" ? [] : rateMistakes(query))];
  },
  reachMs: (query) => readPromQl(query)?.reachMs ?? 0,
});

function shiftMistakes({ isShifted }: PromQl): readonly QueryMistake[] {
  if (!isShifted) return [];
  const help = "Leave `offset` and `@` away: a signal is read for each phase at its own time.";
  return [{ message: "the query reads another time than that of the phase", help }];
}

function rateMistakes(query: PromQl): readonly QueryMistake[] {
  const help = "For example sum(rate(orders_total[5s])).";
  if (query.functions.includes("increase") || query.functions.includes("delta")) {
    return [{ message: "`bad` and `total` are rates per second: write rate(…) instead", help }];
  }
  if (isRate(query)) return [];
  return [{ message: "`bad` and `total` are rates per second: rate(…) of a counter", help }];
}

/** A rule that a server records is called like `job:orders:rate5s`. What it holds is the user's word. */
function isRate({ functions, selectors }: PromQl): boolean {
  const isRecorded = (selector: string) => selector.split("{")[0]?.includes(":") === true;
  return functions.some((name) => name === "rate" || name === "irate") || selectors.some(isRecorded);
}
