import type { CheckSpec } from "../plan/checks/check-spec.js";
import { type AskContext, askCommand } from "./ask-command.js";
import { askHttp } from "./ask-http.js";
import type { Asked } from "./asked.js";

/** An answer that is no set of ids is small. */
const MOST_BYTES = 1_000_000;

/** Asks once. Never rejects: whoever cannot be asked is a result, too. */
export async function ask(
  { ask: whom }: Pick<CheckSpec, "ask">,
  context: AskContext,
  mostBytes = MOST_BYTES,
): Promise<Asked> {
  if (whom.kind === "http") return await askHttp(whom, mostBytes, context);
  const parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer) => {
    parts.push(part);
    bytes += part.length;
    return bytes <= mostBytes;
  };
  const asked = await askCommand(whom, take, context);
  return asked.kind === "unasked" ? asked : { ...asked, body: Buffer.concat(parts) };
}
