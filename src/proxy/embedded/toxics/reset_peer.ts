import type { ToxicType } from "../toxic.js";

/** At the first data or end that passes, waits `timeout` ms and resets both sides; no byte goes through. */
export const resetPeer: ToxicType<"timeout"> = {
  type: "reset_peer",
  attributes: ["timeout"],
  create: (settings) => ({
    take: (piece, line) => line.hold(settings.timeout, piece, () => line.reset()),
    end: (line) => line.hold(settings.timeout, null, () => line.reset()),
  }),
};
