/** A set-up file for vitest: `setupFiles: ["faultline/matchers/vitest"]`, or imported by a test. */

import { expect } from "vitest";
import { matchers } from "./matchers.js";

expect.extend(matchers);

declare module "vitest" {
  // vitest names the type parameter.
  interface Matchers<T> {
    /** All SLOs of the run held. `.not`: one was broken. Both fail for a run that shows neither. */
    toHoldSlos(): T extends Promise<unknown> ? Promise<void> : void;
  }
}
