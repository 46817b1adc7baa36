import type { ToxicType } from "../stream/toxic.js";

/** Does nothing; for clients that try out the API. */
export const noopToxic: ToxicType<never> = {
  type: "noop",
  attributes: [],
  create: () => ({
    take(piece, line) {
      line.acted();
      line.send(piece);
    },
  }),
};
