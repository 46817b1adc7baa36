export type ToxicStream = "upstream" | "downstream";

/** What Toxiproxy is told. Attribute names and units are Toxiproxy's own (ms, KB of 1,000 bytes, bytes). */
export interface ToxicSpec {
  readonly type: string;
  readonly stream: ToxicStream;
  /** Share of connections (not requests) that are hit, 0..1. */
  readonly toxicity: number;
  readonly attributes: Readonly<Record<string, number>>;
}

/** One thing done to one proxy. */
export type Injection =
  | { readonly proxy: string; readonly kind: "toxic"; readonly toxic: ToxicSpec }
  /** The proxy is disabled: connections are refused. */
  | { readonly proxy: string; readonly kind: "down" };

/** A step of a staged fault: from `atMs` after the fault began these injections hold instead of the earlier ones. */
export interface FaultStage {
  readonly atMs: number;
  readonly injections: readonly Injection[];
}

export interface ProxySpec {
  readonly name: string;
  /** host:port where the service connects; port 0 lets the system choose. */
  readonly listen: string;
  readonly upstream: string;
}
