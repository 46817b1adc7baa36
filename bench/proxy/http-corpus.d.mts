/** Sends exchanges of every kind that HTTP/1 knows through something, and compares every byte with what was sent. */
export function sendCorpus(options: {
  readonly exchanges: number;
  readonly connections: number;
  readonly seed: number;
  /** Is given the upstream's port, and resolves with the port to connect to. */
  readonly open: (upstreamPort: number) => Promise<number>;
}): Promise<{
  readonly exchanges: number;
  readonly bytes: number;
  readonly altered: { readonly requests: number; readonly answers: number };
}>;
