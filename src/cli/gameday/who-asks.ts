import { userInfo } from "node:os";
import { oneLine } from "../../support/printable.js";
import type { Io } from "../process/io.js";

const LONGEST_NAME = 80;

/** Who gives a note or orders a halt: the given name, else the user of this process. */
export function whoAsks(named: string | undefined, env: Io["env"]): string {
  const name = oneLine(named ?? "").slice(0, LONGEST_NAME);
  return name === "" ? userName(env) : name;
}

/** A container may have no name for its user. */
function userName({ USER }: Io["env"]): string {
  try {
    return userInfo().username;
  } catch {
    return USER ? oneLine(USER).slice(0, LONGEST_NAME) : "somebody";
  }
}
