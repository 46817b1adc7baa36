import type { Crew } from "../../load/distributed/crew.js";
import { FaultlineError } from "../../support/errors.js";
import { checksOnIds } from "../checks/id-checks.js";
import type { RunControl } from "../run-control.js";
import type { SetUpOptions, WorkersChoice } from "./set-up-options.js";

/** Finds the workers. They work for nobody else until the run is over. */
export async function gatherCrew(
  control: RunControl,
  { plan, env, toolVersion }: SetUpOptions,
  workers: WorkersChoice,
): Promise<Crew> {
  const { target } = plan.load;
  if (target.isInCluster) {
    const message = `--workers: ${target.url} is reached by a port-forward of this process, and workers have none. Run it without --workers, or name a host that they reach in load.target`;
    throw new FaultlineError("USAGE", message);
  }
  const [noted] = checksOnIds(plan.checks);
  if (noted !== undefined) {
    const message = `--workers: check "${noted.name}" needs the ids that the load sends, and workers do not write them down. Run it without --workers`;
    throw new FaultlineError("USAGE", message);
  }
  const { Crew } = await import("../../load/distributed/crew.js");
  const crew = await Crew.gather({
    ...workers,
    env,
    version: toolVersion,
    signal: control.stop.signal,
    onStatus: (text) => control.say(text),
    onWarning: (text) => control.warn(text),
  });
  control.teardown.add("workers", () => crew.close());
  return crew;
}
