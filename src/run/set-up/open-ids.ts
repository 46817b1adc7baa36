import type { LoadPlan } from "../../plan/load-plan.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { checksOnIds } from "../checks/id-checks.js";
import { makeIdFolder, removeIdFolder } from "../checks/id-folder.js";
import type { RunControl } from "../run-control.js";
import { openRunFolder } from "./open-run-folder.js";
import type { SetUpOptions } from "./set-up-options.js";

/** Makes the place for the ids that the load sends. @returns null when no check asks for them. */
export async function openIds(
  control: RunControl,
  { checks }: RunPlan,
  { folder, net }: SetUpOptions,
): Promise<NonNullable<LoadPlan["ids"]> | null> {
  const noted = checksOnIds(checks).flatMap(({ ids }) => (ids ? [{ request: ids.request, id: ids.id }] : []));
  if (noted.length === 0) return null;
  const place = await makeIdFolder(folder ?? (await openRunFolder(control, net)));
  // A run that does not begin leaves nothing in its folder.
  control.teardown.add("ids", () => (control.phases === null ? removeIdFolder(place) : undefined));
  return { folder: place, noted };
}
