import { z } from "zod";
import {
  choice,
  list,
  nameKey,
  positiveDuration,
  text,
  textMap,
  wholeNumber,
} from "../../quantities/schema.js";
import { GRPC_STATUSES } from "../../support/names/grpc-status.js";
import { expectedJson, expectedTexts } from "../answers/expectation-schema.js";

/** A call of a method, and what a good answer to it is. */

/** Data of the user's own. Its texts may hold slots. */
const message = z.record(z.string(), z.json({ error: "data that can be written as JSON" }), {
  error: "a map of fields to values",
});

const METHOD = "a method such as shop.Quotes/Get";

const call = z.strictObject(
  {
    proto: text("a .proto file's path")
      .meta({
        description:
          "File with the service; relative to the scenario. What it imports is looked for beside it. Without it the target's reflection service is asked before the run.",
        samples: ["shop.proto"],
      })
      .optional(),
    imports: list(text("a folder's path"), "a list of folders")
      .meta({ description: "More folders for imports.", samples: [["../protos"]] })
      .optional(),
    method: z
      .string({ error: METHOD })
      .regex(/^\/?[A-Za-z_][\w.]*\/[A-Za-z_]\w*$/, { error: METHOD })
      .meta({ description: "Package, service and method.", samples: ["shop.Quotes/Get"] }),
    message: message
      .meta({
        description:
          "The message, field by field, as JSON of protobuf writes it. `${…}` may stand in any value.",
        samples: [{ sku: "A1", quantity: 2 }],
      })
      .optional(),
    messages: list(message, "a list of messages")
      .meta({
        description: "For a method that takes a stream: the messages, sent one after the other.",
        samples: [[{ sku: "A1" }, { sku: "B2" }]],
      })
      .optional(),
    metadata: textMap(
      z.string().regex(/^[0-9A-Za-z_.-]+$/, { error: "a name of letters, digits, _, - and ." }),
    )
      .meta({
        description: "Metadata of this call. A value under a name that ends in -bin is base64.",
        samples: [{ authorization: "Bearer ${capture.token}" }],
      })
      .optional(),
  },
  { error: "a map with `method`" },
);

const STATUS = `a status of gRPC, such as OK or NOT_FOUND, or a list of them`;
const status = choice(GRPC_STATUSES);
const statuses = () =>
  z.union([status, z.array(status).min(1, { error: STATUS })], { error: STATUS }).optional();

const inAnswer = {
  message: expectedJson()
    .meta({
      description:
        "JSON path in the message ($, names of fields and positions) → the value it must have, a comparison, or conditions (docs/load.md). A method that gives a stream has a list of messages.",
      samples: [{ "$.price": "> 0" }],
    })
    .optional(),
  metadata: expectedTexts("a map of names to texts or conditions")
    .meta({
      description:
        "Text that a value of the answer's metadata (first or last) must contain, or conditions (docs/load.md).",
      samples: [{ "x-served-by": "quotes" }],
    })
    .optional(),
};

const expectation = z
  .strictObject(
    {
      grpc: statuses().meta({ description: "Statuses that count as good. Default: OK.", samples: ["OK"] }),
      ...inAnswer,
    },
    { error: "a map with `grpc`, `message` or `metadata`" },
  )
  .meta({ description: "What a good answer looks like; any other counts as http_error." });

const A_FALLBACK = { error: "a map with one or more of `grpc`, `message` and `metadata`" };
/** One complaint is enough for a map with an unknown key. */
const ANY = {
  ...A_FALLBACK,
  when: ({ issues }: { readonly issues: readonly unknown[] }) => issues.length === 0,
};

const degradation = z
  .strictObject(
    {
      grpc: statuses().meta({
        description: "Statuses of a fallback. Default: those that `expect` takes for good.",
        samples: ["OK"],
      }),
      ...inAnswer,
    },
    A_FALLBACK,
  )
  .refine((condition) => Object.keys(condition).length > 0, ANY)
  .meta({
    description:
      "What a fallback looks like: an answer that all of this holds of is counted as degraded, and is not held to `expect`.",
    samples: [{ message: { "$.estimated": true } }],
    minProperties: 1,
  });

export const grpcKeys = {
  grpc: call.meta({ description: "A call of gRPC (docs/grpc.md)." }),
  expect: expectation.optional(),
  degraded: degradation.optional(),
  stream: z
    .strictObject(
      {
        events: wholeNumber(1, 100_000)
          .meta({
            description:
              "When so many messages have come, the call is answered, and its stream is reset. Default: all, until its status has come.",
            samples: [5],
          })
          .optional(),
        firstEvent: positiveDuration()
          .meta({
            description:
              "From when the call was due to its first message. One that is later makes an http_error.",
            samples: ["500ms"],
          })
          .optional(),
        within: positiveDuration()
          .meta({
            description:
              "From when the call was due to its end; `load.timeout` does not count. Default: that timeout.",
            samples: ["3s"],
          })
          .optional(),
      },
      { error: "a map with `events`, `firstEvent` or `within`" },
    )
    .meta({
      description: "Each message of the stream that the method gives is timed. An open stream is no timeout.",
      samples: [{ firstEvent: "500ms", events: 5, within: "3s" }],
    })
    .optional(),
};

const capture = z.strictObject(
  {
    message: text("a JSON path")
      .meta({ description: "JSON path in the message.", samples: ["$.id"] })
      .optional(),
    metadata: text("a name of metadata")
      .meta({ description: "A value of the answer's metadata.", samples: ["x-request-id"] })
      .optional(),
  },
  { error: "a map with `message` or `metadata`" },
);

/** What a step of a journey has beside them. */
export const grpcStepKeys = {
  capture: z
    .record(nameKey(), capture, { error: "a map of names to where the value is found" })
    .meta({
      description: "Values taken from the answer, for ${capture.NAME} in later steps.",
      samples: [{ order: { message: "$.id" } }],
    })
    .optional(),
};

/** A request of the mix, or a step of a journey. */
export type GrpcRequestInput = z.output<z.ZodObject<typeof grpcKeys>> &
  Partial<z.output<z.ZodObject<typeof grpcStepKeys>>>;
