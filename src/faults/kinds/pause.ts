import { z } from "zod";
import { faultKind } from "../fault-kind.js";
import { PROCESS, PROCESS_CLASH, PROCESS_SLOT, processAction } from "../process-action.js";

export const pause = faultKind({
  name: "pause",
  driver: PROCESS,
  actsOn: "service",
  cutsOff: true,
  keys: {
    pause: z
      .literal(true, { error: "true (leave the key out otherwise)" })
      .meta({
        description:
          "All processes of the service stand still (SIGSTOP) and go on when it ends (SIGCONT). Connections stay open, new ones are accepted by the system, and nothing answers.",
      })
      .optional(),
  },
  modifiers: [],
  alone: "stops all processes of the service, so nothing else can be done to them",
  clash: PROCESS_CLASH,
  slots: () => PROCESS_SLOT,
  actions: ({ pause }, { target }) => (pause ? [processAction("pause", target, {})] : []),
  describe: (actions) => actions.map(({ target }) => `${target} paused`).join(", "),
});
