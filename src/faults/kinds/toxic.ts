import { z } from "zod";
import { text } from "../../quantities/schema.js";
import type { FaultAction } from "../fault-action.js";
import { faultKind } from "../fault-kind.js";
import { describeToxics, TOXIPROXY, type ToxicSpec, toxicAction, toxicSlots } from "../toxic.js";

export const toxic = faultKind({
  name: "toxic",
  driver: TOXIPROXY,
  cutsOff: true,
  keys: {
    toxic: z
      .strictObject(
        {
          type: text().meta({ description: "The toxic's type as Toxiproxy calls it.", samples: ["latency"] }),
          attributes: z
            .record(z.string(), z.number({ error: "a number" }), {
              error: "a map of attribute names to numbers",
            })
            .meta({ description: "Its attributes, in Toxiproxy's own units.", samples: [{ latency: 100 }] })
            .prefault({}),
        },
        { error: "a map with `type` and `attributes`" },
      )
      .meta({ description: "Any toxic, passed through as it is: for servers with toxics of their own." })
      .optional(),
  },
  modifiers: ["stream", "toxicity"],
  slots: ({ toxic }, stream) => (toxic?.type === undefined ? [] : toxicSlots(toxic.type, stream)),
  actions: ({ toxic }, at) => {
    if (!toxic) return [];
    const { stream, toxicity } = at;
    return [actionOfToxic(at.target, { ...toxic, stream, toxicity })];
  },
  describe: describeToxics(
    ({ toxic: { type, attributes, stream } }) => `${type} ${JSON.stringify(attributes)} ${stream}`,
  ),
});

/** Which kind makes toxics of a type, where one does. */
const KIND_OF_TYPE: Readonly<Record<string, (attributes: ToxicSpec["attributes"]) => string>> = {
  latency: () => "latency",
  bandwidth: ({ rate }) => (rate === 0 ? "partition" : "bandwidth"),
  timeout: ({ timeout = 0 }) => (timeout === 0 ? "partition" : "timeout"),
  reset_peer: () => "reset",
  slow_close: () => "slow_close",
  slicer: () => "slicer",
  limit_data: () => "limit_data",
};

/** A toxic that is given as Toxiproxy takes it; it is told like any other of its type. */
export function actionOfToxic(target: string, { type, attributes, ...how }: ToxicSpec): FaultAction {
  const kind = Object.hasOwn(KIND_OF_TYPE, type) ? KIND_OF_TYPE[type]?.(attributes) : undefined;
  return toxicAction(kind ?? "toxic", { target, ...how }, type, attributes);
}
