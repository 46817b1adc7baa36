import { z } from "zod";
import { parseComparison } from "../../quantities/comparison.js";
import { headers } from "../../quantities/headers.js";
import {
  choice,
  duration,
  list,
  positiveDuration,
  shownName,
  text,
  textMap,
  wholeNumber,
  yesNo,
} from "../../quantities/schema.js";
import { expectedJson, expectedStatus, expectedText } from "../../requests/answers/expectation-schema.js";
import { command } from "./command.js";
import { tlsSchema } from "./tls.js";

/** What is asked of the system itself, and what its answer must be. */

const NUMBER = 'a number, or a comparison such as ">= 0"';

const expectedNumber = () =>
  z.union(
    [
      z.number().transform((equals) => ({ equals })),
      z.string().transform((written, context) => {
        const comparison = parseComparison(written);
        if (comparison !== null) return comparison;
        context.issues.push({ code: "custom", message: NUMBER, input: written });
        return z.NEVER;
      }),
    ],
    { error: NUMBER },
  );

const EXIT_CODE = "an exit code from 0 to 255";

const expected = z
  .strictObject(
    {
      number: expectedNumber()
        .meta({
          description: "All that it prints, or answers, is one number, and this holds for it.",
          samples: [0, ">= 0"],
        })
        .optional(),
      text: expectedText()
        .meta({
          description: "Text that the output must contain, or conditions (docs/load.md).",
          samples: ["in sync", { not: "error" }],
        })
        .optional(),
      json: expectedJson()
        .meta({
          description:
            "As in `expect` of a request: JSON path → the value it must have, a comparison, or conditions.",
          samples: [{ "$.min": ">= 0" }],
        })
        .optional(),
      exit: z
        .number({ error: EXIT_CODE })
        .int({ error: EXIT_CODE })
        .min(0, { error: EXIT_CODE })
        .max(255, { error: EXIT_CODE })
        .meta({
          description:
            "Exit code that `run` must end with. Without it another one than 0 means that it could not be asked.",
          samples: [0],
        })
        .optional(),
      status: expectedStatus()
        .meta({
          description:
            "Statuses that `http` must answer with. Without it another one than 2xx means that it could not be asked.",
          samples: [200],
        })
        .optional(),
    },
    { error: "a map with `number`, `text`, `json`, `exit` or `status`" },
  )
  .meta({ description: "What the answer must be." });

const request = z.strictObject(
  {
    url: text("a URL").meta({
      description: "http:// or https:// URL.",
      samples: ["http://127.0.0.1:3000/admin/stock"],
    }),
    headers: headers()
      .meta({ description: "Headers of the request.", samples: [{ authorization: "Bearer ${env.TOKEN}" }] })
      .optional(),
    tls: tlsSchema.meta({ description: "For https:// URLs." }).optional(),
  },
  { error: "a map with `url`" },
);

const most = (what: string) =>
  wholeNumber(0, 1_000_000_000)
    .meta({
      description:
        `With ` +
        "`of`" +
        `: how many ids may be ${what}. Default: lost and duplicated 0, when none of the three is given.`,
      samples: [0],
    })
    .optional();

export const check = z.strictObject(
  {
    name: shownName(100).meta({
      description: "What must be true, in a few words. Each name once.",
      samples: ["stock is never negative"],
    }),
    run: command()
      .meta({
        description:
          "Program and arguments that ask, as in a service's `run`. What it prints on stdout is the answer.",
        samples: ['psql -tA -c "select count(*) from orders where total < 0"'],
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
    http: z
      .union([text("a URL"), request], { error: "a URL, or a map with `url`, `headers` and `tls`" })
      .meta({
        description: "URL that is asked by GET; with `headers` or `tls`, a map.",
        samples: ["http://127.0.0.1:3000/admin/stock"],
      })
      .optional(),
    kubernetes: text("k8s://NAMESPACE/KIND/NAME")
      .meta({
        description:
          "An object of a cluster, which is read; its JSON is the answer (docs/kubernetes.md). Secrets are not read.",
        samples: ["k8s://shop/deployment/cart"],
      })
      .optional(),
    when: list(
      choice(["baseline", "fault", "recovery", "end"]),
      "a list of baseline, fault, recovery and end",
    )
      .min(1, { error: "at least one of baseline, fault, recovery and end" })
      .meta({
        description:
          "When it is asked: once as each phase of that kind ends, with every fault and every recovery; end: once after the load.",
        samples: [["fault", "recovery"]],
        default: ["end"],
      })
      .prefault(["end"]),
    every: positiveDuration()
      .meta({
        description:
          "Asked so often during those phases as well. With `of`: the ids are read so often while the load goes on.",
        samples: ["2s"],
      })
      .optional(),
    timeout: positiveDuration()
      .meta({ description: "How long one answer may take.", samples: ["30s"] })
      .prefault("10s"),
    within: duration()
      .meta({
        description:
          "At the end it is asked again and again for so long, until it holds: for what is completed later. Ids that are asked for in a phase may be missing for so long.",
        samples: ["10s"],
      })
      .optional(),
    expect: expected.optional(),
    of: text("the name of a request")
      .meta({
        description:
          "Holds ids in the answer against those that requests of this name have sent; instead of `expect`.",
        samples: ["checkout"],
      })
      .optional(),
    id: text("what the id of a request is, such as ${uuid}")
      .meta({
        description:
          "What the id of each of these requests is: a slot of the request, or what an answer brought.",
        samples: ["${uuid}", "${capture.orderId}"],
      })
      .optional(),
    ids: z
      .strictObject(
        {
          list: text("a JSON path")
            .meta({
              description: "JSON path of the list of them. Default: the answer is the list.",
              samples: ["$.orders"],
            })
            .optional(),
          each: text("a JSON path")
            .meta({
              description: "JSON path of the id in each item. Default: the item is the id.",
              samples: ["$.id"],
            })
            .optional(),
        },
        { error: "a map with `list` or `each`" },
      )
      .meta({
        description:
          "Where ids stand in an answer in JSON. Without it: a list in JSON, or one id in each line.",
      })
      .optional(),
    lost: most("acknowledged and not there"),
    duplicated: most("there more often than they were sent"),
    unexpected: most("refused or never sent, and there"),
  },
  { error: "a map with `name`, `run`, `http` or `kubernetes`, and what is expected" },
);

export type CheckInput = z.output<typeof check>;
