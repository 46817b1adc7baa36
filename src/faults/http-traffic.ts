/** What crossed a gateway of HTTP or gRPC. Records hold it as it is. */

/** How an exchange came to its end. Columns name it by its place here. */
export const EXCHANGE_ENDS = [
  // The answer was whole: the upstream's, or one of ours.
  "answered",
  // The client closed the connection before.
  "given_up",
  // The upstream reset the connection before.
  "reset",
  // The upstream closed the connection before.
  "closed",
  // A rule ended the connection, in place of an answer or in the middle of it.
  "broken_off",
  // The connection went over to another protocol.
  "upgraded",
  // What followed on the connection was no HTTP.
  "unread",
] as const;

export type ExchangeEnd = (typeof EXCHANGE_ENDS)[number];

/** Bits of `flags`. */
export const EXCHANGE_FLAGS = { idempotencyKey: 1, retryAfter: 2, actedOn: 4, grpc: 8 } as const;

/** Requests of one route. */
export interface HttpRoute {
  /** Method and path, with {id} for what looks like a number or a key: "POST /charges/{id}". Of gRPC: "shop.Quotes/Get". */
  readonly route: string;
  readonly requests: number;
  /** Those that a rule did something to. */
  readonly actedOn: number;
  /**
   * How many had an answer of each status; "none": there was no answer. Of gRPC: "UNAVAILABLE"; "HTTP 503" for an answer
   * without a status of gRPC.
   */
  readonly statuses: Readonly<Record<string, number>>;
}

/** What crossed one gateway in a stretch of a run. */
export interface HttpTraffic {
  readonly proxy: string;
  /** Seconds since load began. */
  readonly startS: number;
  /** One entry for each second from the start on. */
  readonly seconds: {
    readonly requests: readonly number[];
    /** Connections that were opened. */
    readonly opened: readonly number[];
    /** The most connections that were open at one time. */
    readonly open: readonly number[];
    /** Requests that the client did not wait for any longer. */
    readonly givenUp: readonly number[];
  };
  readonly routes: readonly HttpRoute[];
  /** Connections on which something else was spoken. */
  readonly unreadable: number;
  readonly exchanges: ExchangeColumns;
}

/** Single exchanges in the order of their ends: the first of each stretch, as many as are kept. */
export interface ExchangeColumns {
  /** That came after those that are kept. */
  readonly omitted: number;
  /**
   * When the answer was whole, or whatever else the end was: since the start of the stretch, in tenths of a millisecond.
   * Below 0 for what was given up before, and let go by the upstream only now.
   */
  readonly endTenthMs: readonly number[];
  /** From when the head of the request was whole, in tenths of a millisecond: it may have been before the stretch. */
  readonly tookTenthMs: readonly number[];
  /** Numbers of connections. */
  readonly connection: readonly number[];
  /** Places in `routes`. */
  readonly route: readonly number[];
  /** 0: no answer; with the flag `grpc` it is also OK, where the end is "answered". With that flag up to 16: of gRPC. */
  readonly status: readonly number[];
  /** Places in EXCHANGE_ENDS. */
  readonly end: readonly number[];
  /** The same for requests that are the same: of method, target, and the begin and length of the body. */
  readonly digest: readonly number[];
  /**
   * 1: it had an idempotency-key. 2: the answer had a retry-after, or grpc-retry-pushback-ms. 4: a rule did something to it.
   * 8: it was a call of gRPC. Added up.
   */
  readonly flags: readonly number[];
}

/** What crossed, while the run goes on. */
export interface CrossedHttp extends Omit<HttpTraffic, "startS"> {
  /** On the clock of `monotonicMs`. */
  readonly startMs: number;
}
