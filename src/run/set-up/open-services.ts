import type { ComposedFaults } from "../../faults/compose.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { FaultlineError } from "../../support/errors.js";
import type { OpenedLooks } from "../cluster/open-for-looks.js";
import { UnreachableError } from "../reach/reachable.js";
import { watchUpstreamTls } from "../reach/upstream-tls.js";
import type { RunControl } from "../run-control.js";
import { type RunningServices, startServices } from "../services/services.js";
import type { SetUpOptions } from "./set-up-options.js";

/** Starts the services. Meanwhile it finds out whether what they depend on can be spoken to over TLS. */
export async function openServices(
  control: RunControl,
  plan: RunPlan,
  { env, net, looks }: SetUpOptions & { readonly looks: OpenedLooks | null },
  faults: ComposedFaults,
): Promise<RunningServices> {
  const untrusted = new AbortController();
  const watching = new AbortController();
  let standing: UnreachableError | null = null;
  void watchUpstreamTls(plan.proxies, watching.signal, {
    untrusted: (error) => untrusted.abort(error),
    standing: (error) => {
      standing = error;
    },
  });
  try {
    return await startServices(plan.services, {
      runId: net.runId,
      journal: net.journal,
      env,
      inherits: plan.serviceEnv,
      secrets: plan.secrets,
      signal: AbortSignal.any([control.stop.signal, untrusted.signal]),
      ownListeners: faults.listens,
      onLaunch: (service, pid) => faults.serviceStarted(service, pid),
      onProgress: (text) => control.say(text),
      onFailing: () => watching.abort(),
      ...(looks ? { objectCheck: looks.objectCheck } : {}),
      onExit: (failure) => control.fail(failure.code, failure.message),
    });
  } catch (error) {
    throw withReason(error, standing);
  } finally {
    watching.abort();
  }
}

/** A service that was never ready may have waited for a dependency that nobody could speak to over TLS. */
function withReason(error: unknown, standing: UnreachableError | null): unknown {
  if (standing === null || !(error instanceof FaultlineError) || error.code !== "SERVICE_FAILED")
    return error;
  const { code, endpoint, message, hint } = standing;
  return new UnreachableError(code, endpoint, `${message}, and a service did not start`, hint);
}
