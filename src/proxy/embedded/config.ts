import { FaultlineError, messageOf } from "../../support/errors.js";
import { PopulateError } from "./proxies.js";
import type { EmbeddedServer } from "./server.js";
import { createToxic } from "./toxic-requests.js";

/**
 * Makes the proxies of a config file: Toxiproxy's own format, an array of what POST /proxies takes; an entry may
 * also have `toxics`, an array of what POST /proxies/NAME/toxics takes. Resolves with how many proxies there are.
 * Throws FaultlineError FILE_UNREADABLE (nothing of it can be kept) or PORT_IN_USE.
 */
export async function loadConfig({ proxies }: EmbeddedServer, text: string, file: string): Promise<number> {
  const entries = parseEntries(text, file);
  try {
    await proxies.populate(JSON.stringify(entries));
    for (const { name, toxics = [] } of entries) {
      for (const toxic of toxics) createToxic(proxies.get(name), JSON.stringify(toxic));
    }
  } catch (error) {
    const cause = error instanceof PopulateError ? error.cause : error;
    const code = /address already in use/.test(messageOf(cause)) ? "PORT_IN_USE" : "FILE_UNREADABLE";
    throw new FaultlineError(code, `${file}: ${messageOf(cause)}.`, { cause });
  }
  return entries.length;
}

interface ConfigEntry {
  readonly name: string;
  readonly toxics?: readonly unknown[];
}

function parseEntries(text: string, file: string): readonly ConfigEntry[] {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch (error) {
    throw new FaultlineError("FILE_UNREADABLE", `${file} is not JSON: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  if (!Array.isArray(entries) || !entries.every(isEntry)) {
    throw new FaultlineError(
      "FILE_UNREADABLE",
      `${file} must be an array of proxies: [{"name": …, "listen": …, "upstream": …, "toxics": […]}].`,
    );
  }
  return entries;
}

/** The rest of an entry is looked at where proxies and toxics are made. */
function isEntry(entry: unknown): entry is ConfigEntry {
  if (typeof entry !== "object" || entry === null || !("name" in entry)) return false;
  return typeof entry.name === "string" && (!("toxics" in entry) || Array.isArray(entry.toxics));
}
