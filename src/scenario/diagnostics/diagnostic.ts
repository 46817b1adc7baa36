import { type ErrorCode, FaultlineError } from "../../support/errors.js";
import { oneLine } from "../../support/printable.js";
import { redact, redactFragments } from "../../support/redact.js";
import { codeFrame } from "../text/code-frame.js";
import type { Span } from "../text/source.js";

/** One complaint about a scenario, with its place. Plain data: `validate --format json` prints it as it is. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** The kind of complaint, for scripts. */
  readonly code: DiagnosticCode;
  readonly message: string;
  /** What to do about it. */
  readonly help: string | null;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  /** End of the stretch, exclusive. */
  readonly endLine: number;
  readonly endColumn: number;
  /** The line with its neighbours and a caret under the stretch. */
  readonly frame: string;
  /** It is about a key, unit or value of the format. docs/scenario.md lists all of them. */
  readonly isAboutFormat: boolean;
}

/** docs/errors.md says what each is about. */
export const DIAGNOSTIC_CODES = [
  "yaml",
  "unknown-key",
  "missing-key",
  "wrong-value",
  "conflict",
  "unknown-name",
  "duplicate",
  "template",
  "slo",
  "file",
  "include",
  "option",
  "host-not-allowed",
  "untrusted",
  "unsupported-protocol",
  "suspicious",
  "undecidable",
] as const;

export type DiagnosticCode = (typeof DIAGNOSTIC_CODES)[number];

/** No more than this many are collected: a broken 5 MB file should not print 5 MB. */
const MOST_DIAGNOSTICS = 100;

/** Collects complaints while a scenario is read. */
export class Diagnostics {
  readonly #list: Diagnostic[] = [];
  readonly #silenced: Span[] = [];
  readonly #tainted: { readonly place: Span; readonly secrets: readonly string[] }[] = [];
  /** Secrets that a complaint may quote a part of. */
  readonly #mayQuote = new Map<Diagnostic, readonly string[]>();
  #dropped = 0;

  error(code: DiagnosticCode, span: Span, message: string, help: string | null = null): void {
    this.#add("error", code, span, message, help, false);
  }

  /** An error in a key, unit or value of the format itself. */
  malformed(code: DiagnosticCode, span: Span, message: string, help: string | null = null): void {
    this.#add("error", code, span, message, help, true);
  }

  warning(code: DiagnosticCode, span: Span, message: string, help: string | null = null): void {
    this.#add("warning", code, span, message, help, false);
  }

  /** From now on drops complaints about this place. Its mistake is known, and the rest would follow from it. */
  silence(span: Span): void {
    this.#silenced.push(span);
  }

  /** The value there holds these secrets. Complaints about it may quote parts of them. */
  taint(place: Span, secrets: readonly string[]): void {
    this.#tainted.push({ place, secrets });
  }

  get hasErrors(): boolean {
    return this.#list.some((diagnostic) => diagnostic.severity === "error");
  }

  /** How many complaints beyond the first hundred were left out. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Sorted by place, each place and message once, secrets taken out. */
  list(secrets: readonly string[] = []): readonly Diagnostic[] {
    const seen = new Set<string>();
    return this.#list
      .filter(({ file, line, column, message }) => {
        const key = `${file}\0${line}\0${column}\0${message}`;
        return seen.has(key) ? false : seen.add(key);
      })
      .sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : 0))
      .map((diagnostic) => {
        const quoted = this.#mayQuote.get(diagnostic) ?? [];
        const clean = (text: string) => redact(redactFragments(text, quoted), secrets);
        const { message, help, frame } = diagnostic;
        // A frame quotes the scenario, which holds no secrets, or an option as it was given.
        return {
          ...diagnostic,
          message: clean(message),
          help: help && clean(help),
          frame: redact(frame, secrets),
        };
      });
  }

  #add(
    severity: Diagnostic["severity"],
    code: DiagnosticCode,
    span: Span,
    message: string,
    help: string | null,
    isAboutFormat: boolean,
  ): void {
    if (this.#silenced.some((place) => isWithin(span, place))) return;
    if (this.#list.length >= MOST_DIAGNOSTICS) {
      this.#dropped += 1;
      // A scenario that cannot be run must not pass for valid: an error takes a warning's place.
      const warning =
        severity === "error" ? this.#list.findLastIndex((one) => one.severity === "warning") : -1;
      if (warning < 0) return;
      this.#list.splice(warning, 1);
    }
    const start = span.source.position(span.start);
    const end = span.source.position(Math.max(span.end, span.start + 1));
    const diagnostic: Diagnostic = {
      severity,
      code,
      message,
      help,
      file: span.source.name,
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
      frame: codeFrame(span),
      isAboutFormat,
    };
    this.#list.push(diagnostic);
    const quoted = this.#tainted.filter(({ place }) => isWithin(span, place));
    if (quoted.length > 0)
      this.#mayQuote.set(
        diagnostic,
        quoted.flatMap(({ secrets }) => secrets),
      );
  }
}

function isWithin(span: Span, place: Span): boolean {
  return place.source === span.source && place.start <= span.start && span.end <= place.end;
}

/** A scenario that cannot be run, with everything that is wrong about it. */
export class ScenarioError extends FaultlineError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], dropped = 0) {
    super(codeFor(diagnostics), diagnosticsText(diagnostics, dropped));
    this.diagnostics = diagnostics;
  }

  /** The format's reference does not help with a missing file, a name or a regular expression. */
  override get hint(): string | null {
    const helps = this.diagnostics.some(({ isAboutFormat }) => isAboutFormat);
    return this.code === "SCENARIO_INVALID" && !helps ? null : super.hint;
  }
}

/** All complaints as text: message and place, code frame, help. */
export function diagnosticsText(diagnostics: readonly Diagnostic[], dropped = 0): string {
  const parts = diagnostics.map(diagnosticText);
  if (dropped > 0) parts.push(`… and ${dropped} more`);
  return parts.join("\n\n");
}

/** A complaint that comes up only when it runs, as text like the other complaints. */
export function placedText(span: Span, message: string, help: string | null): string {
  const place = { file: span.source.name, ...span.source.position(span.start) };
  return diagnosticText({ ...place, severity: "error", message, frame: codeFrame(span), help });
}

/** One complaint: message and place, code frame, help. */
export function diagnosticText(diagnostic: DiagnosticParts): string {
  return [diagnosticHead(diagnostic), ...diagnosticDetails(diagnostic)].join("\n");
}

type DiagnosticParts = Pick<
  Diagnostic,
  "file" | "line" | "column" | "severity" | "message" | "frame" | "help"
>;

/** Message and place, in one line. */
export function diagnosticHead({
  file,
  line,
  column,
  severity,
  message,
  frame,
}: Omit<DiagnosticParts, "help">): string {
  // A mistake of the whole file or plan has no place in it.
  const place = frame === "" ? file : `${file}:${line}:${column}`;
  // A name may hold line breaks. The message is one line.
  return `${place}: ${severity === "warning" ? "warning: " : ""}${oneLine(message)}`;
}

/** Code frame and help. Each may have several lines. */
export function diagnosticDetails({ frame, help }: Pick<DiagnosticParts, "frame" | "help">): string[] {
  return [...(frame === "" ? [] : [frame]), ...(help ? [`  = ${help}`] : [])];
}

/** The special codes are used only when all complaints have the same one. */
function codeFor(diagnostics: readonly Diagnostic[]): ErrorCode {
  const codes = new Set(diagnostics.filter((d) => d.severity === "error").map((d) => d.code));
  if (codes.size === 1 && codes.has("slo")) return "SLO_INVALID";
  if (codes.size === 1 && codes.has("host-not-allowed")) return "HOST_NOT_ALLOWED";
  if (codes.size === 1 && codes.has("unsupported-protocol")) return "UNSUPPORTED_PROTOCOL";
  return "SCENARIO_INVALID";
}
