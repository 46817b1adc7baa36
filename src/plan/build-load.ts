import { requestName } from "../scenario/check/requests.js";
import type { Scenario } from "../scenario/read-scenario.js";
import type { LoadInput } from "../scenario/schema/load.js";
import type { RequestInput, StepInput } from "../scenario/schema/request.js";
import { splitTarget } from "../scenario/schema/target.js";
import { escapeTemplate, parseTemplate } from "../scenario/values/template.js";
import {
  type Capture,
  DEFAULT_STATUSES,
  type JourneyStep,
  type LoadMix,
  type LoadModel,
  type LoadPlan,
  type Profile,
  type RequestSpec,
  type TlsOptions,
  type WeightedRequest,
} from "./load-plan.js";
import { peakOf } from "./profile.js";

/** One thread is left to the rest of faultline and to the system under test. */
const OPEN_RATE_PER_THREAD = 25_000;
const CONNECTIONS_PER_THREAD = 200;

export function buildLoad(scenario: Scenario, cpus: number): LoadPlan {
  const { load, seed } = scenario.data;
  const target = splitTarget(load);
  const mix = buildMix(load, target.requestPath);
  const model = buildModel(load, mix);
  return {
    target: {
      url: target.base,
      socketPath: scenario.socketPath,
      tls: target.base.startsWith("https:") ? buildTls(load, scenario.tls) : null,
    },
    model,
    timeoutMs: load.timeout.ms,
    workers: load.workers === "auto" ? threadsFor(model, cpus) : load.workers,
    keepAlive: load.keepAlive,
    pipelining: load.pipelining,
    mix,
    feeds: scenario.feeds.map(({ name, pick, table }) => ({ name, pick, table })),
    seed,
  };
}

function buildModel(load: LoadInput, mix: LoadMix): LoadModel {
  if (load.rate === undefined) {
    const start = load.connections ?? 1; // the checks refuse a load with neither
    const stages = load.stages?.map((stage) => ({ ...stage, value: stage.connections }));
    return {
      kind: "closed",
      profile: buildProfile(start, stages ?? []),
      thinkTimeMs: load.thinkTime?.ms ?? 0,
    };
  }
  const stages = load.stages?.map((stage) => ({ ...stage, value: stage.rate?.perS }));
  const profile = buildProfile(load.rate.perS, stages ?? []);
  const atOnce = mix.kind === "journeys" ? Math.max(...mix.journeys.map(({ steps }) => steps.length)) : 1;
  return {
    kind: "open",
    arrivals: load.arrivals ?? "even",
    profile,
    // As many as there can be when every answer takes as long as it may.
    maxConnections:
      load.maxConnections ??
      Math.min(10_000, Math.max(10, Math.ceil((peakOf(profile) * atOnce * load.timeout.ms) / 1000))),
  };
}

function buildProfile(
  startValue: number,
  stages: readonly {
    readonly ramp?: { readonly ms: number } | undefined;
    readonly hold?: { readonly ms: number } | undefined;
    readonly value: number | undefined;
  }[],
): Profile {
  let value = startValue;
  return {
    startValue,
    stages: stages.map(({ ramp, hold, value: next }) => {
      value = next ?? value;
      return {
        kind: ramp ? ("ramp" as const) : ("step" as const),
        durationMs: (ramp ?? hold)?.ms ?? 0,
        to: value,
      };
    }),
  };
}

function threadsFor(model: LoadModel, cpus: number): number {
  const wanted =
    model.kind === "open"
      ? peakOf(model.profile) / OPEN_RATE_PER_THREAD
      : Math.min(peakOf(model.profile) / CONNECTIONS_PER_THREAD, model.profile.startValue);
  return Math.min(Math.max(1, Math.ceil(wanted)), Math.max(1, cpus - 1));
}

function buildTls(load: LoadInput, pem: Scenario["tls"]): TlsOptions {
  return { ...pem, servername: load.tls?.servername ?? null, verify: load.tls?.verify ?? true };
}

function buildMix(load: LoadInput, targetPath: string): LoadMix {
  const common = load.headers ?? {};
  if (load.journeys) {
    return {
      kind: "journeys",
      journeys: load.journeys.map(({ name, weight, steps }) => ({
        name,
        weight,
        steps: steps.map(
          (step): JourneyStep => ({
            ...buildRequest(step, common),
            capture: buildCaptures(step),
            thinkTimeMs: step.thinkTime.ms,
          }),
        ),
      })),
    };
  }
  const requests = load.requests ?? [{ method: "GET", path: targetPath, weight: 1 }];
  return {
    kind: "requests",
    requests: requests.map(
      (request): WeightedRequest => ({
        ...buildRequest(request, common),
        weight: request.weight,
      }),
    ),
  };
}

function buildRequest(
  request: RequestInput | StepInput | { readonly method: string; readonly path: string },
  common: Readonly<Record<string, string>>,
): RequestSpec {
  const input: Partial<RequestInput> & { readonly method: string; readonly path: string } = request;
  const { body, bodyEncoding, contentType } = buildBody(input);
  return {
    name: requestName(input),
    method: input.method.toUpperCase(),
    path: buildPath(input.path, input.query ?? {}),
    headers: mergeHeaders(
      contentType === null ? {} : { "Content-Type": contentType },
      common,
      input.headers ?? {},
    ),
    body,
    bodyEncoding,
    expect: {
      status: input.expect?.status === undefined ? DEFAULT_STATUSES : [input.expect.status].flat(),
      headers: lowerCaseKeys(input.expect?.headers ?? {}),
      body: input.expect?.body ?? null,
      json: input.expect?.json ?? {},
    },
  };
}

type Body = Pick<RequestSpec, "body" | "bodyEncoding"> & { readonly contentType: string | null };

function buildBody({ json, form, body }: Partial<RequestInput>): Body {
  if (json !== undefined) {
    // A whole value of "${seq}" or "${random.int(…)}" is meant as a number. A key is followed by a colon, a quote
    // inside a text by a backslash before it: neither is taken for such a value.
    const text = JSON.stringify(escapeKeys(json)).replace(
      /"(\$\{(?:seq|random\.int\([^)"]*\))\})"(?!:)/g,
      "$1",
    );
    return { body: text, bodyEncoding: "json", contentType: "application/json" };
  }
  if (form !== undefined) {
    return {
      body: encodePairs(form),
      bodyEncoding: "form",
      contentType: "application/x-www-form-urlencoded",
    };
  }
  return { body: body ?? null, bodyEncoding: "none", contentType: null };
}

/** Keys are never templates, but the whole body is read as one. */
function escapeKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(escapeKeys);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [escapeTemplate(key), escapeKeys(inner)]),
  );
}

function buildPath(path: string, query: Readonly<Record<string, string>>): string {
  // What may not stand in a request line is encoded; what is encoded already stays.
  const encoded = encodeLiterals(path, (text) =>
    text.replace(/[^\x21-\x7e]|["<>\\^`{|}]/gu, encodeURIComponent),
  );
  const pairs = encodePairs(query);
  if (pairs === "") return encoded;
  return `${encoded}${path.includes("?") ? "&" : "?"}${pairs}`;
}

function encodePairs(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeLiterals(value, encodeURIComponent)}`)
    .join("&");
}

/** Encodes a template's own text and leaves its slots. */
function encodeLiterals(template: string, encode: (text: string) => string): string {
  return parseTemplate(template)
    .map((part) => (part.kind === "text" ? encode(part.text) : `\${${part.expression}}`))
    .join("");
}

function buildCaptures(step: StepInput): readonly Capture[] {
  return Object.entries(step.capture ?? {}).map(([name, { json, header, regex }]): Capture => {
    if (json !== undefined) return { name, from: { kind: "json", path: json } };
    if (header !== undefined) {
      return { name, from: { kind: "header", header: header.toLowerCase(), pattern: regex ?? null } };
    }
    return { name, from: { kind: "regex", pattern: regex ?? "" } };
  });
}

/** Names stay as they are written. Those that differ in case only are one header: the last one counts. */
function mergeHeaders(...all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const byName = new Map<string, readonly [name: string, value: string]>();
  for (const [name, value] of all.flatMap((headers) => Object.entries(headers))) {
    byName.set(name.toLowerCase(), [name, value]);
  }
  return Object.fromEntries(byName.values());
}

function lowerCaseKeys<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
