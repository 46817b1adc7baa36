import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { formatAddress } from "../../../support/address.js";
import { FaultlineError, hasCode, messageOf } from "../../../support/errors.js";
import { loadConfig } from "./config.js";
import { EmbeddedServer, type EmbeddedServerOptions } from "./server.js";

export interface Standalone {
  readonly url: string;
  readonly proxyCount: number;
  close(): Promise<void>;
}

/**
 * Runs the embedded server in this thread, with the proxies of a config file if one is named.
 * @throws FaultlineError PORT_IN_USE, FILE_NOT_FOUND, FILE_UNREADABLE; nothing listens then.
 */
export async function startStandalone(
  options: EmbeddedServerOptions,
  configFile: string | undefined,
  cwd: string,
): Promise<Standalone> {
  const config = configFile === undefined ? null : await readConfig(configFile, cwd);
  const server = await EmbeddedServer.listen(options).catch((error) => {
    const where = formatAddress(options);
    if (hasCode(error, "EADDRINUSE"))
      throw new FaultlineError("PORT_IN_USE", `${where} is in use: the API cannot listen there.`);
    throw new FaultlineError("USAGE", `The API cannot listen on ${where}: ${messageOf(error)}.`, {
      cause: error,
    });
  });
  try {
    const proxyCount = config === null ? 0 : await loadConfig(server, config, configFile ?? "");
    return { url: server.url, proxyCount, close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function readConfig(file: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, file), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new FaultlineError("FILE_NOT_FOUND", `There is no file ${file}.`);
    throw new FaultlineError("FILE_UNREADABLE", `${file} cannot be read: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
