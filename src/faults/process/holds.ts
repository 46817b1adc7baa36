import type { FaultAction } from "../fault-action.js";
import type { RunningService } from "../fault-driver.js";
import { cpuShareOf, killOf, memoryOf } from "../process-action.js";
import { CpuLimit } from "./cpu-limit.js";
import type { Hold, NoteDeed } from "./hold.js";
import { Kill } from "./kill.js";
import type { MemoryGroup } from "./memory-group.js";
import { MemoryLimit } from "./memory-limit.js";
import { Pause } from "./pause.js";

/** What holds work with, besides their service. */
export interface HoldContext {
  readonly note: NoteDeed;
  /** Part of the names of what this run makes. It tells them apart from those of other runs. */
  readonly id: string;
  /** Puts an event on the timeline. */
  readonly onEvent: (text: string) => void;
  /** The group of each service whose memory is limited by any fault of the run. */
  readonly memory: ReadonlyMap<string, MemoryGroup>;
}

/** The hold that carries out an action. It has done nothing yet. */
export function holdFor(
  action: FaultAction,
  service: RunningService,
  { note, id, onEvent, memory }: HoldContext,
): Hold {
  const kill = killOf(action);
  if (kill) return new Kill(service, { ...kill, onEvent });
  const share = cpuShareOf(action);
  if (share !== null) return new CpuLimit(service, { share, id, note });
  const limit = memoryOf(action);
  const group = memory.get(action.target);
  if (limit !== null && group) return new MemoryLimit(service, { ...limit, group, onEvent });
  switch (action.kind) {
    case "pause":
      return new Pause(service, note);
    default:
      throw new Error(`nothing is known of "${action.kind}"`);
  }
}
