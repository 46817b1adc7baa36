/** One piece of work of one service, for one request. */
export interface TracedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** null: a root. */
  readonly parentId: string | null;
  readonly service: string;
  readonly name: string;
  /** Whether it waits for an answer of another service. Sending and handling a message do not wait for one another. */
  readonly kind: "client" | "server" | "message" | "internal";
  readonly isError: boolean;
  /** In ms since 1970, with parts of a millisecond. */
  readonly startMs: number;
  readonly endMs: number;
}

/** "GET /stock" of inventory */
export function spanTitle({ name, service }: Pick<TracedSpan, "name" | "service">): string {
  return `"${name}" of ${service}`;
}

/** Spans with the same key do the same work. */
export function spanKey({ name, service }: TracedSpan): string {
  return `${service}\n${name}`;
}
