/** A set-up file for vitest: `setupFiles: ["faultline/matchers/vitest"]`, or imported by a test. */

import { expect } from "vitest";
import { matchers } from "./matchers.js";

expect.extend(matchers);

declare module "vitest" {
  // The name of the type parameter is vitest's.
  interface Matchers<T> {
    /** All SLOs of the run held. `.not`: one was broken. Both fail for a run that shows neither. */
    toHoldSlos(): T extends Promise<unknown> ? Promise<void> : void;
  }
}
