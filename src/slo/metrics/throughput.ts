import { compares } from "../slo.js";
import { plainFamily } from "./plain.js";

/** Good answers a second. */
export const throughput = plainFamily(
  "throughput",
  {
    unit: "per_s",
    promise: "at_least",
    timing: null,
    quantile: null,
    leastRequests: 1,
    noWindow: null,
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
    value: (of, request) => (of.counts(request).scheduled === 0 ? null : of.goodPerS(request)),
    // How many are due decides what share of them that is: the load knows, the SLO alone does not.
    budget: () => null,
  },
  { otherNames: /^(rps|qps|tps|reqs?|requests?|rate)$/ },
);
