import { memorySize } from "../../quantities/schema.js";
import { formatSeconds } from "../../support/format.js";
import { faultKind } from "../fault-kind.js";
import {
  amountText,
  memoryOf,
  PROCESS,
  PROCESS_CLASH,
  PROCESS_SLOT,
  processAction,
} from "../process-action.js";
import { EXACT, restartKey } from "./kill.js";

export const memory = faultKind({
  name: "memory",
  driver: PROCESS,
  actsOn: "service",
  keys: {
    memory: memorySize()
      .meta({
        description:
          "All processes of the service together get at most this much memory, as a container with such a limit does. The kernel kills one that needs more. `restart` starts a killed service again. Linux, where a control group can be made.",
        samples: ["256MiB"],
      })
      .optional(),
    restart: restartKey,
  },
  manners: ["restart"],
  modifiers: [],
  clash: PROCESS_CLASH,
  slots: () => PROCESS_SLOT,
  actions: ({ memory, restart }, { target }) =>
    memory ? [processAction("memory", target, { bytes: memory.bytes, restartMs: restart?.ms ?? null })] : [],
  describe: (actions) =>
    actions
      .map((action) => {
        const { bytes, restartMs } = memoryOf(action) ?? { bytes: 0, restartMs: null };
        const back =
          restartMs === null
            ? ""
            : `, started again ${formatSeconds(restartMs / 1000, EXACT)} after it was killed for more`;
        return `${action.target} gets at most ${amountText(bytes)} of memory${back}`;
      })
      .join(", "),
});
