import type { z } from "zod";
import type { Range } from "../../quantities/units.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import type { FaultAction } from "../fault-action.js";
import type { FaultKind } from "../fault-kind.js";
import type { FaultPlace } from "../modifiers.js";
import type { SearchAxis } from "../search-axis.js";
import type { NamedTargets, TargetKey } from "../target-key.js";
import { bandwidth } from "./bandwidth.js";
import { chaosMesh } from "./chaos-mesh.js";
import { cpu } from "./cpu.js";
import { docker } from "./docker.js";
import { down } from "./down.js";
import { envoy } from "./envoy.js";
import { grpcFault } from "./grpc.js";
import { http } from "./http.js";
import { istio } from "./istio.js";
import { kill } from "./kill.js";
import { kubernetesFault } from "./kubernetes.js";
import { latency } from "./latency.js";
import { limitData } from "./limit_data.js";
import { linkerd } from "./linkerd.js";
import { memory } from "./memory.js";
import { partition } from "./partition.js";
import { pause } from "./pause.js";
import { reset } from "./reset.js";
import { slicer } from "./slicer.js";
import { slowClose } from "./slow_close.js";
import { timeout } from "./timeout.js";
import { tls } from "./tls.js";
import { toxic } from "./toxic.js";

/** All that a fault can do, one line each. The order is that of the reference. */
export const FAULT_KINDS = [
  latency,
  bandwidth,
  partition,
  down,
  reset,
  timeout,
  slowClose,
  slicer,
  limitData,
  tls,
  toxic,
  kill,
  pause,
  cpu,
  memory,
  http,
  grpcFault,
  envoy,
  docker,
  kubernetesFault,
  chaosMesh,
  istio,
  linkerd,
] as const;

type AnyKind = (typeof FAULT_KINDS)[number];
type Intersection<T> = (T extends unknown ? (each: T) => void : never) extends (all: infer All) => void
  ? All
  : never;
/** The keys of several kinds as one flat map, as a schema needs it. */
type Flat<T> = { [Key in keyof T]: T[Key] };

/** The YAML keys of all kinds. */
export type FaultKeys = Flat<Intersection<AnyKind["keys"]>>;
/** What a fault does, as the user says it. */
export type FaultDeeds = z.output<z.ZodObject<FaultKeys>>;

export const FAULT_KEYS: FaultKeys = Object.assign({}, ...FAULT_KINDS.map(({ keys }) => keys));

/** The keys that do something themselves. */
export const DEED_KEYS: readonly string[] = FAULT_KINDS.flatMap(({ keys, manners = [] }) =>
  Object.keys(keys).filter((key) => !manners.includes(key)),
);

/** The ways to URLs that faults act on. */
export const TARGET_URLS: readonly (readonly string[])[] = FAULT_KINDS.flatMap(
  ({ targetUrl }: FaultKind): readonly (readonly string[])[] => (targetUrl === undefined ? [] : [targetUrl]),
);

/** Whether its target is a URL, which may hold ${…}. */
export function hasTargetUrl({ kind }: FaultAction): boolean {
  const known: FaultKind | undefined = kindNamed(kind);
  return known?.targetUrl !== undefined;
}

/** The axes that `find:` may search over. */
export const SEARCH_AXES: readonly SearchAxis[] = FAULT_KINDS.flatMap(
  (kind): readonly SearchAxis[] => kind.search ?? [],
);

type AxisKey = NonNullable<AnyKind["search"]>[number]["key"];

/** The ranges under `find:`. A scenario gives one of them. */
export const SEARCH_KEYS: { readonly [Key in AxisKey]: z.ZodOptional<SearchAxis["range"]> } = Object.assign(
  {},
  ...SEARCH_AXES.map(({ key, range }) => ({ [key]: range.optional() })),
);

type SearchRanges = { readonly [Key in AxisKey]?: Range<number> | undefined };

/** @returns null when `find` gives no range. */
export function searchedIn(
  find: SearchRanges,
): { readonly axis: SearchAxis; readonly range: Range<number> } | null {
  const ranges: Readonly<Partial<Record<string, Range<number>>>> = find;
  for (const axis of SEARCH_AXES) {
    const range = ranges[axis.key];
    if (range) return { axis, range };
  }
  return null;
}

/** @returns undefined when this version has no kind of that name. */
export function kindNamed(name: string): AnyKind | undefined {
  return FAULT_KINDS.find((kind) => kind.name === name);
}

/** The kind that is searched over by this attribute. @returns null when this version has none. */
export function kindOfSearch(attribute: string): string | null {
  const found = FAULT_KINDS.find((kind) => kind.search?.some((axis) => axis.attribute === attribute));
  return found?.name ?? null;
}

/** @throws Error when there is none: `key` comes from a plan, which was made from these kinds. */
export function searchAxis(key: string): SearchAxis {
  const axis = SEARCH_AXES.find((each) => each.key === key);
  if (!axis) throw new Error(`nothing can be searched by "${key}"`);
  return axis;
}

/** What a fault does to what it names. A kind with a target of its own acts there. */
export function actionsOf(
  deeds: FaultDeeds,
  named: NamedTargets,
  how: Omit<FaultPlace, "target">,
): readonly FaultAction[] {
  return FAULT_KINDS.flatMap((kind) => {
    const target = targetOf(kind, deeds) ?? named[targetKeyOf(kind)] ?? "";
    return kind.actions(deeds, { ...how, target });
  });
}

/** The key that names what a kind acts on, for kinds whose own keys do not say it. */
export function targetKeyOf({ actsOn }: FaultKind): TargetKey {
  return actsOn ?? "proxy";
}

/** The kind that is searched over by this key of `find:`. */
export function kindOfAxis(key: string): FaultKind {
  const found = FAULT_KINDS.find((kind: FaultKind) => kind.search?.some((axis) => axis.key === key));
  if (!found) throw new Error(`nothing can be searched by "${key}"`);
  return found;
}

/** @returns null when the kind acts on what a key beside it names. */
export function targetOf(kind: FaultKind, deeds: ValidParts<FaultDeeds>): string | null {
  return kind.target?.(deeds) ?? null;
}

/** Whether an action may keep whole requests from what stands behind the proxy. An action on something else than a proxy may do so for any proxy. */
export function cutsRequestsOff({ kind, target }: FaultAction, proxy: string): boolean {
  const known: FaultKind | undefined = FAULT_KINDS.find(({ name }) => name === kind);
  if (known?.cutsOff !== true) return false;
  return known.target !== undefined || targetKeyOf(known) === "service" || target === proxy;
}
