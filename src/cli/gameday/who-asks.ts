import { userInfo } from "node:os";
import { oneLine } from "../../support/printable.js";
import { wholeOrSize } from "../../support/secrets/said.js";
import type { Io } from "../process/io.js";

const LONGEST_NAME = 80;

/** Who gives a note or orders a halt: the given name, else the user of this process. */
export function whoAsks(named: string | undefined, env: Io["env"]): string {
  const name = wholeOrSize(oneLine(named ?? ""), LONGEST_NAME);
  return name === "" ? userName(env) : name;
}

/** A container may have no name for its user. */
function userName({ USER }: Io["env"]): string {
  try {
    return userInfo().username;
  } catch {
    return USER ? wholeOrSize(oneLine(USER), LONGEST_NAME) : "somebody";
  }
}
