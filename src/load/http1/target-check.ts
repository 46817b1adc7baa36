import { promisify } from "node:util";
import type { LoadPlan } from "../../plan/load-plan.js";
import { peakOf } from "../../plan/profile.js";
import { bareHost } from "../../support/address.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { lookupHost } from "../../support/lookup-host.js";

/**
 * What can be known before the first request. Throws UNSUPPORTED_PROTOCOL, SCENARIO_INVALID, or TARGET_UNREACHABLE
 * for a host that has no address; that nobody listens there is an outcome, not an error.
 */
export async function checkLoad(plan: LoadPlan): Promise<void> {
  const url = parseUrl(plan.target.url);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new FaultlineError(
      "UNSUPPORTED_PROTOCOL",
      `load.target "${plan.target.url}" is neither http:// nor https://; HTTP/2 and gRPC are not supported`,
    );
  }
  const { model } = plan;
  if (!(peakOf(model.profile) > 0)) {
    const what = model.kind === "open" ? "rate" : "number of connections";
    throw new FaultlineError("SCENARIO_INVALID", `the load's ${what} is never above 0`);
  }
  if (!(plan.timeoutMs > 0))
    throw new FaultlineError("SCENARIO_INVALID", "the load's timeout must be above 0");
  if (model.kind === "open" && !(model.maxConnections >= 1)) {
    throw new FaultlineError("SCENARIO_INVALID", "the load needs at least 1 connection");
  }
  if (plan.target.socketPath !== null) return;
  const host = bareHost(url.hostname);
  try {
    await promisify(lookupHost)(host, {});
  } catch (error) {
    throw new FaultlineError(
      "TARGET_UNREACHABLE",
      `the host "${host}" of load.target has no address: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (error) {
    throw new FaultlineError("SCENARIO_INVALID", `load.target "${text}" is not a URL`, { cause: error });
  }
}
