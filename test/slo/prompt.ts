import { plainFamily, restOf } from "../../src/slo/metrics/plain.js";
import { compares } from "../../src/slo/slo.js";
import { formatRatio } from "../../src/support/format.js";

const LIMIT_US = 1_000_000;

/** A metric that faultline does not have: the share of requests that got a good answer within a second. */
export const prompt = plainFamily(
  "prompt",
  {
    unit: "ratio",
    promise: "at_least",
    abort: {
      look({ operator, target }, { ok, failed, slow }) {
        if (ok + failed === 0 || target.kind !== "absolute") return null;
        const share = (ok - slow) / (ok + failed);
        return { isMet: compares(share, operator, target.value), seen: `${formatRatio(share)} were prompt` };
      },
    },
    value(of, request) {
      const { scheduled } = of.counts(request);
      const bad = of.slower(request, LIMIT_US)?.bad.reduce((sum, count) => sum + count, 0);
      return scheduled === 0 || bad === undefined ? null : 1 - bad / scheduled;
    },
    ofBadShare: (badShare) => 1 - badShare,
    limitUs: () => LIMIT_US,
    budget: ({ target }) => (target.kind === "absolute" ? restOf(target.value) : null),
  },
  { otherNames: /^(snappy|in_time)$/ },
);
