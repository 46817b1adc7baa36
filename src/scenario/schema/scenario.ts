import { z } from "zod";
import {
  choice,
  duration,
  list,
  nameKey,
  phaseDuration,
  shownName,
  text,
  wholeNumber,
} from "../../quantities/schema.js";
import { alerts } from "./alerts.js";
import { check } from "./check.js";
import { clusterSchema } from "./cluster.js";
import { fault } from "./fault.js";
import { load } from "./load.js";
import { service } from "./service.js";
import { signalSchema } from "./signal.js";
import { slo } from "./slo.js";
import { telemetry } from "./telemetry.js";
import { tlsSchema } from "./tls.js";

export const proxy = z.strictObject(
  {
    listen: text("host:port", "address")
      .meta({
        description:
          "Where the service connects. Default: a free port of 127.0.0.1. With tls:// (with a `protocol` https://) over TLS, with a certificate of this run; with http:// without TLS. Without any of them it is as the upstream.",
        samples: ["127.0.0.1:6391", "tls://127.0.0.1:6392", "https://127.0.0.1:8444"],
      })
      .prefault("127.0.0.1:0"),
    upstream: text("host:port", "address").meta({
      description:
        "The dependency itself. With tls:// in front it speaks TLS; with a `protocol` that is https://.",
      samples: ["127.0.0.1:6390", "tls://127.0.0.1:6380", "https://127.0.0.1:8443"],
    }),
    protocol: choice(["http", "grpc"])
      .meta({
        description:
          "What the dependency speaks. http: HTTP/1.1 and HTTP/2; grpc: gRPC, and whatever else goes over HTTP/2. Each request that crosses is seen, by a gateway between the proxy and the upstream. Without it whatever crosses is bytes.",
        samples: ["http", "grpc"],
      })
      .optional(),
    tls: tlsSchema.meta({ description: "For an upstream with tls:// or https://." }).optional(),
  },
  { error: "a map with `upstream`" },
);

const phases = z.strictObject(
  {
    warmup: duration().meta({ description: "Load whose numbers are thrown away." }).prefault("5s"),
    baseline: phaseDuration()
      .meta({ description: "Load without a fault; the SLOs must hold here." })
      .prefault("30s"),
    fault: phaseDuration().meta({ description: "How long each fault lasts." }).prefault("30s"),
    recovery: phaseDuration()
      .meta({ description: "How long the system is watched after each fault." })
      .prefault("30s"),
  },
  { error: "a map with `warmup`, `baseline`, `fault` and `recovery`" },
);

/** The format of a scenario file. From it come the checks, the types, the JSON Schema and the reference. */
export const scenarioSchema = z
  .strictObject(
    {
      faultline: z
        .literal(1, { error: "1, the version of this format" })
        .meta({ description: "Version of this format." }),
      name: shownName(200).meta({
        description: "What is shown to hold, in a few words.",
        samples: ["Checkout survives a slow cache"],
      }),
      hypothesis: text()
        .max(2000, { error: "text of at most 2000 characters" })
        .meta({
          description: "What you expect, in one sentence. Shown in the report.",
          samples: ["A slow cache costs latency, never orders."],
        })
        .optional(),
      services: z
        .record(nameKey(), service, { error: "a map of names to services" })
        .meta({
          description:
            "Processes to start, in this order unless `after` says otherwise; they are stopped in reverse.",
        })
        .prefault({}),
      proxies: z
        .record(nameKey(), proxy, { error: "a map of names to proxies" })
        .meta({ description: "Toxiproxy proxies between the system and what it depends on." })
        .prefault({}),
      toxiproxy: z
        .strictObject(
          {
            url: text("a URL").meta({
              description: "URL of its HTTP API.",
              samples: ["http://127.0.0.1:8474"],
            }),
          },
          { error: "a map with `url`" },
        )
        .meta({ description: "A real Toxiproxy server to use instead of the embedded one." })
        .optional(),
      docker: z
        .strictObject(
          {
            host: text("the address of a Docker engine")
              .meta({
                description:
                  "Where the engine listens, as DOCKER_HOST has it. Default: DOCKER_HOST of the environment, else unix:///var/run/docker.sock.",
                samples: ["unix:///var/run/docker.sock"],
              })
              .optional(),
            project: text("the name of a compose project")
              .meta({
                description:
                  "The compose project that services of `docker:` faults are of. Default: COMPOSE_PROJECT_NAME of the environment, else the only project that has such a service.",
                samples: ["shop"],
              })
              .optional(),
          },
          { error: "a map with `host` or `project`" },
        )
        .meta({ description: "The Docker engine that `docker:` faults go through (docs/docker.md)." })
        .optional(),
      kubernetes: clusterSchema
        .meta({
          description:
            "The cluster that faults may act in, where in it, and what of it is looked at (docs/kubernetes.md).",
        })
        .optional(),
      load: load.meta({ description: "The requests that are sent all the while." }),
      phases: phases.meta({ description: "How long each part of the run lasts." }).prefault({}),
      slos: list(slo(), "a list of SLOs")
        .min(1, { error: "at least one SLO" })
        .meta({
          description: "What must hold during each fault (and in the baseline, which is checked first).",
          samples: [["availability >= 99.9%", "p99 < 500ms"]],
        }),
      faults: list(fault, "a list of faults")
        .meta({
          description:
            "What is done to the proxies and services, one fault after the other. Without any it is a load test: the SLOs are judged over the baseline.",
        })
        .prefault([]),
      repeat: wholeNumber(1, 100)
        .meta({ description: "Rounds: goes through all faults so many times.", default: 1 })
        .prefault(1),
      checks: list(check, "a list of checks")
        .meta({
          description:
            "What must be true of the system itself, asked by a command or over HTTP (docs/checks.md): a number, a text, or that every acknowledged request is stored once.",
        })
        .prefault([]),
      signals: z
        .record(nameKey(), signalSchema, { error: "a map of names to signals" })
        .meta({
          description:
            "What others know of the system (docs/observability.md): a Prometheus server, a page of metrics, an endpoint that gives numbers. SLOs may be about them.",
        })
        .prefault({}),
      alerts: alerts
        .meta({ description: "Where the alerts are watched that SLOs name (docs/observability.md)." })
        .optional(),
      telemetry: telemetry
        .meta({
          description:
            "Where the run tells of itself while it goes on (docs/observability.md): one key for each kind of receiver.",
        })
        .prefault({}),
      abort: list(text("a condition such as error_rate > 80% for 5s"), "a list of conditions")
        .meta({
          description: "Ends the run at once when one becomes true: an SLO's words with a window.",
          samples: [["error_rate > 80% for 5s"]],
        })
        .prefault([]),
      evidence: choice(["interval", "observed"])
        .meta({
          description:
            "interval: a pass is a claim about the system, with 98 % confidence. observed: what was seen in this run, no more.",
          default: "interval",
        })
        .prefault("interval"),
      seed: wholeNumber(0, 4_294_967_295)
        .meta({ description: "Seed of all randomness in the load.", default: 1 })
        .prefault(1),
      maxRecoveryWait: duration()
        .meta({
          description:
            "How much longer than planned a recovery may take before the faults after it are not run.",
        })
        .prefault("60s"),
      allowHosts: list(text("a host name or address"), "a list of hosts")
        .meta({
          description: "Hosts beside this machine that may be used; `*.example.com` allows all below it.",
          samples: [["staging.example.com"]],
        })
        .prefault([]),
    },
    { error: "a map of keys" },
  )
  .meta({
    title: "faultline scenario",
    description:
      "A chaos experiment: a system, the load on it, what is done to its dependencies, and what must hold.",
  });

/** A scenario as the schema gives it: defaults filled in, quantities in one unit each. */
export type ScenarioData = z.output<typeof scenarioSchema>;
