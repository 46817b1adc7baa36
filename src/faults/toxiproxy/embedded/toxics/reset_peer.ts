import type { ToxicLine, ToxicType } from "../stream/toxic.js";

function reset(line: ToxicLine): void {
  line.acted();
  line.reset();
}

/** At the first data or end that passes, waits `timeout` ms and resets both sides. No byte goes through. */
export const resetPeerToxic: ToxicType<"timeout"> = {
  type: "reset_peer",
  attributes: ["timeout"],
  create: (settings) => ({
    take: (piece, line) => line.hold(settings.timeout, piece, () => reset(line)),
    end: (line) => line.hold(settings.timeout, null, () => reset(line)),
  }),
};
