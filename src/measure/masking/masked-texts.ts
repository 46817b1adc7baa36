import { isIP } from "node:net";
import { bareHost } from "../../support/address.js";
import { isLoopback } from "../../support/hosts.js";

/** Masks all texts in plain data. Keys stay. */
export function maskTexts(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) return value.map((each) => maskTexts(each, mask));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, maskTexts(each, mask)]));
}

/** Masks a URL. The result is still a URL with the same scheme. */
export function maskUrl(text: string, mask: (text: string) => string): string {
  const [, scheme = "", authority = "", rest = ""] =
    /^([a-z][a-z\d+.-]*:\/\/)?([^/?#]*)(.*)$/is.exec(text) ?? [];
  const at = authority.lastIndexOf("@") + 1;
  return scheme + mask(authority.slice(0, at)) + maskAddress(authority.slice(at), mask) + mask(rest);
}

/** Masks an address. Later code asks the record whether an address is this machine's. */
export function maskAddress(address: string, mask: (text: string) => string): string {
  const host = bareHost(address.replace(/:\d*$/, ""));
  const isOwn = host === "localhost" || (isIP(host) !== 0 && isLoopback(host));
  return isOwn ? address : mask(address);
}
