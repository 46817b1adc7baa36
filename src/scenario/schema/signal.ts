import { z } from "zod";
import { headers } from "../../quantities/headers.js";
import { positiveDuration, text, textMap, yesNo } from "../../quantities/schema.js";
import { SIGNAL_URL_KEYS, SIGNAL_URLS } from "../signals/kinds.js";
import { command } from "./command.js";
import { tlsSchema } from "./tls.js";

const query = (description: string, samples: readonly string[]) =>
  text("a query")
    .meta({ description, samples: [...samples] })
    .optional();

/** What others know of the system. SLOs may be about it. */
export const signalSchema = z.strictObject(
  {
    ...SIGNAL_URL_KEYS,
    run: command()
      .meta({
        description:
          "Program and arguments that print JSON, or a number in their last line: `bad`, `total` and `value` are JSON paths.",
        samples: ["redis-cli llen mails"],
      })
      .optional(),
    shell: yesNo().meta({ description: "Run the text with /bin/sh -c.", default: false }).prefault(false),
    env: textMap()
      .meta({
        description: "Environment of `run`, beside the services' own and what docs/checks.md lists.",
        samples: [{ PGHOST: "127.0.0.1" }],
      })
      .optional(),
    cwd: text("a folder's path")
      .meta({ description: "Folder that `run` runs in. Default: where the file stands." })
      .optional(),
    bad: query(
      "What is counted as bad. With `prometheus` a rate per second; else a counter that only grows.",
      ["sum(rate(orders_failed_total[5s]))", 'orders_total{code=~"5.."}', "$.orders.failed"],
    ),
    total: query("All that is counted, in the same way.", [
      "sum(rate(orders_total[5s]))",
      "orders_total",
      "$.orders.all",
    ]),
    value: query(
      "One number, instead of `bad` and `total`. With `http` and `run` it may be left out: the answer, or its last line, is the number.",
      ["max(queue_depth)", "queue_depth", "$.queue.depth"],
    ),
    every: positiveDuration()
      .meta({
        description:
          "Time between two samples. Default: with `prometheus` the server's scrape interval, else 1s.",
        samples: ["5s"],
      })
      .optional(),
    timeout: positiveDuration()
      .meta({ description: "How long one answer may take.", samples: ["2s"] })
      .prefault("5s"),
    headers: headers()
      .meta({
        description: "Headers of each request.",
        samples: [{ authorization: "Bearer ${env.PROMETHEUS_TOKEN}" }],
      })
      .optional(),
    tls: tlsSchema.meta({ description: "For https:// addresses." }).optional(),
  },
  {
    error: `a map with ${SIGNAL_URLS.map((key) => `\`${key}\``).join(", ")} or \`run\`, and \`value\` or \`bad\` and \`total\``,
  },
);

export type SignalInput = z.output<typeof signalSchema>;
