import { OUTCOMES, perOutcome } from "../../src/measure/outcome.js";
import type { WorkerRecord } from "../../src/measure/workers/worker-record.js";

/** What a record says of a worker on the machine "box", which sent ten requests in the baseline. */
export function workerRecord(name: string, isLost: boolean): WorkerRecord {
  return {
    name,
    host: "box",
    threads: 1,
    clock: { offsetMs: 0, errorMs: 0.1 },
    lateMs: 0,
    lost: isLost ? { atS: 4, reason: "its process is gone, or its connection" } : null,
    phases: [
      {
        id: "baseline",
        scheduled: 10,
        outcomes: perOutcome((_, at) => (OUTCOMES[at] === "ok" ? 10 : 0)),
        latencyMs: { p50: 1, p99: 2, max: 3 },
      },
    ],
  };
}
