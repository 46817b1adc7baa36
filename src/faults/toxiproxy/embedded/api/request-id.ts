import { randomBytes } from "node:crypto";

/** As the real server's: 20 of these characters. */
const CHARACTERS = "0123456789abcdefghijklmnopqrstuv";
const LENGTH = 20;

/** A new value for the header X-Toxiproxy-Request-Id. */
export function requestId(): string {
  return Array.from(randomBytes(LENGTH), (byte) => CHARACTERS[byte % CHARACTERS.length]).join("");
}
