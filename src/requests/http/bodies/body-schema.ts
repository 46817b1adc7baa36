import { z } from "zod";
import { list, text } from "../../../quantities/schema.js";

/** A body as it is, or a file that holds it. */
export const body = z
  .union(
    [
      z.string({ error: "text" }),
      z.strictObject(
        {
          file: text("a file's path").meta({
            description:
              "File whose bytes are the body, at most 16 MB; relative to the scenario. Its ending sets content-type, unless a header does.",
            samples: ["order.xml"],
          }),
        },
        { error: "a map with `file`" },
      ),
    ],
    { error: "text, or a map with `file`" },
  )
  .meta({
    description: "A body as it is, or a file that holds it.",
    samples: ["<order/>", { file: "order.xml" }],
  });

const part = z.strictObject(
  {
    name: text("a name").meta({ description: "Name of the form's field.", samples: ["photo"] }),
    value: z
      .string({ error: "text" })
      .meta({ description: "The field's text. `${…}` may stand in it.", samples: ["A1"] })
      .optional(),
    file: text("a file's path")
      .meta({
        description: "File whose bytes are sent, at most 16 MB; relative to the scenario.",
        samples: ["photo.jpg"],
      })
      .optional(),
    filename: text("a file's name")
      .meta({
        description: "The name that goes with it. Default: that of the file, without its folders.",
        samples: ["me.jpg"],
      })
      .optional(),
    type: z
      .string({ error: "a media type" })
      .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:;.*)?$/, { error: "a media type such as image/jpeg" })
      .meta({
        description:
          "Its media type. Default: by the file's ending, else application/octet-stream; none for a value.",
        samples: ["image/jpeg"],
      })
      .optional(),
  },
  { error: "a map with `name`, and `value` or `file`" },
);

/** Fields of a form, as a browser sends them with files. */
export const multipart = list(part, "a list of fields")
  .min(1, { error: "at least one field" })
  .meta({
    description: "A form with files (multipart/form-data): its fields in their order.",
    samples: [
      [
        { name: "sku", value: "A1" },
        { name: "photo", file: "photo.jpg" },
      ],
    ],
  });

export type MultipartInput = z.output<typeof multipart>;
