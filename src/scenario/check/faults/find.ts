import { SEARCH_AXES } from "../../../faults/kinds/index.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { FaultInput } from "../../schema/fault.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";

export function checkFind(
  context: CheckContext,
  find: NonNullable<ValidParts<FaultInput>["find"]>,
  path: TreePath,
): void {
  const { diagnostics } = context;
  const [axis, second] = SEARCH_AXES.filter(({ key }) => context.has(...path, key));
  if (axis === undefined) {
    const keys = SEARCH_AXES.map(({ key }) => key);
    if (!keys.every((key) => context.lacks(...path, key))) return;
    const help = `Give one of: ${keys.join(", ")}; for example latency: 0ms..2s.`;
    diagnostics.error("missing-key", context.key(...path), "`find` needs a range to search", help);
    return;
  }
  if (second !== undefined) {
    const message = `\`find\` searches one range; \`${axis.key}\` is given already`;
    diagnostics.error("conflict", context.key(...path, second.key), message);
  }
  if (find.precision === undefined || axis.amount(find.precision)) return;
  const message = `expected the unit of \`${axis.key}\`, such as ${axis.example}, above 0`;
  diagnostics.error("wrong-value", context.at(...path, "precision"), message);
}
