const MASK = "•••";

/**
 * The text without the secrets, also where they stand percent-encoded or inside a JSON string. For texts that people
 * read and for single values; to clean a structure, apply it to each string before serialising.
 */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const form of secretForms(secrets)) clean = clean.replaceAll(form, MASK);
  return clean;
}

/** Shorter pieces than this say nothing about a secret. */
const FRAGMENT = 4;

/**
 * Also takes out parts of secrets: for messages that may quote a piece of a value. Takes out whatever happens to be
 * part of a secret, so it is not for reports.
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

/** A copy of plain data with `redact` applied to every string in it (keys too). */
export function redactDeep<T>(value: T, secrets: readonly string[]): T {
  const forms = secretForms(secrets);
  if (forms.length === 0) return value;
  const clean = (text: string) => forms.reduce((rest, form) => rest.replaceAll(form, MASK), text);
  const copy = (part: unknown): unknown => {
    if (typeof part === "string") return clean(part);
    if (Array.isArray(part)) return part.map(copy);
    if (part !== null && typeof part === "object") {
      return Object.fromEntries(Object.entries(part).map(([key, inner]) => [clean(key), copy(inner)]));
    }
    return part;
  };
  // The copy has the same shape: only the contents of strings differ.
  return copy(value) as T;
}

/**
 * Whether a value from the environment is kept out of all output. Ports, counts and switches are settings, and
 * masking every "1" would ruin a report without protecting anything.
 */
export function isSecretWorthy(value: string): boolean {
  return value.length >= 4 && !/^\d{1,5}$/.test(value) && !/^(true|false|null)$/i.test(value);
}

/** Longest first, so that a secret inside another one does not leave half of it. */
function secretForms(secrets: readonly string[]): readonly string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret === "") continue;
    forms.add(secret);
    forms.add(JSON.stringify(secret).slice(1, -1));
    forms.add(percentEncoded(secret));
    forms.add(percentEncoded(secret).replaceAll("%20", "+"));
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text; // half a surrogate pair has no encoding
  }
}
