import { goodPerS } from "../observations.js";
import { compares } from "../slo.js";
import { plainFamily } from "./plain.js";

/** Good answers per second. */
export const throughput = plainFamily(
  "throughput",
  {
    unit: "per_s",
    promise: "at_least",
    abort: {
      look({ operator, target }, { ok, ms }) {
        if (target.kind !== "absolute") return null;
        const perS = ok / (ms / 1000);
        return {
          isMet: compares(perS, operator, target.value),
          seen: `${Number(perS.toPrecision(3))} good answers a second`,
        };
      },
    },
    value: (of, request) => (of.counts(request).scheduled === 0 ? null : goodPerS(of, request)),
    rate: {
      of: "good answers",
      perSecond(of, request) {
        const { due, bad } = of.failures(request);
        return due.map((count, second) => count - bad[second]!);
      },
    },
    // In the open model the load decides how many are due: at most 1 − X/rate of them may be bad.
    budget: ({ target }, duePerS) =>
      target.kind === "absolute" && duePerS !== null && duePerS > 0 ? 1 - target.value / duePerS : null,
  },
  { otherNames: /^(rps|qps|tps|reqs?|requests?|rate)$/ },
);
