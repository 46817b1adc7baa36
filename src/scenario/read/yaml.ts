import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments } from "yaml";
import type { Diagnostics } from "../diagnostics/diagnostic.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import type { Source, Span } from "../text/source.js";
import type { MapEntry, ScalarNode, TreeNode } from "../text/tree.js";
import { reportYamlErrors } from "./yaml-errors.js";

/**
 * Larger files are refused. People write scenarios, rows of data have files of their own, and the YAML library needs
 * seconds for a megabyte of nothing but dashes.
 */
export const LARGEST_FILE_BYTES = 1_000_000;
const DEEPEST = 60;
const TOO_DEEP = `nested too deeply: more than ${DEEPEST} levels`;
/** What aliases may add. An alias bomb doubles with each line. */
const MOST_ALIASED_NODES = 100_000;

/**
 * Reads one YAML document into a tree. Complaints go to `diagnostics`. Merge keys (<<) and aliases are resolved.
 * Several documents, tags and keys that are not text are refused.
 * @returns null when there is no tree to go on with.
 */
export function parseYaml(source: Source, diagnostics: Diagnostics): TreeNode | null {
  const tooDeep = deepNesting(source);
  if (tooDeep) {
    diagnostics.error("yaml", tooDeep, TOO_DEEP);
    return null;
  }
  const documents = parseAllDocuments(source.text, {
    prettyErrors: false,
    // The library compares each key with all others. The converter below does it in linear time.
    uniqueKeys: false,
    merge: true,
    resolveKnownTags: false,
    schema: "core",
    version: "1.2",
    logLevel: "silent",
  });
  const [document, second] = documents;
  const whole: Span = { source, start: 0, end: source.text.length };
  if (!document) {
    diagnostics.error("yaml", { ...whole, end: 0 }, "the file is empty");
    return null;
  }
  const errors = [...document.errors, ...document.warnings];
  const overflow = errors.find(({ message }) => /call stack/i.test(message));
  if (overflow) diagnostics.error("yaml", { source, start: overflow.pos[0], end: overflow.pos[1] }, TOO_DEEP);
  else reportYamlErrors(source, errors, diagnostics);
  if (errors.length > 0) return null;
  if (second) {
    const at = second.range?.[0] ?? 0;
    const separator = Math.max(0, source.text.lastIndexOf("---", at));
    diagnostics.error(
      "yaml",
      { source, start: separator, end: separator + 3 },
      "a file holds one scenario; a second YAML document begins here",
      "Put each scenario into its own file: faultline runs and validates several files at once.",
    );
    return null;
  }
  if (!document.contents || (isScalar(document.contents) && document.contents.value === null)) {
    diagnostics.error("yaml", { ...whole, end: 0 }, "the file is empty");
    return null;
  }
  return new Converter(source, diagnostics).convert(document.contents);
}

class Converter {
  readonly #source: Source;
  readonly #diagnostics: Diagnostics;
  readonly #anchors = new Map<string, Node>();
  readonly #resolving = new Set<Node>();
  #aliasedNodes = 0;
  #failed = false;

  constructor(source: Source, diagnostics: Diagnostics) {
    this.#source = source;
    this.#diagnostics = diagnostics;
  }

  convert(contents: Node): TreeNode | null {
    const tree = this.#node(contents, 0);
    return this.#failed ? null : tree;
  }

  #node(node: Node | null, depth: number): TreeNode {
    const span = this.#span(node);
    if (depth > DEEPEST) return this.#refuse(span, TOO_DEEP);
    if (this.#resolving.size > 0) {
      this.#aliasedNodes += 1;
      if (this.#aliasedNodes > MOST_ALIASED_NODES) {
        return this.#refuse(span, `aliases grow the scenario by more than ${MOST_ALIASED_NODES} parts`);
      }
    }
    // A refused alias bomb must not go on being unrolled.
    if (this.#failed) return this.#nothing(span);
    if (isAlias(node)) return this.#alias(node, depth);
    // The library's own look-up goes through the whole document for each alias.
    if (node?.anchor && this.#resolving.size === 0) this.#anchors.set(node.anchor, node);
    if (isMap(node)) {
      const entries = new Map<string, MapEntry>();
      const merged = new Map<string, MapEntry>();
      for (const pair of node.items)
        this.#pair(pair as Pair<Node | null, Node | null>, entries, merged, depth);
      // A merged key counts only when the map has no such key of its own.
      for (const [name, entry] of merged) if (!entries.has(name)) entries.set(name, entry);
      return { kind: "map", span, entries };
    }
    if (isSeq(node)) {
      // Parsed documents hold nodes. The library's type also allows plain values.
      return { kind: "seq", span, items: node.items.map((item) => this.#node(item as Node, depth + 1)) };
    }
    if (isScalar(node)) return this.#scalar(node.value, node.source ?? String(node.value ?? ""), span);
    return this.#nothing(span);
  }

  #scalar(value: unknown, text: string, span: Span): TreeNode {
    if (value === null || value === undefined) return this.#nothing(span);
    if (typeof value === "number" && !Number.isFinite(value)) {
      return { kind: "scalar", span, value: text, text, written: text };
    }
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      return { kind: "scalar", span, value, text: typeof value === "string" ? value : text, written: text };
    }
    return this.#refuse(span, "expected text, a number, true or false");
  }

  #pair(
    pair: Pair<Node | null, Node | null>,
    entries: Map<string, MapEntry>,
    merged: Map<string, MapEntry>,
    depth: number,
  ): void {
    const keySpan = this.#span(pair.key);
    if (!isScalar(pair.key) || pair.key.value === null) {
      const isTemplate = this.#source.text.slice(0, keySpan.start).endsWith("{");
      this.#refuse(keySpan, "a key must be text", isTemplate ? "Variables are written ${NAME}." : null);
      return;
    }
    if (pair.key.type === "PLAIN" && pair.key.source === "<<") {
      this.#merge(pair.value, merged, depth);
      return;
    }
    const name = String(pair.key.value);
    if (name === "__proto__") {
      this.#refuse(keySpan, "`__proto__` cannot be a key");
      return;
    }
    const earlier = entries.get(name);
    if (earlier) {
      const { line } = this.#source.position(earlier.keySpan.start);
      this.#diagnostics.error("duplicate", keySpan, `\`${name}\` was already given on line ${line}`);
      this.#failed = true;
      return;
    }
    const value = this.#node(pair.value, depth + 1);
    // `key:` without a value has no place of its own.
    entries.set(name, { keySpan, value: pair.value?.range ? value : { ...value, span: keySpan } });
  }

  /** `<<: *base` or `<<: [*a, *b]`. The first of several wins. */
  #merge(value: Node | null, merged: Map<string, MapEntry>, depth: number): void {
    const tree = this.#node(value, depth);
    for (const part of tree.kind === "seq" ? tree.items : [tree]) {
      if (part.kind !== "map") {
        if (!this.#failed) this.#refuse(part.span, "<< takes a map, an alias of one, or a list of them");
        return;
      }
      for (const [name, entry] of part.entries) if (!merged.has(name)) merged.set(name, entry);
    }
  }

  #alias(alias: Alias, depth: number): TreeNode {
    const span = this.#span(alias);
    const target = this.#anchors.get(alias.source);
    if (!target) {
      const suggestion = didYouMean(alias.source, this.#anchors.keys());
      const help = "A text that begins with * needs quotes.";
      return this.#refuse(span, `no anchor \`&${alias.source}\` stands before this alias${suggestion}`, help);
    }
    if (this.#resolving.has(target)) return this.#refuse(span, `\`*${alias.source}\` contains itself`);
    this.#resolving.add(target);
    const tree = this.#node(target, depth);
    this.#resolving.delete(target);
    return tree;
  }

  #refuse(span: Span, message: string, help: string | null = null): TreeNode {
    if (!this.#failed) this.#diagnostics.error("yaml", span, message, help);
    this.#failed = true;
    return this.#nothing(span);
  }

  #nothing(span: Span): ScalarNode {
    return { kind: "scalar", span, value: null, text: "", written: "" };
  }

  #span(node: Node | null): Span {
    const [start, end] = node?.range ?? [0, 0];
    return { source: this.#source, start, end };
  }
}

/**
 * The YAML library recurses, so a file of 5,000 brackets would overflow the stack. This counts what visibly nests:
 * brackets, and block collections begun on one line ("- - - -"). Brackets in texts count as well, so the limit is far
 * above any sensible nesting. The converter itself holds the tree to DEEPEST.
 */
function deepNesting(source: Source): Span | null {
  const { text } = source;
  const limit = 500;
  let open = 0;
  let begun = 0;
  let lineBegins = true;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "[" || char === "{") open += 1;
    else if (char === "]" || char === "}") open = Math.max(0, open - 1);
    if (char === "\n") {
      begun = 0;
      lineBegins = true;
    } else if (lineBegins && (char === "-" || char === "?" || char === ":")) begun += 1;
    else if (char !== " " && char !== "\t") lineBegins = false;
    if (open > limit || begun > limit) return { source, start: at, end: at + 1 };
  }
  return null;
}
