import type { z } from "zod";
import type { Complaint } from "../notation/complaint.js";
import type { ValidParts } from "../quantities/valid-parts.js";
import type { PlannedRequest } from "./planned-request.js";
import type { RequestFiles } from "./request-files.js";
import type { RequestSaid } from "./request-said.js";

/** What a user says with such keys. */
type Said<Keys extends z.ZodRawShape> = z.output<z.ZodObject<Keys>>;
/** Of a request of the mix, or of a step of a journey. */
type Input<Keys extends z.ZodRawShape, StepKeys extends z.ZodRawShape> = Said<Keys> & Partial<Said<StepKeys>>;

/**
 * How requests are written, and what is planned of them. A kind is a folder in requests/, and its entry in kinds.ts. The
 * wires of load/ send them.
 */
export interface RequestKind<
  Keys extends z.ZodRawShape = z.ZodRawShape,
  StepKeys extends z.ZodRawShape = z.ZodRawShape,
  Planned extends PlannedRequest = PlannedRequest,
  Read = unknown,
> {
  /** Planned requests have it as their `kind`. */
  readonly name: string;
  /** The key that each of its requests has, and no other kind's. */
  readonly key: string;
  /** Targets that it can be sent to. */
  readonly schemes: readonly TargetScheme[];
  /**
   * Schemas of all keys beside `name` and `weight`. The reference page and the types come from them. A key called
   * `degraded` says which answers are a fallback.
   */
  readonly keys: Keys;
  /** More keys, for steps of a journey. Those of a map `capture` are names for ${capture.NAME}. */
  readonly stepKeys: StepKeys;
  /** The entry of `capture` that takes what is at a JSON path of an answer. Not there: only its own keys know its answers. */
  captureAt?(jsonPath: string): Readonly<Record<string, string>>;
  /** Keys whose texts may hold values of each request, such as ${seq}. */
  readonly varying: readonly string[];
  /** Keys, at any depth, whose maps hold texts: `id: 007` is "007". */
  readonly textMaps: readonly string[];
  /** Keys, at any depth, below which is the user's own data. */
  readonly verbatim: readonly string[];
  /** Keys of `load` that mean nothing to its requests. */
  readonly without: readonly LoadKey[];
  /** They go over HTTP/2, and so does all of a load that has one of them. */
  readonly needsHttp2?: true;
  /** They begin as requests of HTTP/1.1, and so do all of a load that has one of them. */
  readonly needsHttp1?: true;
  /**
   * Where the list of its messages is, whose entries have maps \`capture\`, too: for those behind them, and for later steps.
   */
  readonly conversation?: readonly string[];

  /**
   * The name of a request that has none of its own.
   * @param textAt the text there, or `usual` when there is nothing; null when it is malformed.
   * @returns null when it is not known, because a part that makes the name is malformed.
   */
  usualName(textAt: (path: readonly string[], usual: string) => string | null): string | null;
  /** What is sent where a scenario has neither requests nor journeys. Not there: it has to have one of them. */
  ofTarget?(path: string): Said<Keys>;
  /**
   * Reads the files that a request names. What it comes to is for `check` and `plan`, which wait for nothing.
   * @returns null after a complaint.
   */
  readFiles?(request: ValidParts<Input<Keys, StepKeys>>, files: RequestFiles): Promise<Read | null>;
  /** What is wrong with a request, or suspicious. `read`: what its files came to. */
  check(
    request: ValidParts<Input<Keys, StepKeys>>,
    said: RequestSaid,
    read: Read | null,
  ): readonly Complaint[];
  /** The same for headers of all requests. */
  checkHeaders?(headers: ValidParts<Readonly<Record<string, string>>>): readonly Complaint[];
  /** `headers`: of all requests. `read`: what its files came to. */
  plan(
    name: string,
    request: Input<Keys, StepKeys>,
    headers: Readonly<Record<string, string>>,
    read: Read | null,
  ): Planned;
  /** What it sends, in a few words: "GET /products". */
  describe(planned: Planned): string;
  /**
   * What of it can be checked only when the target has been asked, right before the run. null: nothing. Not there: of
   * none of its requests is anything.
   */
  leftToTarget?(planned: Planned): string | null;
}

/** Not every way of sending requests has these. */
export const LOAD_KEYS = [
  "headers",
  "socket",
  "protocol",
  "streams",
  "keepAlive",
  "pipelining",
  "tracing",
  "cookies",
  "follow",
  "auth",
] as const;
export type LoadKey = (typeof LOAD_KEYS)[number];

export interface TargetScheme {
  /** Without its colon: "https". */
  readonly name: string;
  readonly isTls: boolean;
}

/** Keeps the keys of a kind as types, for its own functions. */
export function requestKind<
  Keys extends z.ZodRawShape,
  StepKeys extends z.ZodRawShape,
  Planned extends PlannedRequest,
  Read,
>(kind: RequestKind<Keys, StepKeys, Planned, Read>): RequestKind<Keys, StepKeys, Planned, Read> {
  return kind;
}
