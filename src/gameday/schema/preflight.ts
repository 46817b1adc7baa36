import { z } from "zod";
import { list, positiveDuration, text } from "../../quantities/schema.js";
import { expectation } from "../../requests/answers/expectation-schema.js";

const condition = z.strictObject(
  {
    name: text("a name", "words").meta({
      description: "What must hold, in a few words.",
      samples: ["no incident open"],
    }),
    http: text("a URL")
      .meta({
        description: "GET this, and hold the answer against `expect`.",
        samples: ["http://127.0.0.1:9093/api/v2/alerts?active=true"],
      })
      .optional(),
    expect: expectation.meta({ description: "What the answer must be. Default: 2xx or 304." }).optional(),
    run: text("a command")
      .meta({
        description: "Run this command: exit code 0 means that it holds.",
        samples: ["./deploying.sh"],
      })
      .optional(),
    timeout: positiveDuration().meta({ description: "Later than that it does not hold." }).prefault("10s"),
  },
  { error: "a map with `name` and `http` or `run`" },
);

/** What must hold before the first scenario begins. */
export const preflight = list(condition, "a list of conditions");
