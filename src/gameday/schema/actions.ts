import { z } from "zod";
import { choice, list, text } from "../../quantities/schema.js";
import { date } from "./date.js";

const ID = "a name of letters, digits, - _ and .";

const item = z.strictObject(
  {
    id: z
      .string({ error: ID })
      .regex(/^[A-Za-z0-9][\w.-]*$/, { error: ID })
      .max(100, { error: "a name of at most 100 characters" })
      .meta({ description: "What it is called; each has a name of its own.", samples: ["checkout-timeout"] }),
    what: text("what is to be done").meta({
      description: "What is to be done.",
      samples: ["Give checkout a timeout of 300 ms"],
    }),
    owner: text("a name", "words")
      .meta({ description: "Who does it.", samples: ["@payments"] })
      .optional(),
    due: date()
      .meta({ description: "Until when, this day included.", samples: ["2026-12-31"] })
      .optional(),
    ticket: text("a ticket")
      .meta({ description: "Where it is worked on.", samples: ["SHOP-123"] })
      .optional(),
    status: choice(["open", "mended", "closed"])
      .meta({
        description:
          "mended: the team says that it is done. The next game day runs its scenario, and makes closed or open of it.",
        default: "open",
      })
      .prefault("open"),
    scenario: text("a scenario's file")
      .meta({
        description: "What shows whether it is done. Relative to this file.",
        samples: ["slow-cache.yaml"],
      })
      .optional(),
    fault: text("a fault's name")
      .meta({
        description: "Which fault of it; without it, the whole scenario counts.",
        samples: ["cache cut off"],
      })
      .optional(),
    decidedBy: text("an exercise id")
      .meta({ description: "Written by faultline: the exercise that closed it or opened it again." })
      .optional(),
  },
  { error: "a map with `id` and `what`" },
);

/** The format of actions.yaml, which a team keeps beside its game day. */
export const actionsSchema = z
  .strictObject(
    {
      actions: z
        .literal(1, { error: "1, the version of this format" })
        .meta({ description: "Version of this format." }),
      items: list(item, "a list of action items").meta({ description: "What is to be done." }),
    },
    { error: "a map of keys" },
  )
  .meta({ title: "faultline action items", description: "What a team wants to change after its game days." });

export type ActionsData = z.output<typeof actionsSchema>;
export type KeptAction = ActionsData["items"][number];
