import { z } from "zod";
import { choice, list, text } from "../../quantities/schema.js";

const EVENTS = ["start", "failure", "postponed", "rollback-failed", "all-clear"] as const;

const notice = z.strictObject(
  {
    webhook: text("a URL")
      .meta({ description: "URL that is told by POST.", samples: ["${env.HOOK}"] })
      .optional(),
    format: choice(["generic", "slack", "teams"])
      .meta({ description: "The form of what a webhook gets.", default: "generic" })
      .optional(),
    command: text("a command")
      .meta({ description: "Command that is started.", samples: ["./page.sh"] })
      .optional(),
    on: list(choice(EVENTS), "a list of events")
      .min(1, { error: "at least one event" })
      .meta({ description: "What is told.", samples: [["start", "all-clear"]] }),
  },
  { error: "a map with `on` and `webhook` or `command`" },
);

/** Who is told of what. */
export const notify = list(notice, "a list of webhooks and commands");
