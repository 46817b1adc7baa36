import type { LoadMix, LoadPlan } from "../../../plan/load-plan.js";
import { type AskedCall, type GrpcRequest, isAskedCall } from "../../../requests/grpc/grpc-request.js";
import { unknownService } from "../../../requests/grpc/proto/find-method.js";
import {
  completeCall,
  type Definitions,
  fixedMetadata,
} from "../../../requests/grpc/reflected/complete-call.js";
import { descriptorRoot } from "../../../requests/grpc/reflected/descriptor-root.js";
import { DescriptorProblem } from "../../../requests/grpc/reflected/file-descriptor.js";
import type { PlannedRequest } from "../../../requests/planned-request.js";
import { FeedReader } from "../../../scenario/feeds/feed-reader.js";
import { Patience } from "../../../support/clock.js";
import { type PlacedComplaint, RequestProblem } from "../../request-problem.js";
import { type Gathered, gatherFiles } from "./gather-files.js";
import { ReflectionEnded, type ReflectionPlace, ReflectionStream } from "./reflection-stream.js";
import { whatToDo, whyNotReflected } from "./why-not.js";

/** What one service is asked takes this long at most, by both names together. */
const WITHIN_MS = 10_000;
/** The name of the older one was never changed where it was in use. */
const VERSIONS = ["v1", "v1alpha"];

interface PlacedCall {
  /** From the scenario. */
  readonly path: readonly (string | number)[];
  readonly call: AskedCall;
}

export interface AskOptions {
  readonly signal?: AbortSignal | null;
  /** Takes secrets out of what the target says. */
  readonly mask?: (text: string) => string;
  readonly withinMs?: number;
}

/**
 * Asks the target for the definitions of calls that name no file, once for each service.
 * @throws RequestProblem: the target does not say them, or calls do not fit them.
 */
export async function completeCalls(
  plan: LoadPlan,
  { signal = null, mask = (text) => text, withinMs = WITHIN_MS }: AskOptions = {},
): Promise<LoadPlan> {
  const completed = new Map<PlannedRequest, GrpcRequest>();
  const complaints: PlacedComplaint[] = [];
  const rowsOf = rowsIn(plan);
  for (const [service, calls] of byService(callsIn(plan.mix))) {
    const asked = await definitionsOf(service, calls, { target: plan.target, withinMs, signal, mask });
    for (const { path, call } of calls) {
      if (asked.kind === "unknown") {
        const at = [...path, "grpc", "method"];
        complaints.push({
          path: at,
          at: "value",
          ...unknownService(service, asked.known, "The target lists none."),
        });
        continue;
      }
      const result = completeCall(call, asked.definitions, rowsOf);
      if (result.kind === "call") completed.set(call, result.call);
      else complaints.push(...result.complaints.map((one) => ({ ...one, path: [...path, ...one.path] })));
    }
  }
  if (complaints.length > 0) throw new RequestProblem("SCENARIO_INVALID", complaints);
  return { ...plan, mix: withCalls(plan.mix, completed) };
}

type Asked =
  | { readonly kind: "definitions"; readonly definitions: Definitions }
  | Extract<Gathered, { readonly kind: "unknown" }>;

/** The first of the calls says what metadata goes with the questions. */
async function definitionsOf(
  service: string,
  calls: readonly PlacedCall[],
  place: Pick<ReflectionPlace, "target" | "withinMs" | "signal" | "mask">,
): Promise<Asked> {
  const first = calls[0]!;
  const { fixed, varying } = fixedMetadata(first.call);
  try {
    const gathered = await askEachVersion(service, { ...place, metadata: withAgent(fixed) });
    if (gathered.kind === "unknown") return gathered;
    const root = descriptorRoot(gathered.files.map(({ file }) => file));
    const descriptors = gathered.files.map(({ bytes }) => Buffer.from(bytes).toString("base64"));
    return { kind: "definitions", definitions: { root, files: { service, descriptors } } };
  } catch (error) {
    if (!(error instanceof ReflectionEnded || error instanceof DescriptorProblem)) throw error;
    const why =
      error instanceof ReflectionEnded ? error.end : ({ kind: "nonsense", what: error.message } as const);
    const path = [...first.path, "grpc", "method"];
    const message = whyNotReflected(why, place.target.url, place.withinMs, place.mask);
    const help = whatToDo(why, varying);
    throw new RequestProblem("REFLECTION_FAILED", [{ path, at: "value", message, help }]);
  }
}

async function askEachVersion(service: string, place: Omit<ReflectionPlace, "version">): Promise<Gathered> {
  const patience = new Patience(place.withinMs);
  try {
    for (const version of VERSIONS) {
      const stream = new ReflectionStream({ ...place, version, withinMs: Math.ceil(patience.leftMs) });
      try {
        return await gatherFiles(service, stream);
      } catch (error) {
        if (!(error instanceof ReflectionEnded && error.end.kind === "unimplemented")) throw error;
      } finally {
        stream.close();
      }
    }
  } finally {
    patience.end();
  }
  throw new ReflectionEnded({ kind: "unimplemented" });
}

function withAgent(metadata: ReflectionPlace["metadata"]): ReflectionPlace["metadata"] {
  return metadata.some(([name]) => name === "user-agent")
    ? metadata
    : [["user-agent", "faultline"], ...metadata];
}

/** Requests of a plan stand in the order of the scenario. */
function callsIn(mix: LoadMix): readonly PlacedCall[] {
  const own =
    mix.kind === "requests"
      ? mix.requests.map((call, index) => [["load", "requests", index], call] as const)
      : mix.journeys.flatMap(({ steps }, journey) =>
          steps.map((call, index) => [["load", "journeys", journey, "steps", index], call] as const),
        );
  const all = mix.login === undefined ? own : [[["load", "login"], mix.login] as const, ...own];
  return all.flatMap(([path, call]: readonly [PlacedCall["path"], PlannedRequest]) =>
    isAskedCall(call) ? [{ path, call }] : [],
  );
}

function byService(calls: readonly PlacedCall[]): ReadonlyMap<string, readonly PlacedCall[]> {
  const services = new Map<string, PlacedCall[]>();
  for (const placed of calls) {
    const service = placed.call.asks.said.grpc.method.replace(/^\//, "").split("/")[0] ?? "";
    services.set(service, [...(services.get(service) ?? []), placed]);
  }
  return services;
}

function withCalls(mix: LoadMix, completed: ReadonlyMap<PlannedRequest, GrpcRequest>): LoadMix {
  const complete = <Request extends PlannedRequest>(request: Request): Request => {
    const call = completed.get(request);
    return call === undefined ? request : { ...request, ...call, asks: undefined };
  };
  const login = mix.login === undefined ? {} : { login: complete(mix.login) };
  return mix.kind === "requests"
    ? { ...mix, ...login, requests: mix.requests.map(complete) }
    : {
        ...mix,
        ...login,
        journeys: mix.journeys.map((journey) => ({ ...journey, steps: journey.steps.map(complete) })),
      };
}

function rowsIn({ feeds }: LoadPlan) {
  return (name: string) => {
    const table = feeds.find((feed) => feed.name === name)?.table;
    if (!table) return null;
    const reader = new FeedReader(table);
    const { columns, rowCount } = table;
    return { columns, rowCount, value: (row: number, column: number) => reader.value(row, column) };
  };
}
