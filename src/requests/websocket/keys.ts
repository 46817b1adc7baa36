import { z } from "zod";
import { headers } from "../../quantities/headers.js";
import {
  choice,
  list,
  nameKey,
  positiveDuration,
  text,
  wholeNumber,
  yesNo,
} from "../../quantities/schema.js";
import { expectedJson, expectedText } from "../answers/expectation-schema.js";
import { authentication } from "../authentication/auth-schema.js";

/** What is said on a connection of WebSocket, and what must be answered. */

/** "$${", slots (which may hold blanks), and characters of a path. */
const PATH = /^(?=\/)(?:\$\$\{|\$\{[^}]*\}|(?!\$?\$\{)[^\s#])+$/;
const A_PATH = "a path that begins with /, without blanks or #";

const MESSAGE = "text, or a map with `json` or `base64`";
const sent = z
  .union(
    [
      z.string({ error: MESSAGE }),
      z.strictObject(
        {
          json: z
            .json({ error: "data that can be written as JSON" })
            .meta({
              description:
                'A message of JSON. `"${seq}"` and `"${random.int(1,9)}"` as a whole value become numbers.',
              samples: [{ op: "subscribe", sku: "A1" }],
            })
            .optional(),
          base64: z
            .string({ error: "base64" })
            .meta({ description: "A binary message.", samples: ["AAEC"] })
            .optional(),
        },
        { error: MESSAGE },
      ),
    ],
    { error: MESSAGE },
  )
  .meta({
    description: "A message that is sent: a text, JSON, or bytes. `${…}` may stand in it.",
    samples: ["hello", { json: { op: "subscribe", sku: "A1" } }],
  })
  .optional();

/** Conditions on a message. `${…}` may stand in their texts. */
const inMessage = {
  text: expectedText()
    .meta({
      description:
        "Text that the message must contain, or conditions (docs/load.md). Values such as `${capture.NAME}` may stand in it.",
      samples: ["subscribed"],
    })
    .optional(),
  json: expectedJson()
    .meta({
      description:
        "JSON path in the message → the value it must have, a comparison, or conditions (docs/load.md). Values such as `${capture.NAME}` may stand in texts.",
      samples: [{ "$.op": "subscribed", "$.id": "${capture.id}" }],
    })
    .optional(),
  binary: yesNo()
    .meta({ description: "Whether it must be a binary message. Default: either will do." })
    .optional(),
};

const EXPECTED = "a map with one or more of `text`, `json`, `binary` and `close`";
const expected = z.strictObject(
  {
    ...inMessage,
    close: wholeNumber(1000, 4999)
      .meta({
        description: "The server closes the connection with this code: that is the right answer.",
        samples: [1008],
      })
      .optional(),
  },
  { error: EXPECTED },
);

const A_FALLBACK = { error: "a map with one or more of `text`, `json` and `binary`" };
/** One complaint is enough for a map with an unknown key. */
const ANY = {
  ...A_FALLBACK,
  when: ({ issues }: { readonly issues: readonly unknown[] }) => issues.length === 0,
};

const degradation = z
  .strictObject(inMessage, A_FALLBACK)
  .refine((conditions) => Object.keys(conditions).length > 0, ANY)
  .meta({
    description:
      "What a fallback looks like: a message that all of this holds of is not held to `expect` or `until`, and its exchange is counted as degraded.",
    samples: [{ json: { "$.estimated": true } }],
    minProperties: 1,
  });

const capture = z.strictObject(
  {
    json: text("a JSON path")
      .meta({ description: "JSON path in the message.", samples: ["$.id"] })
      .optional(),
    regex: text("a regular expression")
      .meta({
        description: "JavaScript regular expression: its first group, or the whole match.",
        samples: ["id=(\\d+)"],
      })
      .optional(),
  },
  { error: "a map with `json` or `regex`" },
);

const ONE_OF = "a map with one of `send`, `expect` and `until`";
const message = z.strictObject(
  {
    send: sent,
    expect: expected
      .meta({
        description: "The next message, and all that must hold of it. {}: any message.",
        samples: [{ json: { "$.op": "subscribed" } }],
      })
      .optional(),
    until: expected
      .meta({
        description: "The next message of which all this holds. Those before it are passed over.",
        samples: [{ json: { "$.state": "paid" } }],
      })
      .optional(),
    degraded: degradation.optional(),
    count: wholeNumber(1, 100_000)
      .meta({ description: "So many such messages, one after the other.", samples: [5], default: 1 })
      .optional(),
    capture: z
      .record(nameKey(), capture, { error: "a map of names to where the value is found" })
      .meta({
        description: "Values taken from the message, for ${capture.NAME} in what is sent later.",
        samples: [{ order: { json: "$.id" } }],
      })
      .optional(),
  },
  { error: ONE_OF },
);

/** A name that both sides know their messages by: a token of HTTP. */
const subprotocol = z
  .string({ error: "a subprotocol's name" })
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: "a subprotocol's name, without blanks" });

const exchange = z.strictObject(
  {
    path: z
      .string({ error: A_PATH })
      .regex(PATH, { error: A_PATH })
      .meta({ description: "Path, with the query if you like.", samples: ["/feed"], default: "/" })
      .prefault("/"),
    headers: headers()
      .meta({ description: "Headers of the handshake.", samples: [{ authorization: "Bearer ${env.TOKEN}" }] })
      .optional(),
    subprotocols: list(subprotocol, "a list of subprotocols")
      .meta({
        description: "Those that are offered; the server has to choose one.",
        samples: [["orders.v2"]],
      })
      .optional(),
    connection: choice(["new", "kept"])
      .meta({
        description:
          "new: each exchange opens a connection and closes it. kept: the connection stays open for the next exchange with the same path and headers.",
        default: "new",
      })
      .prefault("new"),
    messages: list(message, "a list of messages")
      .meta({
        description:
          "What is sent and what must come, in their order. None: the exchange is good when the connection is open.",
        samples: [[{ send: "ping" }, { expect: { text: "pong" } }]],
      })
      .prefault([]),
    within: positiveDuration()
      .meta({
        description:
          "From when the exchange was due to its last message; `load.timeout` does not count. Default: that timeout.",
        samples: ["3s"],
      })
      .optional(),
  },
  { error: "a map with `path` and `messages`" },
);

export const websocketKeys = {
  websocket: exchange.meta({ description: "An exchange of messages over WebSocket (docs/websocket.md)." }),
  auth: authentication()
    .meta({
      description: "Who sends the handshake. none: what `load.auth` says does not count here.",
      samples: [{ basic: { username: "ann", password: "${env.PASSWORD}" } }],
    })
    .optional(),
};

export type WebSocketRequestInput = z.output<z.ZodObject<typeof websocketKeys>>;
export type MessageInput = WebSocketRequestInput["websocket"]["messages"][number];
