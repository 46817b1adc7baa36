import { z } from "zod";
import type { Complaint } from "../../notation/complaint.js";
import { text } from "../../quantities/schema.js";
import { VALUE_FORMS } from "../../quantities/value-form.js";
import type { FaultAction } from "../fault-action.js";
import { faultKind } from "../fault-kind.js";
import { describeToxics, isHold, TOXIPROXY, type ToxicSpec, toxicAction, toxicSlots } from "../toxic.js";

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
      .register(VALUE_FORMS, { mainKey: "type" })
      .meta({ description: "Any toxic, passed through as it is: for servers with toxics of their own." })
      .optional(),
  },
  modifiers: ["stream", "toxicity"],
  check: ({ toxic }, said) => {
    if (toxic?.type === undefined || !said.has("toxic")) return [];
    const rule = Object.hasOwn(RULE_OF_TYPE, toxic.type) ? RULE_OF_TYPE[toxic.type] : undefined;
    const attributes = toxic.attributes ?? {};
    const broken = rule?.((name) => attributes[name] ?? 0) ?? null;
    if (broken === null) return [];
    const { attribute, ...rest } = broken;
    const path = attribute in attributes ? ["toxic", "attributes", attribute] : ["toxic"];
    return [{ code: "wrong-value", path, at: "value", ...rest }];
  },
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

type Broken = Pick<Complaint, "message" | "help"> & { readonly attribute: string };

/** What Toxiproxy 2.13 refuses, and what does nothing there. A server with toxics of its own knows other types. */
const RULE_OF_TYPE: Readonly<Record<string, (value: (name: string) => number) => Broken | null>> = {
  bandwidth: (value) =>
    value("rate") > 0
      ? null
      : {
          attribute: "rate",
          message: "a `bandwidth` without a `rate` above 0 lets everything through",
          help: "Data is held back with partition: both (or upstream, downstream) and heal: resume.",
        },
  slicer(value) {
    const size = value("average_size");
    const variation = value("size_variation");
    if (size <= 0) return { attribute: "average_size", message: "`average_size` is above 0" };
    if (variation >= 0 && variation <= size) return null;
    return { attribute: "size_variation", message: "`size_variation` is from 0 to `average_size`" };
  },
  packet_loss: (value) =>
    value("loss_rate") > 0 && value("loss_rate") <= 1
      ? null
      : {
          attribute: "loss_rate",
          message: "`loss_rate` is above 0, and 1 at most: 0.1 for one piece in ten",
        },
};

/** By toxic type: the kind that makes toxics of this type, where there is one. */
const KIND_OF_TYPE: Readonly<Record<string, (attributes: ToxicSpec["attributes"]) => string>> = {
  latency: (attributes) => (isHold({ type: "latency", attributes }) ? "partition" : "latency"),
  bandwidth: (attributes) => (isHold({ type: "bandwidth", attributes }) ? "partition" : "bandwidth"),
  timeout: ({ timeout = 0 }) => (timeout === 0 ? "partition" : "timeout"),
  reset_peer: () => "reset",
  slow_close: () => "slow_close",
  slicer: () => "slicer",
  limit_data: () => "limit_data",
};

/** A toxic as Toxiproxy takes it. Reports tell it like any other of its type. */
export function actionOfToxic(target: string, { type, attributes, ...how }: ToxicSpec): FaultAction {
  const kind = Object.hasOwn(KIND_OF_TYPE, type) ? KIND_OF_TYPE[type]?.(attributes) : undefined;
  return toxicAction(kind ?? "toxic", { target, ...how }, type, attributes);
}
