import { z } from "zod";
import { duration, list, positiveDuration, text, textMap, yesNo } from "../../quantities/schema.js";
import { VALUE_FORMS } from "../../quantities/value-form.js";
import { command } from "./command.js";

const COMMANDS = "a command, or a list of commands";
/** Each command is a text, or a list of its words. */
const commands = () => z.union([text("a command"), list(command(), COMMANDS)], { error: COMMANDS });

const URL_OF = "http://…, https://…, grpc://host:port, tcp://host:port or k8s://NAMESPACE/KIND/NAME";
const READY = `${URL_OF}, or a map with \`url\`, \`log\` or \`command\``;

/** All that is given has to hold. */
const readyMap = z
  .strictObject(
    {
      url: text(URL_OF)
        .meta({
          description:
            "Answers: http:// and https:// below status 500, grpc:// and grpcs:// when its health service says SERVING, tcp:// when it connects, k8s:// when the object is ready (docs/kubernetes.md).",
          samples: ["tcp://127.0.0.1:5432"],
        })
        .optional(),
      log: text("a regular expression")
        .meta({
          description:
            "A line of its output, on stdout or stderr, has this JavaScript regular expression in it.",
          samples: ["ready for connections"],
        })
        .optional(),
      command: command()
        .meta({
          description: "Exits with 0. It is run again until then, where and as the service runs.",
          samples: ["pg_isready -p 5432"],
        })
        .optional(),
    },
    { error: READY },
  )
  .refine((ready) => Object.keys(ready).length > 0, {
    error: READY,
    when: ({ issues }) => issues.length === 0,
  });

export const service = z
  .strictObject(
    {
      run: command().meta({
        description:
          "Program and arguments; split as a shell splits words, but no shell is used unless `shell: true`.",
        samples: ["node shop.js", ["node", "shop.js"]],
      }),
      shell: yesNo()
        .meta({
          description:
            "Run the text, and those of `prepare`, `cleanup` and `ready.command`, with /bin/sh -c.",
          default: false,
        })
        .prefault(false),
      after: z
        .union([text("a service's name"), list(text("a service's name"), "a list of services")], {
          error: "a service's name, or a list of them",
        })
        .meta({
          description: "Services that have to be ready before this one is prepared and started.",
          samples: [["database"]],
        })
        .optional(),
      prepare: commands()
        .meta({
          description:
            "Commands that run to their end before it starts, in this order: an empty database, migrations. One that fails ends the run.",
          samples: [["createdb shop", "npm run migrate"]],
        })
        .optional(),
      cleanup: commands()
        .meta({
          description: "Commands that run after it was stopped, whichever way the run ends.",
          samples: ["dropdb shop"],
        })
        .optional(),
      commandTimeout: positiveDuration()
        .meta({ description: "How long each command of `prepare` and `cleanup` may take." })
        .prefault("60s"),
      env: textMap()
        .meta({
          description:
            "Environment beside the one faultline runs in. ${proxies.NAME.listen} leads it through a proxy.",
          samples: [{ REDIS_URL: "redis://${proxies.cache.listen}" }],
        })
        .optional(),
      envFile: z
        .union([text("a file's path"), list(text("a file's path"), "a list of files")], {
          error: "a file's path, or a list of them",
        })
        .meta({
          description:
            "Files with lines of NAME=value. `env` wins over them, and a later file over an earlier one.",
          samples: [".env"],
        })
        .optional(),
      cwd: text("a folder's path")
        .meta({ description: "Folder it runs in. Default: where the file stands." })
        .optional(),
      ready: z
        .union([text(READY), readyMap], { error: READY })
        .meta({
          description:
            "Ready when this answers: http:// and https:// below status 500, grpc:// and grpcs:// when its health service says SERVING, tcp:// when it connects, k8s:// when the object is ready (docs/kubernetes.md). Or a map; all that it says has to hold.",
          samples: ["http://127.0.0.1:3000/health", { log: "ready for connections" }],
        })
        .optional(),
      readyTimeout: positiveDuration().meta({ description: "How long to wait for that." }).prefault("30s"),
      stopGrace: duration()
        .meta({ description: "Between asking it to stop (SIGTERM) and killing it." })
        .prefault("5s"),
    },
    { error: "a map with `run`" },
  )
  .register(VALUE_FORMS, { mainKey: "run" });
