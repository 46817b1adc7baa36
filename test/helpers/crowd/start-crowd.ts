import { onTestFinished } from "../at-once.js";
import { type CrowdProcesses, startCrowdProcesses } from "./crowd-processes.mjs";

/** So many simulated workers, which wait for runs. They end with the test. */
export async function startCrowd(...args: Parameters<typeof startCrowdProcesses>): Promise<CrowdProcesses> {
  const crowd = await startCrowdProcesses(...args);
  onTestFinished(() => crowd.end());
  return crowd;
}
