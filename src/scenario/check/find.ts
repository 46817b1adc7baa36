import { parseBandwidth, parseDuration, parseSize } from "../../quantities/units.js";
import { type FaultInput, FIND_KEYS } from "../schema/fault.js";
import type { Sound } from "../schema/sound-parts.js";
import type { TreePath } from "../text/tree.js";
import type { CheckContext } from "./context.js";

export function checkFind(
  context: CheckContext,
  find: NonNullable<Sound<FaultInput>["find"]>,
  path: TreePath,
): void {
  const { diagnostics } = context;
  const [key, second] = FIND_KEYS.filter((range) => context.has(...path, range));
  if (key === undefined) {
    if (!FIND_KEYS.every((range) => context.lacks(...path, range))) return;
    const help = `Give one of: ${FIND_KEYS.join(", ")}; for example latency: 0ms..2s.`;
    diagnostics.error("missing-key", context.key(...path), "`find` needs a range to search", help);
    return;
  }
  if (second !== undefined) {
    const message = `\`find\` searches one range; \`${key}\` is given already`;
    diagnostics.error("conflict", context.key(...path, second), message);
  }
  if (find.precision === undefined) return;
  const parsed =
    key === "bandwidth"
      ? parseBandwidth(find.precision)?.kbPerS
      : key === "limit_data"
        ? parseSize(find.precision)?.bytes
        : parseDuration(find.precision)?.ms;
  const example = key === "bandwidth" ? "10KB/s" : key === "limit_data" ? "1KB" : "20ms";
  if (!parsed) {
    const message = `expected the unit of \`${key}\`, such as ${example}, above 0`;
    diagnostics.error("wrong-value", context.at(...path, "precision"), message);
  }
}
