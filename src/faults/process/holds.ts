import type { FaultAction } from "../fault-action.js";
import type { RunningService } from "../fault-driver.js";
import type { Hold, NoteDeed } from "./hold.js";
import { Pause } from "./pause.js";

/** What carries an action out; it has done nothing yet. */
export function holdFor(action: FaultAction, service: RunningService, note: NoteDeed): Hold {
  switch (action.kind) {
    case "pause":
      return new Pause(service, note);
    default:
      throw new Error(`nothing is known of "${action.kind}"`);
  }
}
