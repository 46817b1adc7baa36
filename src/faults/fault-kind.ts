import type { z } from "zod";
import type { Complaint, Mistake } from "../notation/complaint.js";
import type { ValidParts } from "../quantities/valid-parts.js";
import type { ClusterCode, ClusterUse } from "./cluster/cluster-use.js";
import type { FaultAction } from "./fault-action.js";
import type { FaultPlace, Modifier, Stream } from "./modifiers.js";
import type { SearchAxis } from "./search-axis.js";
import type { TargetKey } from "./target-key.js";

/** What a user says with the keys of a kind. Each key is optional. */
type Input<Keys extends z.ZodRawShape> = z.output<z.ZodObject<Keys>>;

/** Something that a fault can do, as the user writes it: latency, partition, down … One file in kinds/. */
export interface FaultKind<
  Name extends string = string,
  Keys extends z.ZodRawShape = z.ZodRawShape,
  Axis extends string = string,
> {
  /** Its YAML key. */
  readonly name: Name;
  /** Name of the driver that carries its actions out. */
  readonly driver: string;
  /** Schemas of `name` and of the keys that go with it, each optional. The reference page and the types come from them. */
  readonly keys: Keys;
  /** Those of `keys` that say how `name` is done. They do nothing themselves. */
  readonly manners?: readonly string[];
  /** The key beside it that names what it acts on. Without it: `proxy`. */
  readonly actsOn?: TargetKey;
  /**
   * The way to the key that holds a URL, below the keys of a fault: ["envoy", "admin"]. The URL is the target of its actions.
   * The run connects there, so its host has to be allowed, and ports and addresses of the run may stand in it.
   */
  readonly targetUrl?: readonly string[];
  /** The common keys that may stand beside it. */
  readonly modifiers: readonly Modifier[];
  /** The `protocol` that its proxy must have. */
  readonly protocol?: string;
  /** Why nothing else can act on its target. The text follows "`down` ". */
  readonly alone?: string;
  /** Why it and another kind with the same slot cannot be in place at once. The text follows "`a` and `b` ". */
  readonly clash?: string;
  /** The axis that `find:` may search over. */
  readonly search?: readonly SearchAxis<Axis>[];
  /** Whether what a client sends may not get to what stands behind the proxy. */
  readonly cutsOff?: boolean;
  /** Whether several of its actions at one time are told as one. */
  readonly isToldTogether?: boolean;

  /**
   * What it acts on, where its own keys say so. Without this it acts on what the key of `actsOn` beside it names.
   * @returns null when a malformed value decides it.
   */
  target?(input: ValidParts<Input<Keys>>): string | null;
  /** Where it acts in a cluster. Only kinds that act in clusters have it; for them `kubernetes:` of the scenario is needed. */
  cluster?(input: ValidParts<Input<Keys>>): readonly ClusterUse[];
  /** Code that it runs in a cluster. */
  clusterCode?(input: ValidParts<Input<Keys>>): readonly ClusterCode[];
  /**
   * What it takes on its target, which nothing else can take at the same time. The texts follow "are the same" (or see
   * `clash`). `stream` is null where the scenario gives a malformed one.
   * @returns an empty list when a malformed value decides it.
   */
  slots(input: ValidParts<Input<Keys>>, stream: Stream | null, said: Said): readonly string[];
  /**
   * What the proxy that it acts on lacks for it.
   * @returns null when the proxy has all that is needed.
   */
  lacking?(proxy: ProxyTraits): Mistake | null;
  /** Contradictions among its keys. */
  check?(input: ValidParts<Input<Keys>>, said: Said): readonly Complaint[];
  /**
   * How long after its begin it ends by itself, and the key that says so; `within` is the key that holds that key, if one
   * does. The fault has to last longer. null: it does not end by itself.
   */
  endsItself?(
    input: ValidParts<Input<Keys>>,
  ): { readonly afterMs: number; readonly key: string; readonly within?: string } | null;
  /** What the command line has to allow before a scenario that is not trusted may do it. null: nothing. */
  needsGrant?(input: ValidParts<Input<Keys>>): NeededGrant | null;
  /** Whether what it does cannot be taken out. Later faults then find it done. */
  staysDone?(input: ValidParts<Input<Keys>>, said: Said): boolean;
  /** The actions that `input` asks for. Empty when `input` does not give its key. The target in `at` is its own, where it has one. */
  actions(input: Input<Keys>, at: FaultPlace): readonly FaultAction[];
  /** Describes one action, or all of a moment with `isToldTogether`: "latency 300 ms ± 50 ms on cache". */
  describe(actions: readonly FaultAction[]): string;
}

/** What is done to something that is not of the run alone. */
export interface NeededGrant {
  readonly option: "--allow-docker";
  /** What it is done to. */
  readonly name: string;
  /** Whether the name is one of the scenario's project. */
  readonly isOfProject: boolean;
}

/** What a scenario says of a proxy. */
export interface ProxyTraits {
  readonly name: string;
  /** The protocol that it understands. null: none, whatever crosses is bytes. */
  readonly protocol: string | null;
  /** Whether services connect to it over TLS. */
  readonly servesTls: boolean;
}

/** Which keys a user has written, well formed or not. Several keys are a way into a map. */
export interface Said {
  has(...keys: readonly string[]): boolean;
  /** Whether the key is missing, and no misspelt key may be meant for it. */
  lacks(...keys: readonly string[]): boolean;
}

/** Keeps the names and keys of a kind as types. */
export function faultKind<
  const Name extends string,
  Keys extends z.ZodRawShape,
  const Axis extends string = never,
>(kind: FaultKind<Name, Keys, Axis>): FaultKind<Name, Keys, Axis> {
  return kind;
}
