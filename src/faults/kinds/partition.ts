import { choice } from "../../quantities/schema.js";
import type { FaultAction } from "../fault-action.js";
import { faultKind } from "../fault-kind.js";
import type { Stream } from "../modifiers.js";
import {
  HOLD,
  isHold,
  onTarget,
  TOXIPROXY,
  type ToxicSpec,
  toxicAction,
  toxicOf,
  toxicSlots,
} from "../toxic.js";

export const partition = faultKind({
  name: "partition",
  driver: TOXIPROXY,
  cutsOff: true,
  keys: {
    partition: choice(["both", "upstream", "downstream"])
      .meta({
        description:
          "Packets vanish: connections stay open and nothing comes through, both ways or one. When it ends, the connections are closed, or as `heal` says.",
        samples: ["both"],
      })
      .optional(),
    heal: choice(["close", "resume"])
      .meta({
        description:
          "How a `partition` ends. close (the default): its connections are closed. resume: they stay, and what was sent meanwhile comes through late and in order, as TCP does it after a short cut of the network.",
        samples: ["resume"],
      })
      .optional(),
  },
  manners: ["heal"],
  // Its own value says which way.
  modifiers: ["toxicity"],
  slots: ({ partition, heal }, _, said) =>
    said.has("heal") && heal === undefined
      ? []
      : waysOf(partition).flatMap((stream) => toxicSlots(heal === "resume" ? "hold" : "timeout", stream)),
  check: (_, said) =>
    said.has("heal") && said.lacks("partition")
      ? [
          {
            code: "conflict",
            path: ["heal"],
            at: "key",
            message: "`heal` says how a `partition` ends, which is missing",
            help: "Write partition: both (or upstream, downstream) beside it, or leave `heal` out.",
          },
        ]
      : [],
  actions: ({ partition, heal }, at) => {
    const { type, attributes } = cutOf(heal);
    return waysOf(partition).map((stream) => toxicAction("partition", { ...at, stream }, type, attributes));
  },
  // A cut both ways is two toxics and one thing to a user.
  isToldTogether: true,
  describe: (actions) => {
    const cutOfAction = (action: FaultAction) => effectOf(action) + onTarget(action);
    const cuts = [...new Set(actions.map(cutOfAction))];
    return cuts.map((cut) => describeCut(actions.filter((action) => cutOfAction(action) === cut))).join(", ");
  },
});

/** Both let nothing through. One holds the data. A timeout of 0 drops the data, so it has to close the connection. */
function cutOf(heal: "close" | "resume" | undefined): Pick<ToxicSpec, "type" | "attributes"> {
  return heal === "resume" ? HOLD : { type: "timeout", attributes: { timeout: 0 } };
}

function waysOf(partition: Stream | "both" | undefined): readonly Stream[] {
  if (partition === undefined) return [];
  return partition === "both" ? ["upstream", "downstream"] : [partition];
}

function effectOf(action: FaultAction): string {
  const toxic = toxicOf(action);
  return toxic !== null && isHold(toxic) ? "all data held back" : "nothing passes";
}

/** The cuts at one place, one way or both. */
function describeCut(actions: readonly FaultAction[]): string {
  const [first] = actions;
  const streams = new Set(actions.map((action) => toxicOf(action)?.stream));
  const way = streams.size === 1 ? ` ${[...streams].join()}` : "";
  return first ? `${effectOf(first)}${way}${onTarget(first)}` : "";
}
