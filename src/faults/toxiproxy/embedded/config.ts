import { FaultlineError, hasCode, messageOf } from "../../../support/errors.js";
import { Fields } from "./api/body.js";
import { JsonError, type JsonNode, parseApiJson } from "./api/json.js";
import { PopulateError } from "./api/proxies.js";
import { createToxicFrom } from "./api/toxic-requests.js";
import type { EmbeddedServer } from "./server.js";

/**
 * Makes the proxies of a config file. The format is Toxiproxy's own: an array of what POST /proxies takes. An entry may
 * also have `toxics`, an array of what POST /proxies/NAME/toxics takes. Resolves with the number of proxies.
 * @throws FaultlineError FILE_UNREADABLE (nothing of it can be kept) or PORT_IN_USE.
 */
export async function loadConfig({ proxies }: EmbeddedServer, text: string, file: string): Promise<number> {
  const entries = parseEntries(text, file);
  try {
    await proxies.populate(text);
    for (const entry of entries) {
      const fields = new Fields(entry);
      const toxics = fields.array("toxics") ?? [];
      fields.check();
      for (const toxic of toxics) createToxicFrom(proxies.get(fields.text("name") ?? ""), toxic);
    }
  } catch (error) {
    const cause = error instanceof PopulateError ? error.cause : error;
    const isTaken = cause instanceof Error && hasCode(cause.cause, "EADDRINUSE");
    const code = isTaken ? "PORT_IN_USE" : "FILE_UNREADABLE";
    throw new FaultlineError(code, `${file}: ${messageOf(cause)}.`, { cause });
  }
  return entries.length;
}

/** The entries are checked where proxies and toxics are made. */
function parseEntries(text: string, file: string): readonly JsonNode[] {
  const root = parse(text, file);
  if (root.kind === "null") return [];
  if (root.kind === "array") return root.items;
  throw new FaultlineError(
    "FILE_UNREADABLE",
    `${file} must be an array of proxies: [{"name": …, "listen": …, "upstream": …, "toxics": […]}].`,
  );
}

function parse(text: string, file: string): JsonNode {
  try {
    return parseApiJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new FaultlineError("FILE_UNREADABLE", `${file} is not JSON: ${error.message}.`, { cause: error });
  }
}
