import { docker } from "../../faults/kinds/docker.js";
import type { CheckContext } from "./context.js";
import { faultParts } from "./faults/fault-parts.js";

/** `docker:` of the scenario is for the faults that go through that engine. */
export function checkEngine(context: CheckContext): void {
  if (!context.has("docker") || faultParts(context, (kind) => kind.name === docker.name).length > 0) return;
  context.diagnostics.warning("suspicious", context.key("docker"), "no fault goes through this engine");
}
