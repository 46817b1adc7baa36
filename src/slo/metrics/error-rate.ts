import { formatCount, formatRatio } from "../../support/format.js";
import { compares } from "../slo.js";
import { plainFamily } from "./plain.js";

/** Share of the due requests that got no good answer. */
export const errorRate = plainFamily(
  "error_rate",
  {
    unit: "ratio",
    promise: "at_most",
    abort: {
      look({ operator, target }, { ok, failed }) {
        const ended = ok + failed;
        if (ended === 0 || target.kind !== "absolute") return null;
        return {
          isMet: compares(failed / ended, operator, target.value),
          seen: `${formatRatio(failed / ended)} of ${formatCount(ended)} requests failed`,
        };
      },
    },
    value(of, request) {
      const { scheduled, ok } = of.counts(request);
      return scheduled === 0 ? null : (scheduled - ok) / scheduled;
    },
    ofBadShare: (badShare) => badShare,
    budget: ({ target }) => (target.kind === "absolute" ? target.value : null),
  },
  { otherNames: /^(errors?|failures?|failure_rate|fail_rate|failed)$/ },
);
