import { createHash, randomBytes } from "node:crypto";

/** Ids of a run's own trace. A phase's is known before its span is sent: its requests name it while it goes on. */
export class RunTrace {
  readonly traceId = randomBytes(16).toString("hex");

  /** @param of what names the span among those of the run. */
  spanId(of: string): string {
    return createHash("sha256").update(`${this.traceId} ${of}`).digest("hex").slice(0, 16);
  }

  phaseSpanId(phase: string): string {
    return this.spanId(`phase ${phase}`);
  }
}
