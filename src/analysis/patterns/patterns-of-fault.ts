import type { FaultAction } from "../../faults/fault-action.js";
import { httpRuleOf } from "../../faults/http-rule.js";
import { cutsRequestsOff } from "../../faults/kinds/index.js";
import type { FaultRecord, PhaseRecord, RunRecord } from "../../measure/record.js";
import { attemptsOf } from "./attempts.js";
import type { BothSides, Pattern } from "./pattern.js";
import { patternsOf } from "./patterns.js";

/** Of a dependency that the fault was not done to, so many requests must have failed. */
const FEWEST_FAILED = 5;

interface Phases {
  readonly baseline: PhaseRecord | null;
  readonly during: PhaseRecord;
  readonly recovery: PhaseRecord | null;
}

/** What the service did about a fault, towards each proxy with a `protocol` where the fault was felt. */
export function patternsOfFault(
  fault: FaultRecord,
  { baseline, during, recovery }: Phases,
  { load, durationS }: Pick<RunRecord, "load" | "durationS">,
): readonly Pattern[] {
  if (baseline === null || fault.injectedAtS === null) return [];
  const { injectedAtS } = fault;
  const actions = [...fault.actions, ...(fault.stages ?? []).flatMap((stage) => stage.actions)];
  const proxies = [...new Set((during.http ?? []).map(({ proxy }) => proxy))];
  return proxies.flatMap((proxy) => {
    const own = actions.filter(({ target }) => target === proxy);
    // A request that does not get through is not seen. That is no sign of what the service does.
    if (actions.some((action) => cutsRequestsOff(action, proxy)) || wasRefused(during, proxy)) return [];
    const sides = (client: PhaseRecord): BothSides => ({
      client,
      upstream: (client.http ?? []).filter((stretch) => stretch.proxy === proxy),
    });
    const at = sides(during);
    const failed = attemptsOf(at.upstream).filter(({ isFailed }) => isFailed).length;
    if (own.length === 0 && failed < FEWEST_FAILED) return [];
    return patternsOf({
      proxy,
      baseline: sides(baseline),
      fault: at,
      recovery: recovery && sides(recovery),
      injectedAtS,
      removedAtS: fault.removedAtS ?? durationS,
      clientTimeoutS: load.timeoutMs / 1000,
      retryAfterS: retryAfterOf(own),
    });
  });
}

function wasRefused({ upstreams = [] }: PhaseRecord, proxy: string): boolean {
  return upstreams.some((dials) => dials.proxy === proxy && dials.refused > 0);
}

/** What the answers of a fault ask for, in seconds. @returns null when they ask for nothing, or for a date. */
function retryAfterOf(actions: readonly FaultAction[]): number | null {
  for (const action of actions) {
    for (const [name, value] of Object.entries(httpRuleOf(action)?.headers ?? {})) {
      const seconds = name.toLowerCase() === "retry-after" ? Number(value) : Number.NaN;
      if (Number.isFinite(seconds)) return seconds;
    }
  }
  return null;
}
