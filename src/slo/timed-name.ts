/** What is timed beside single requests, and can be promised like them. */
export interface TimedName {
  /** What SLOs and reports call it. No request has this name. */
  readonly name: string;
  /**
   * - journey: all steps of it.
   * - until: a step that is asked again until it holds.
   * - stream: the first byte of a stream, its first event, or the time between two events.
   */
  readonly what: "journey" | "until" | "stream";
  /** The name of the journey, or of the request. */
  readonly of: string;
  /** Of a stream. */
  readonly part?: StreamPart | undefined;
}

export function isJourney({ what }: Pick<TimedName, "what">): boolean {
  return what === "journey";
}

export const STREAM_PARTS = ["first byte", "first event", "next event"] as const;
export type StreamPart = (typeof STREAM_PARTS)[number];

interface NamedRequest {
  readonly name: string;
  readonly asksAgain: boolean;
  readonly streams: boolean;
}

interface NamedJourney {
  readonly name: string;
  readonly steps: readonly NamedRequest[];
}

/** In the order of the mix. What belongs to a journey's steps stands behind the journey. */
export function timedNames(
  requests: readonly NamedRequest[],
  journeys: readonly NamedJourney[],
): readonly TimedName[] {
  const taken = new Set([...requests, ...journeys.flatMap(({ steps }) => steps)].map(({ name }) => name));
  const free = (name: string, what: string): string =>
    taken.has(name) ? free(`${what} ${name}`, what) : name;
  const named = (name: string, what: TimedName["what"], of: string, part?: StreamPart): TimedName => {
    const own = free(name, what);
    taken.add(own);
    return { name: own, what, of, ...(part ? { part } : {}) };
  };
  const ofRequest = ({ name, asksAgain, streams }: NamedRequest): readonly TimedName[] => [
    ...(asksAgain ? [named(`until ${name}`, "until", name)] : []),
    ...(streams ? STREAM_PARTS.map((part) => named(`${name} ${part}`, "stream", name, part)) : []),
  ];
  return [
    ...requests.flatMap(ofRequest),
    ...journeys.flatMap(({ name, steps }) => [named(name, "journey", name), ...steps.flatMap(ofRequest)]),
  ];
}
