import { FaultlineError } from "../../support/errors.js";

/** Load threads bound the time of any such expression (load-thread.ts). Throws SCENARIO_INVALID when it is malformed. */
export function compilePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new FaultlineError("SCENARIO_INVALID", `"${pattern}" is no regular expression`, { cause: error });
  }
}
