import type { YAMLError } from "yaml";
import type { Diagnostics } from "../diagnostics/diagnostic.js";
import type { Source } from "../text/source.js";

const MOST_SYNTAX_ERRORS = 3;

/** What the YAML library refuses, with the likely reason where it can be told. */
export function reportYamlErrors(
  source: Source,
  errors: readonly YAMLError[],
  diagnostics: Diagnostics,
): void {
  for (const error of worthReporting(errors)) {
    const [start, end] = error.pos;
    const { message, help } = explain(source, error, errors);
    const span = { source, start, end: Math.max(end, start + 1) };
    diagnostics.error("yaml", span, `not valid YAML: ${message}`, help);
  }
}

/**
 * The first mistake, and a few that cannot come from it. When a value ends too soon, every later token is unexpected.
 */
function worthReporting(errors: readonly YAMLError[]): readonly YAMLError[] {
  const [first, ...rest] = errors;
  if (!first) return [];
  if (first.code === "TAB_AS_INDENT") return [first];
  const own = rest.filter(({ code, pos }) => code !== "UNEXPECTED_TOKEN" && pos[0] !== first.pos[0]);
  return [first, ...own.slice(0, MOST_SYNTAX_ERRORS - 1)];
}

/** A text with both kinds of quotes would need some of them written twice. */
function inQuotes(text: string): string {
  if (!/["\\]/.test(text)) return `Write "${text}".`;
  return text.includes("'") ? "Write | in its place and the text below it, indented." : `Write '${text}'.`;
}

interface Explanation {
  readonly message: string;
  readonly help: string | null;
}

function explain(source: Source, error: YAMLError, all: readonly YAMLError[]): Explanation {
  const [start] = error.pos;
  const { line: number, column } = source.position(start);
  const line = source.line(number);
  const message = error.message.replace(/\s+at line \d+, column \d+:?[\s\S]*$/, "").replace(/\s+/g, " ");
  const as = (help: string | null): Explanation => ({ message, help });
  if (error.code === "TAB_AS_INDENT" || /^\s*\t/.test(line)) {
    return as("Indent with spaces; YAML does not take tabs.");
  }
  if (/\$\{/.test(line)) return as('Quote texts that hold ${…} inside { } or [ ]: "…${name}…".');
  if (error.code === "BLOCK_AS_IMPLICIT_KEY" || error.code === "MULTILINE_IMPLICIT_KEY") {
    const over = all.find(({ code, pos }) => code === "MULTILINE_IMPLICIT_KEY" && pos[0] === start);
    const until = over ? source.position(over.pos[1]).line : number;
    if (until > number) {
      return {
        message: `line ${until} is indented more than line ${number}, as if it went on with its value`,
        help: "The keys of one map begin in the same column.",
      };
    }
    const text = line.slice(column - 1).trim();
    if (/: /.test(text)) {
      return { message: "a text with a colon and a blank in it needs quotes", help: inQuotes(text) };
    }
    return as("Is the text before it missing quotes or a line of its own?");
  }
  if (error.code === "BAD_SCALAR_START")
    return as(`A text that begins with ${source.text[start]} needs quotes.`);
  const before = line.slice(0, column - 1);
  if (
    /(^|[-:]) *>=? *$/.test(before) ||
    (error.code === "UNEXPECTED_TOKEN" && /(^|[-:]) *[>|] /.test(before))
  ) {
    return as("A text that begins with > or | needs quotes.");
  }
  if (/must be sufficiently indented and end with/.test(message)) {
    return as("A { or [ above it is not closed.");
  }
  if (/without - indicator/.test(message))
    return as("Is it indented as far as the entry that it belongs to?");
  return as(null);
}
