import { isIPv4, isIPv6 } from "node:net";
import { splitAddress } from "../support/address.js";
import { FaultlineError } from "../support/errors.js";

/** Where the page is served. */
export interface PageAddress {
  readonly host: string;
  /** 0: the system picks one. */
  readonly port: number;
}

export const LOOPBACK: PageAddress = { host: "127.0.0.1", port: 0 };

const HOST_NAME = /^(?=.{1,253}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i;

/**
 * Reads ADDRESS or ADDRESS:PORT. Without a port the system picks one.
 * @throws FaultlineError USAGE.
 */
export function parseListenAddress(text: string): PageAddress {
  const parts = splitAddress(text) ?? { host: text.replace(/^\[(.*)\]$/, "$1"), port: "0" };
  const port = /^\d{1,5}$/.test(parts.port) ? Number(parts.port) : Number.NaN;
  const isHost = isIPv4(parts.host) || isIPv6(parts.host) || isHostName(parts.host);
  if (!isHost || !(port <= 65_535)) {
    const wanted =
      "expected an address of this machine, with or without a port, as 0.0.0.0 or 192.168.1.5:8080";
    throw new FaultlineError("USAGE", `--ui-host: ${wanted}, not "${text}"`);
  }
  return { host: parts.host, port };
}

/** false for a text that looks like an address and is none: 1.2.3, 300.1.1.1 */
function isHostName(host: string): boolean {
  return HOST_NAME.test(host) && !/^[\d.]+$/.test(host);
}

/** Whether only this machine can reach it. */
export function isLocalOnly({ host }: PageAddress): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
