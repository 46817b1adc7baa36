import type { SecretForm } from "./secret-forms.js";

/** This many first characters choose the forms to compare. */
const MOST_KEY = 4;

export interface FoundForm {
  readonly start: number;
  readonly end: number;
  readonly form: SecretForm;
}

/**
 * Finds any of thousands of texts in one pass over megabytes. A table of pairs passes over most characters, and the
 * first four characters over most of the others.
 */
export class FormIndex {
  readonly #pairs = new Uint8Array(65_536);
  readonly #byKey = new Map<string, SecretForm[]>();
  readonly #keyLength: number;

  /** @param forms as they are looked for: in small letters where case is ignored. */
  constructor(forms: readonly SecretForm[]) {
    this.#keyLength = forms.reduce((least, { text }) => Math.min(least, text.length), MOST_KEY);
    for (const form of forms) {
      const key = form.text.slice(0, this.#keyLength);
      const same = this.#byKey.get(key);
      if (same) same.push(form);
      else this.#byKey.set(key, [form]);
      this.#pairs[pairAt(form.text, 0)] = 1;
      // A form of one character begins pairs with anything.
      if (form.text.length === 1) this.#pairs.fill(1);
    }
  }

  /** All places, also those that overlap. */
  find(text: string): readonly FoundForm[] {
    const found: FoundForm[] = [];
    if (this.#byKey.size === 0) return found;
    for (let at = 0; at < text.length; at += 1) {
      if (this.#pairs[pairAt(text, at)] === 0) continue;
      const forms = this.#byKey.get(text.slice(at, at + this.#keyLength));
      for (const form of forms ?? []) {
        if (text.startsWith(form.text, at)) found.push({ start: at, end: at + form.text.length, form });
      }
    }
    return found;
  }
}

function pairAt(text: string, at: number): number {
  const next = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
  return (text.charCodeAt(at) * 31 + next * 257) & 0xffff;
}
