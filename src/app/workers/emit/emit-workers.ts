import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { natsUrl } from "../../../load/distributed/nats-url.js";
import { FaultlineError } from "../../../support/errors.js";
import type { WorkersInput } from "./workers-emitter.js";
import { WORKERS_EMITTERS } from "./workers-emitters.js";

const FAULTLINE = fileURLToPath(new URL("../../../../bin/faultline.js", import.meta.url));

/** What starts workers elsewhere, as text. @throws FaultlineError USAGE. */
export function emitWorkers(
  emitter: keyof typeof WORKERS_EMITTERS,
  input: Omit<WorkersInput, "program">,
): string {
  if (input.natsUrl !== null) refusePassword(natsUrl(input.natsUrl));
  for (const path of input.allowedSockets) refuseRelative(path);
  return WORKERS_EMITTERS[emitter]({ ...input, program: [process.execPath, FAULTLINE] });
}

/** What is printed is kept in files that others read. */
function refusePassword({ username, password }: URL): void {
  if (username === "" && password === "") return;
  const message =
    "--nats: without a user and a password. Workers take them from NATS_USER and NATS_PASSWORD, or NATS_TOKEN";
  throw new FaultlineError("USAGE", message);
}

/** What starts workers elsewhere does so in a folder of its own. */
function refuseRelative(path: string): void {
  if (isAbsolute(path)) return;
  throw new FaultlineError("USAGE", `--allow-socket ${path}: expected an absolute path`);
}
