import { MASK, SecretMask } from "./secrets/secret-mask.js";

/** Keyed by the list itself: one run masks thousands of texts with one list. */
const masks = new WeakMap<readonly string[], SecretMask>();

/** Takes these secrets out of texts, whatever form they have there. */
export function maskOf(secrets: readonly string[]): SecretMask {
  const known = masks.get(secrets);
  if (known) return known;
  const mask = new SecretMask(secrets);
  masks.set(secrets, mask);
  return mask;
}

/**
 * The text without the secrets. They are found as they are, in another letter case, percent-encoded, in base64 and hex,
 * and escaped for JSON and HTML. Single lines of a secret with several lines are found, too. For texts that people
 * read, and for single values.
 */
export function redact(text: string, secrets: readonly string[]): string {
  return maskOf(secrets).mask(text);
}

/** Shorter pieces than this say nothing about a secret. */
const FRAGMENT = 4;

/**
 * Also takes out parts of secrets: for messages that may quote a piece of a value. It removes any text that happens to
 * be part of a secret, so it is not for reports.
 */
export function redactFragments(text: string, secrets: readonly string[]): string {
  const pieces = new Set<string>();
  for (const secret of secrets) {
    for (let at = 0; at + FRAGMENT <= secret.length; at += 1) pieces.add(secret.slice(at, at + FRAGMENT));
  }
  let result = "";
  let masked = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (pieces.has(text.slice(at, at + FRAGMENT))) {
      if (at >= masked) result += MASK;
      masked = at + FRAGMENT;
    } else if (at >= masked) result += text[at];
  }
  return result;
}
