import { FaultlineError } from "../../support/errors.js";
import { hostOf, isLoopback } from "../../support/hosts.js";

/** Reads the URL of a server. @throws FaultlineError USAGE. */
export function natsUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && ["", "/"].includes(url.pathname) && url.search === "" && url.hash === "";
  if (url !== null && isPlain && ["nats:", "tls:"].includes(url.protocol) && url.hostname !== "") return url;
  // A text that is no URL may hold a password.
  throw new FaultlineError("USAGE", "the server of workers: expected nats://HOST:PORT or tls://HOST:PORT");
}

/** It is named as one of this machine. It may listen to others as well: servers do, unless they are told not to. */
export function isLocalNats(url: URL): boolean {
  return isLoopback(hostOf(url));
}

/** Without a password. */
export function shownNatsUrl(url: URL): string {
  return `${url.protocol}//${url.host}`;
}
