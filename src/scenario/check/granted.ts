import { shellWord } from "../../support/printable.js";
import type { TreePath } from "../text/tree.js";
import type { CheckContext } from "./context.js";

/** What of a cluster an untrusted scenario may touch or look at only when the command line names it. */
export function checkGranted(context: CheckContext, what: string, refused: string, at: TreePath): void {
  const { untrusted } = context;
  if (untrusted === null || untrusted.kubernetes?.includes(what)) return;
  context.diagnostics.error(
    "untrusted",
    context.at(...at),
    `a scenario that is not trusted gets ${refused}`,
    `If it may act there: --allow-kubernetes ${shellWord(what)}.`,
  );
}
