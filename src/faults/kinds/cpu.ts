import { percentage } from "../../quantities/schema.js";
import { faultKind } from "../fault-kind.js";
import {
  cpuShareOf,
  PROCESS,
  PROCESS_CLASH,
  PROCESS_SLOT,
  processAction,
  shareText,
} from "../process-action.js";
import { percentageAxis } from "../search-axis.js";

export const cpu = faultKind({
  name: "cpu",
  driver: PROCESS,
  actsOn: "service",
  keys: {
    cpu: percentage()
      .meta({
        description:
          "All processes of the service together get at most this share of one core. By a control group where one can be made, else by stopping and continuing them. Linux.",
        samples: ["20%"],
      })
      .optional(),
  },
  modifiers: [],
  clash: PROCESS_CLASH,
  slots: () => PROCESS_SLOT,
  search: [
    percentageAxis({
      key: "cpu",
      sample: "100%..5%",
      description: "The share of one core that the service gets.",
      attribute: "cpu",
      label: "CPU share",
      action: ({ target }, percent) => processAction("cpu", target, { share: Math.max(1, percent) / 100 }),
    }),
  ],
  actions: ({ cpu }, { target }) => (cpu ? [processAction("cpu", target, { share: cpu.ratio })] : []),
  describe: (actions) =>
    actions
      .map((action) => `${action.target} gets at most ${shareText(cpuShareOf(action) ?? 0)} of a core`)
      .join(", "),
});
