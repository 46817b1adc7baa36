import type { ToxicType } from "../stream/toxic.js";

/** Delays the end of the stream by `delay` ms. Data is not touched. */
export const slowCloseToxic: ToxicType<"delay"> = {
  type: "slow_close",
  attributes: ["delay"],
  create: (settings) => ({
    take: (piece, line) => line.send(piece),
    end(line) {
      line.acted();
      line.hold(settings.delay, null, () => line.close());
    },
  }),
};
