import type { z } from "zod";
import type { ValidParts } from "../quantities/valid-parts.js";
import type { FaultAction } from "./fault-action.js";
import type { FaultPlace, Modifier, Stream } from "./modifiers.js";
import type { SearchAxis } from "./search-axis.js";
import type { TargetKey } from "./target-key.js";

/** What a user says with the keys of a kind; each key is optional. */
type Input<Keys extends z.ZodRawShape> = z.output<z.ZodObject<Keys>>;

/** Something that a fault can do, as the user writes it: latency, partition, down … One file in kinds/. */
export interface FaultKind<
  Name extends string = string,
  Keys extends z.ZodRawShape = z.ZodRawShape,
  Axis extends string = string,
> {
  /** Its YAML key. */
  readonly name: Name;
  /** Who carries its actions out. */
  readonly driver: string;
  /** Schemas of `name` and of keys that go with it, each optional: they also give the reference page and the types. */
  readonly keys: Keys;
  /** Those of `keys` that say how `name` is done, and do nothing themselves. */
  readonly manners?: readonly string[];
  /** The key beside it that names what it acts on. Without it: `proxy`. */
  readonly actsOn?: TargetKey;
  /** Keys beside it that it takes. */
  readonly modifiers: readonly Modifier[];
  /** The `protocol` that its proxy has to have. */
  readonly protocol?: string;
  /** Why nothing else can act on its target: for after "`down` ". */
  readonly alone?: string;
  /** Why it and another that takes the same slot cannot be in place at once: for after "`a` and `b` ". */
  readonly clash?: string;
  /** What `find:` may search over. */
  readonly search?: readonly SearchAxis<Axis>[];
  /** What a client sends may not get to what stands behind the proxy. */
  readonly cutsOff?: boolean;
  /** Several of its actions at one time are told as one. */
  readonly isToldTogether?: boolean;

  /**
   * What it acts on, where its own keys say so. Without this it acts on what the key of `actsOn` beside it names.
   * @returns null where a malformed value decides it.
   */
  target?(input: ValidParts<Input<Keys>>): string | null;
  /**
   * What it takes on its target and nothing else can take at the same time, for after "are the same" (or see `clash`). `stream` is null
   * where the scenario gives a malformed one. Empty where a malformed value decides it.
   */
  slots(input: ValidParts<Input<Keys>>, stream: Stream | null, said: Said): readonly string[];
  /**
   * What the proxy that it acts on lacks for it.
   * @returns null when it will do.
   */
  lacking?(proxy: ProxyTraits): Lack | null;
  /** What contradicts itself among its keys. */
  check?(input: ValidParts<Input<Keys>>, said: Said): readonly Complaint[];
  /** When it ends by itself, counted from its begin, and by which key: so much has to fit into the fault. null: it does not. */
  endsItself?(input: ValidParts<Input<Keys>>): { readonly afterMs: number; readonly key: string } | null;
  /** What it does cannot be taken out, and what comes later finds it done. */
  staysDone?(input: ValidParts<Input<Keys>>, said: Said): boolean;
  /** Empty when `input` does not give its key. The target in `at` is its own, where it has one. */
  actions(input: Input<Keys>, at: FaultPlace): readonly FaultAction[];
  /** "latency 300 ms ± 50 ms on cache". One action, or with `isToldTogether` all of a moment. */
  describe(actions: readonly FaultAction[]): string;
}

/** What a scenario says of a proxy. */
export interface ProxyTraits {
  readonly name: string;
  /** What it understands of what crosses; null: nothing. */
  readonly protocol: string | null;
  /** Whether services connect to it over TLS. */
  readonly servesTls: boolean;
}

/** For a message, and what to write instead. */
export interface Lack {
  readonly message: string;
  readonly help: string;
}

/** Which keys a user has written, well formed or not. */
export interface Said {
  has(key: string): boolean;
  /** It is not there, and no key that is misspelt may be meant for it. */
  lacks(key: string): boolean;
}

export interface Complaint {
  readonly code: "conflict" | "wrong-value";
  /** Path from where the kind's keys stand. */
  readonly path: readonly string[];
  /** Whether the key is at fault or its value. */
  readonly at: "key" | "value";
  readonly message: string;
  readonly help?: string;
}

/** Keeps the names and keys of a kind as types. */
export function faultKind<
  const Name extends string,
  Keys extends z.ZodRawShape,
  const Axis extends string = never,
>(kind: FaultKind<Name, Keys, Axis>): FaultKind<Name, Keys, Axis> {
  return kind;
}
