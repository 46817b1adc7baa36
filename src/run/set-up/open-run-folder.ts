import type { RunControl } from "../run-control.js";
import type { SafetyNet } from "../safety/safety-net.js";
import { makeRunFolder, newRunFolder, removeRunFolder } from "../services/run-folder.js";

/** Makes the run's own folder. It is removed when the services have ended, and with it all that they have put into it. */
export async function openRunFolder(
  { teardown }: RunControl,
  { journal }: SafetyNet,
  path = newRunFolder(),
): Promise<string> {
  journal.runFolder(path);
  teardown.add("folder of services", () => removeRunFolder(path));
  await makeRunFolder(path);
  return path;
}
