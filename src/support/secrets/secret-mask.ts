import { FormIndex } from "./form-index.js";
import { formsOf, type SecretForm } from "./secret-forms.js";
import { type TextView, viewsOf } from "./text-views.js";

export const MASK = "•••";

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Takes secrets out of texts, in whatever form they are there. Made once, used for any number of texts. */
export class SecretMask {
  readonly #asWritten: FormIndex;
  readonly #caseless: FormIndex;
  readonly #isEmpty: boolean;

  constructor(secrets: readonly string[]) {
    const forms = [...new Set(secrets)].flatMap((secret) => (secret === "" ? [] : formsOf(secret)));
    this.#isEmpty = forms.length === 0;
    this.#asWritten = new FormIndex(distinct(forms.filter(({ ignoresCase }) => !ignoresCase)));
    const caseless = forms.filter(({ ignoresCase }) => ignoresCase);
    this.#caseless = new FormIndex(distinct(caseless.map((form) => ({ ...form, text: small(form.text) }))));
  }

  /** The text from the offset `from` on. A secret that begins before it and ends after it is masked, too. */
  mask(text: string, from = 0): string {
    const pieces: string[] = [];
    let at = from;
    for (const { start, end } of this.#stretches(text)) {
      if (end <= from) continue;
      pieces.push(text.slice(at, Math.max(start, at)), MASK);
      at = end;
    }
    return pieces.length === 0 && from === 0 ? text : pieces.join("") + text.slice(at);
  }

  /** Where secrets are: in order, without overlaps. */
  #stretches(text: string): readonly Stretch[] {
    if (this.#isEmpty || text === "") return [];
    // As it is, too: a secret may hold characters that a view leaves out.
    const [first, ...others] = viewsOf(text);
    const whole: readonly TextView[] = first?.offsets
      ? [{ text, offsets: null }, first]
      : [first ?? { text, offsets: null }];
    const found = [...whole, ...others].flatMap((view) => this.#stretchesIn(view));
    found.sort((a, b) => a.start - b.start || b.end - a.end);
    const joined: Stretch[] = [];
    for (const { start, end } of found) {
      const last = joined.at(-1);
      if (!last || start >= last.end) joined.push({ start, end });
      else if (end > last.end) joined[joined.length - 1] = { start: last.start, end };
    }
    return joined;
  }

  #stretchesIn({ text, offsets }: TextView): readonly Stretch[] {
    const found = [...this.#asWritten.find(text), ...this.#caseless.find(small(text))];
    const offsetOf = (at: number) => (offsets ? (offsets[at] ?? 0) : at);
    return found.map(({ start, end, form }) => {
      const before = form.bitsBefore === 1 && isBase64(text, start - 1) ? start - 1 : start;
      const after = form.bitsAfter === 1 && isBase64(text, end) ? end + 1 : end;
      return { start: offsetOf(before), end: offsetOf(after) };
    });
  }
}

function distinct(forms: readonly SecretForm[]): readonly SecretForm[] {
  return [...new Map(forms.map((form) => [form.text, form])).values()];
}

/** In small letters, each character at its place. Some letters would become two. */
function small(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function isBase64(text: string, at: number): boolean {
  return /^[A-Za-z0-9+/_-]$/.test(text.charAt(at));
}
