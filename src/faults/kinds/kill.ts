import { choice, positiveDuration } from "../../quantities/schema.js";
import { formatSeconds } from "../../support/format.js";
import { faultKind } from "../fault-kind.js";
import {
  ENDING_SIGNALS,
  killOf,
  PROCESS,
  PROCESS_CLASH,
  PROCESS_SLOT,
  processAction,
} from "../process-action.js";

/** Enough digits that a number is shown as the user wrote it. */
export const EXACT = 9;

export const restartKey = positiveDuration()
  .meta({
    description:
      "Starts the service again this long after the `kill`, or after the kernel has killed it for more than its `memory`: as it was started before, on the same ports, its `ready` check included.",
    samples: ["10s"],
  })
  .optional();

export const kill = faultKind({
  name: "kill",
  driver: PROCESS,
  actsOn: "service",
  cutsOff: true,
  keys: {
    kill: choice(ENDING_SIGNALS)
      .meta({
        description:
          "All processes of the service get this signal and have to end by it. SIGKILL: a crash; SIGTERM: it may clean up. Without `restart` it stays dead for the rest of the run.",
        samples: ["SIGKILL"],
      })
      .optional(),
    restart: restartKey,
  },
  manners: ["restart"],
  modifiers: [],
  alone: "ends all processes of the service, so nothing else can be done to them",
  clash: PROCESS_CLASH,
  slots: () => PROCESS_SLOT,
  check: (_, said) =>
    said.has("restart") && said.lacks("kill") && said.lacks("memory")
      ? [
          {
            code: "conflict",
            path: ["restart"],
            at: "key",
            message:
              "`restart` says when a service comes back after a `kill`, which is missing (or after it needed more than its `memory`)",
            help: "Write kill: SIGKILL beside it, or leave `restart` out.",
          },
        ]
      : [],
  endsItself: ({ kill, restart }) => (kill && restart ? { afterMs: restart.ms, key: "restart" } : null),
  staysDone: ({ kill }, said) => kill !== undefined && said.lacks("restart"),
  actions: ({ kill, restart }, { target }) =>
    kill ? [processAction("kill", target, { signal: kill, restartMs: restart?.ms ?? null })] : [],
  describe: (actions) =>
    actions
      .map((action) => {
        const { signal, restartMs } = killOf(action) ?? { signal: "?", restartMs: null };
        const back =
          restartMs === null ? "" : `, started again after ${formatSeconds(restartMs / 1000, EXACT)}`;
        return `${action.target} killed (${signal})${back}`;
      })
      .join(", "),
});
