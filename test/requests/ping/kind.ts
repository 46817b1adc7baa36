import { z } from "zod";
import { choice, nameKey, text } from "../../../src/quantities/schema.js";
import type { PlannedRequest } from "../../../src/requests/planned-request.js";
import { requestKind } from "../../../src/requests/request-kind.js";

/** A line with a number before it. Its answer begins with the same number, so answers may come in any order. */
export interface PingRequest extends PlannedRequest {
  readonly kind: "ping";
  /** May hold ${…}. */
  readonly text: string;
  /** Names for ${capture.NAME}: each is what the answer says. */
  readonly capture?: readonly string[];
}

export const pingRequests = requestKind({
  name: "ping",
  key: "ping",
  schemes: [{ name: "ping", isTls: false }],
  keys: {
    ping: text("a line of text").meta({ description: "The line that is sent.", samples: ["hello"] }),
  },
  stepKeys: {
    capture: z
      .record(nameKey(), choice(["answer"]))
      .meta({ description: "What the answer says, for ${capture.NAME} in later steps." })
      .optional(),
  },
  varying: ["ping"],
  textMaps: [],
  verbatim: [],
  without: ["headers", "socket", "keepAlive"],
  usualName: (textAt) => {
    const line = textAt(["ping"], "");
    return line === null ? null : `ping ${line}`;
  },
  check: ({ ping = "" }) =>
    /[\r\n]/.test(ping)
      ? [{ code: "wrong-value", path: ["ping"], at: "value", message: "a ping is one line" }]
      : [],
  plan: (name, { ping, capture = {} }): PingRequest => ({
    name,
    kind: "ping",
    text: ping,
    capture: Object.keys(capture),
  }),
  describe: ({ text: line }) => `ping ${line}`,
});
