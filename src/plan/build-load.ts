import { isClusterTarget } from "../notation/cluster-target.js";
import { parseReference, parseTemplate, type TemplatePart } from "../notation/template.js";
import { requestKindNamed, requestKindWith, schemeOf, usualNameOf, usualRequest } from "../requests/kinds.js";
import type { PlannedRequest } from "../requests/planned-request.js";
import type { Scenario } from "../scenario/read-scenario.js";
import type { LoadInput } from "../scenario/schema/load.js";
import { splitTarget } from "../scenario/schema/target.js";
import { longestTimeoutMs, requestKinds } from "./load-mix.js";
import {
  LIFETIME,
  type LoadMix,
  type LoadModel,
  type LoadPlan,
  type LoginPlan,
  type Profile,
  type TlsOptions,
  type TracingPlan,
} from "./load-plan.js";
import { peakOf } from "./profile.js";
import { usualStreams } from "./streams-at-once.js";

/** One thread is left to the rest of faultline and to the system under test. */
const OPEN_RATE_PER_THREAD = 25_000;
const CONNECTIONS_PER_THREAD = 200;

/** `headers`: for all requests, unless the scenario sets them itself. */
export function buildLoad(
  scenario: Scenario,
  cpus: number,
  headers: Readonly<Record<string, string>> = {},
): LoadPlan {
  const { load, seed } = scenario.data;
  const target = splitTarget(load);
  const mix = buildMix(load, target, headers, scenario.requests);
  const model = buildModel(load, mix);
  const needsHttp2 = requestKinds(mix).some((kind) => requestKindNamed(kind).needsHttp2);
  const protocol = needsHttp2 ? "h2" : load.protocol;
  return {
    target: {
      url: target.base,
      socketPath: scenario.socketPath,
      tls: schemeOf(target.base)?.isTls ? buildTls(load, scenario.tls) : null,
      ...(isClusterTarget(target.base) ? { isInCluster: true as const } : {}),
    },
    model,
    timeoutMs: load.timeout.ms,
    workers: load.workers === "auto" ? threadsFor(model, cpus) : load.workers,
    keepAlive: load.keepAlive,
    pipelining: protocol === "h2" ? (load.streams ?? usualStreams(model)) : load.pipelining,
    ...(protocol === "http1" ? {} : { protocol }),
    mix,
    feeds: scenario.feeds.map(({ name, pick, table }) => ({ name, pick, table })),
    seed,
    ...buildTracing(load.tracing),
    ...(load.cookies || load.follow > 0 ? { session: { cookies: load.cookies, follow: load.follow } } : {}),
  };
}

function buildTracing(tracing: LoadInput["tracing"]): { readonly tracing?: TracingPlan } {
  if (!tracing) return {};
  const { sampling, traceLink = null } = tracing === true ? {} : tracing;
  return { tracing: { sampling: sampling?.ratio ?? 1, traceLink, runKey: "" } };
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
  const longestMs = longestTimeoutMs({ mix, timeoutMs: load.timeout.ms });
  const atOnce = mix.kind === "journeys" ? Math.max(...mix.journeys.map(({ steps }) => steps.length)) : 1;
  return {
    kind: "open",
    arrivals: load.arrivals ?? "even",
    profile,
    // The most that there can be: every answer takes as long as it may.
    maxConnections:
      load.maxConnections ??
      Math.min(10_000, Math.max(10, Math.ceil((peakOf(profile) * atOnce * longestMs) / 1000))),
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

function buildMix(
  load: LoadInput,
  { base, requestPath }: ReturnType<typeof splitTarget>,
  headers: Readonly<Record<string, string>>,
  read: Scenario["requests"],
): LoadMix {
  const common = { ...headers, ...load.headers };
  const { auth } = load;
  // Like headers for all requests: what its answer brings is not its own.
  const ofLogin = load.login && withAuth(load.login, holdsCapture(auth) ? undefined : auth);
  const login = ofLogin ? { login: buildLogin(ofLogin, common, read.get("load.login")) } : {};
  if (load.journeys) {
    return {
      ...login,
      kind: "journeys",
      journeys: load.journeys.map(({ name, weight, steps }, index) => ({
        name,
        weight,
        steps: steps.map((step, number) => ({
          ...planRequest(withAuth(step, auth), common, read.get(`load.journeys[${index}].steps[${number}]`)),
          thinkTimeMs: step.thinkTime.ms,
        })),
      })),
    };
  }
  const requests = load.requests ?? [{ ...usualRequest(base, requestPath), weight: 1 }];
  return {
    ...login,
    kind: "requests",
    requests: requests.map((request, index) => ({
      ...planRequest(withAuth(request, auth), common, read.get(`load.requests[${index}]`)),
      weight: request.weight,
    })),
  };
}

/** Headers for all requests that hold what it captures are not its own. */
function buildLogin(
  { once, lifetime, refreshBefore, ...request }: NonNullable<LoadInput["login"]>,
  common: Readonly<Record<string, string>>,
  read: unknown,
): LoginPlan {
  const own = Object.fromEntries(
    Object.entries(common).filter(([, value]) => !parseTemplate(value).some(isCaptureSlot)),
  );
  const { captureAt } = requestKindWith(Object.keys(request));
  const capture = {
    ...(typeof request.capture === "object" ? request.capture : {}),
    ...(typeof lifetime === "string" ? { [LIFETIME]: captureAt?.(lifetime) } : {}),
  };
  const said = Object.keys(capture).length > 0 ? { ...request, capture } : request;
  const planned = planRequest(said, own, read);
  return {
    ...planned,
    isLogin: true,
    once,
    refreshBeforeMs: refreshBefore.ms,
    lifetimeMs: typeof lifetime === "object" ? lifetime.ms : null,
  };
}

/** A request of a kind that knows it, and that says nothing of its own about it. */
function withAuth<Request extends { readonly [key: string]: unknown }>(
  request: Request,
  auth: LoadInput["auth"],
): Request {
  const isInherited = request.auth === undefined && auth !== undefined;
  return isInherited && "auth" in requestKindWith(Object.keys(request)).keys ? { ...request, auth } : request;
}

function holdsCapture(auth: LoadInput["auth"]): boolean {
  if (auth === undefined || auth === "none") return false;
  const texts = [auth.basic, auth.digest].flatMap((one) => (one ? [one.username, one.password] : []));
  return texts.some((text) => parseTemplate(text).some(isCaptureSlot));
}

function isCaptureSlot(part: TemplatePart): boolean {
  return part.kind === "slot" && parseReference(part.expression).kind === "capture";
}

function planRequest(
  request: { readonly name?: string | undefined; readonly [key: string]: unknown },
  common: Readonly<Record<string, string>>,
  read: unknown,
): PlannedRequest {
  const kind = requestKindWith(Object.keys(request));
  return kind.plan(request.name ?? usualNameOf(request) ?? kind.name, request, common, read ?? null);
}
