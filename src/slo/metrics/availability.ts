import { formatCount, formatRatio } from "../../support/format.js";
import { compares } from "../slo.js";
import { plainFamily, restOf } from "./plain.js";

/** Share of the due requests that got a good answer. */
export const availability = plainFamily(
  "availability",
  {
    unit: "ratio",
    promise: "at_least",
    abort: {
      look({ operator, target }, { ok, failed }) {
        const ended = ok + failed;
        // Nothing ended, so nothing is known. A request that hangs shows when it times out.
        if (ended === 0 || target.kind !== "absolute") return null;
        return {
          isMet: compares(ok / ended, operator, target.value),
          seen: `${formatRatio(ok / ended)} of ${formatCount(ended)} requests were ok`,
        };
      },
    },
    value(of, request) {
      const { scheduled, ok } = of.counts(request);
      return scheduled === 0 ? null : ok / scheduled;
    },
    ofBadShare: (badShare) => 1 - badShare,
    budget: ({ target }) => (target.kind === "absolute" ? restOf(target.value) : null),
  },
  { otherNames: /^(success|success_rate|uptime)$/ },
);
