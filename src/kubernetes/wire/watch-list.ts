import { setTimeout as wait } from "node:timers/promises";
import { type ClusterObject, isClusterObject, isObject, numberAt, textAt } from "../objects.js";
import { ClusterProblem } from "../problem.js";
import { WireTrouble } from "./api-wire.js";

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: ClusterObject;
}

/** A list at one moment. */
export interface ListedPart {
  readonly items: readonly ClusterObject[];
  readonly resourceVersion: string;
}

/** It tells no changes any more. */
export interface WatchLoss {
  /** What came and went since then is not told later either. */
  readonly isForgotten: boolean;
  /** The server told nothing until a limit of time was over. Nobody knows since when. */
  readonly wasSilent: boolean;
}

/** Is told whether a watch stands. */
export interface WatchTold {
  /** The server tells changes from here on. */
  readonly opened: () => void;
  /** It has told all that was until now. */
  readonly heard: () => void;
  readonly lost: (how: WatchLoss) => void;
}

/** How a watch begins, and who is told of it. */
export interface WatchMore {
  readonly told?: WatchTold;
  /** Known already, so that only changes since then are told. Missing: what is there is told first. */
  readonly since?: ListedPart;
}

export interface WatchListOptions extends WatchMore {
  readonly signal: AbortSignal;
  readonly list: () => Promise<ListedPart>;
  /**
   * Hands over the lines of one answer as they come. Resolves at its end.
   * @throws WireTrouble, ClusterProblem
   */
  readonly follow: (
    query: Readonly<Record<string, string>>,
    limits: {
      readonly timeoutMs: number;
      readonly streamMs: number;
      readonly onOpen: (() => void) | undefined;
    },
    onLine: (line: string) => boolean,
  ) => Promise<void>;
}

/** The server ends an answer after this time, and the next one goes on from there. */
const ANSWER_S = 120;
const LIMITS = { timeoutMs: 10_000, streamMs: 1000 * (ANSWER_S + 15) };
/** A server that has forgotten where a watch was says so at once, as an event of an answer that begins well. */
const REFUSAL_MS = 500;
const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 5_000;

/** What keeps a watch from ever working. */
const HOPELESS = ["forbidden", "unauthorized", "no_kind", "config", "untrusted", "invalid"];

/** The state of a list, and each change of it. @throws ClusterProblem */
export async function* watchList(options: WatchListOptions): AsyncGenerator<WatchEvent> {
  const { signal, since } = options;
  const known = new Map(since?.items.map((item) => [idOf(item), item]));
  let from: string | null = since?.resourceVersion ?? null;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      if (from === null) {
        const listed = await options.list();
        yield* differences(known, listed.items);
        from = listed.resourceVersion;
      }
      const events = new Changes(options, from);
      for await (const event of events) {
        pauseMs = FIRST_PAUSE_MS;
        from = event.object.metadata.resourceVersion ?? from;
        options.told?.heard();
        if (event.type === "BOOKMARK") continue;
        const id = idOf(event.object);
        if (event.type === "DELETED") known.delete(id);
        else known.set(id, event.object);
        yield { type: event.type, object: event.object };
      }
      if (events.isGone) {
        from = null;
        options.told?.lost({ isForgotten: true, wasSilent: false });
      }
      // A server that ends each answer at once must not be asked without end.
      if (!events.hasAnswered) await pause(pauseMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      const isForgotten = error instanceof ClusterProblem && error.facts.id === "gone";
      const wasSilent = error instanceof WireTrouble && error.id === "late";
      options.told?.lost({ isForgotten, wasSilent });
      if (isForgotten) from = null;
      else if (!isPassing(error)) throw error;
      await pause(pauseMs, signal);
    }
    pauseMs = Math.min(2 * pauseMs, MOST_PAUSE_MS);
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof WireTrouble) return error.id !== "untrusted";
  return error instanceof ClusterProblem && !HOPELESS.includes(error.facts.id);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal, ref: false }).catch(() => {});
}

/** What has become of a list since it was known: after a gap nobody tells what was deleted. */
function* differences(
  known: Map<string, ClusterObject>,
  items: readonly ClusterObject[],
): Generator<WatchEvent> {
  const now = new Map(items.map((item) => [idOf(item), item]));
  for (const [id, object] of [...known]) {
    if (now.has(id)) continue;
    known.delete(id);
    yield { type: "DELETED", object };
  }
  for (const [id, object] of now) {
    const before = known.get(id);
    known.set(id, object);
    if (before === undefined) yield { type: "ADDED", object };
    else if (before.metadata.resourceVersion !== object.metadata.resourceVersion)
      yield { type: "MODIFIED", object };
  }
}

/** An object of the same name that was made anew is another one. */
function idOf({ metadata: { uid, namespace, name } }: ClusterObject): string {
  return uid ?? `${namespace ?? ""}/${name}`;
}

type Change = { readonly type: WatchEvent["type"] | "BOOKMARK"; readonly object: ClusterObject };

/** The events of one answer. */
class Changes {
  /** Whether the server has told anything. */
  hasAnswered = false;
  /** Whether it has forgotten where this begins. */
  isGone = false;
  readonly #options: WatchListOptions;
  readonly #from: string;
  readonly #waiting: Change[] = [];
  #hasStood = false;
  #wake: () => void = () => {};

  constructor(options: WatchListOptions, from: string) {
    this.#options = options;
    this.#from = from;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Change> {
    let isOver = false;
    const query = {
      watch: "1",
      resourceVersion: this.#from,
      allowWatchBookmarks: "true",
      timeoutSeconds: String(ANSWER_S),
    };
    let refusal: NodeJS.Timeout | undefined;
    const onOpen = () => {
      refusal = setTimeout(() => this.#stands(), REFUSAL_MS);
    };
    const limits = { ...LIMITS, onOpen };
    const reading = this.#options
      .follow(query, limits, (line) => this.#take(line))
      .finally(() => {
        isOver = true;
        clearTimeout(refusal);
        this.#wake();
      });
    // It is awaited below. Until then a rejection must not be an unhandled one.
    reading.catch(() => {});
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (isOver) break;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          // What came while nobody waited.
          if (isOver || this.#waiting.length > 0) resolve();
        });
    }
    await reading;
  }

  /** The server goes on from where this begins. */
  #stands(): void {
    if (this.#hasStood || this.isGone) return;
    this.#hasStood = true;
    this.#options.told?.opened();
  }

  /** @returns false when no more is wanted. */
  #take(line: string): boolean {
    const change = changeIn(line);
    if (change === "gone") this.isGone = true;
    if (change === "gone" || change === "broken") return false;
    this.hasAnswered = true;
    this.#stands();
    this.#waiting.push(change);
    this.#wake();
    return true;
  }
}

/** "broken": it is no event, or the server says that something failed. The next answer begins where this one was. */
function changeIn(line: string): Change | "gone" | "broken" {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    return "broken";
  }
  const [type, object] = isObject(event) ? [textAt(event, "type"), event.object] : [];
  if (type === "ERROR") return numberAt(object, "code") === 410 ? "gone" : "broken";
  const isKnown = type === "ADDED" || type === "MODIFIED" || type === "DELETED" || type === "BOOKMARK";
  if (!isKnown) return "broken";
  // A bookmark has nothing but its resourceVersion.
  if (type === "BOOKMARK" && isObject(object) && isObject(object.metadata)) {
    const resourceVersion = textAt(object, "metadata", "resourceVersion");
    return {
      type,
      object: { metadata: { name: "", ...(resourceVersion === undefined ? {} : { resourceVersion }) } },
    };
  }
  return isClusterObject(object) ? { type, object } : "broken";
}
