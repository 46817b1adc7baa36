import {
  ESCAPE_HELP,
  escapeTemplate,
  parseReference,
  parseTemplate,
  type Reference,
  ReferenceProblem,
  TemplateError,
  type TemplatePart,
} from "../../notation/template.js";
import type { Diagnostics } from "../diagnostics/diagnostic.js";
import { didYouMean, nearestWord } from "../diagnostics/did-you-mean.js";
import type { Span } from "../text/source.js";
import {
  type MapNode,
  mapScalars,
  type ScalarNode,
  scalarValue,
  type TreeNode,
  type TreePath,
} from "../text/tree.js";
import { declaredVars } from "./declared-vars.js";
import { isSecretName, isSecretWorthy } from "./secrets.js";
import { isCommand, splitCommands } from "./split-commands.js";
import { isTraceId, type Stays, whatStays, whyMisplaced } from "./staying-slots.js";
import { plainText, wholeValue } from "./whole-value.js";

export interface Substitution {
  readonly tree: TreeNode;
  /** Values from the environment or from --var that must not be shown. */
  readonly secrets: readonly string[];
}

/** A slot that stays in the text until it runs, with its place. The checks look at these. */
export interface DeferredSlot {
  readonly reference: Reference;
  readonly path: TreePath;
  readonly span: Span;
}

/**
 * Limit for all texts with slots, once they are filled. Two variables that hold each other twice double with each step:
 * thirty lines would make gigabytes.
 */
const MOST_FILLED_CHARACTERS = 8_000_000;

interface Context {
  readonly vars: ReadonlyMap<string, ScalarNode>;
  /** Variables of --var. */
  readonly given: ReadonlyMap<string, ScalarNode>;
  /** Values of variables whose slots have been filled. null: a slot cannot be filled. */
  readonly filledVars: Map<string, ScalarNode | null>;
  /** How many characters may still be filled in. */
  charactersLeft: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What to do about a variable that the environment lacks. */
  readonly envHelp: (name: string) => string;
  readonly diagnostics: Diagnostics;
  readonly secrets: Set<string>;
  readonly usedVars: Set<string>;
  readonly deferred: DeferredSlot[];
}

/**
 * Puts variables and the environment into all texts and takes `vars:` off the tree. Slots that only a run can fill stay
 * where they are allowed, and are refused elsewhere.
 * @param given the --var options.
 */
export function substitute(
  root: MapNode,
  given: ReadonlyMap<string, ScalarNode>,
  env: Context["env"],
  diagnostics: Diagnostics,
  isTrusted = true,
): Substitution & { readonly deferred: readonly DeferredSlot[] } {
  const declared = declaredVars(root, diagnostics);
  const context: Context = {
    vars: new Map([...declared, ...given]),
    given,
    filledVars: new Map(),
    charactersLeft: MOST_FILLED_CHARACTERS,
    env,
    envHelp: isTrusted ? ENV_HELP : UNTRUSTED_ENV_HELP,
    diagnostics,
    secrets: new Set(),
    usedVars: new Set(),
    deferred: [],
  };
  const entries = new Map(root.entries);
  entries.delete("vars");
  const body: MapNode = { ...root, entries };
  const filled = mapScalars(body, (scalar, path) => {
    const marked = substituteScalar(scalar, path, context, []);
    if (marked === null) {
      diagnostics.silence(scalar.span);
      return scalar;
    }
    const text = plainText(marked.text);
    // Complaints about this place may quote any part of the value.
    const secrets = [...context.secrets].filter((secret) => text.includes(secret));
    if (secrets.length > 0) diagnostics.taint(scalar.span, secrets);
    return isCommand(path) ? marked : { ...marked, text };
  });
  const tree = splitCommands(filled, diagnostics);
  for (const [name, value] of given) {
    if (declared.has(name) || context.usedVars.has(name)) continue;
    const known = [...declared.keys(), ...context.usedVars];
    diagnostics.error(
      "option",
      value.span,
      `the scenario uses no variable \`${name}\`${didYouMean(name, known)}`,
    );
  }
  return { tree, secrets: [...context.secrets], deferred: context.deferred };
}

/** In `text` whole values are marked. @returns null, after a complaint, when a slot cannot be filled. */
function substituteScalar(
  scalar: ScalarNode,
  path: TreePath,
  context: Context,
  chain: readonly string[],
): ScalarNode | null {
  if (typeof scalar.value !== "string" || !scalar.value.includes("${")) return scalar;
  const template = scalar.value;
  const at = (part: { start: number; end: number }): Span => spanInside(scalar, part.start, part.end);
  let parts: readonly TemplatePart[];
  try {
    parts = parseTemplate(template);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const place = at({ start: error.offset, end: error.offset + 2 });
    context.diagnostics.error("template", place, error.message, ESCAPE_HELP);
    return null;
  }
  const stays = whatStays(path);
  // A text whose slots are filled later is read again as a template then.
  const literal = (text: string) => (stays === "nothing" ? text : escapeTemplate(text));
  let text = "";
  for (const part of parts) {
    if (part.kind === "text") {
      text += literal(part.text);
      continue;
    }
    const filled = fillSlot(part.expression, at(part), path, stays, context, chain);
    if (filled === null) return null;
    text += filled.kind === "deferred" ? `\${${part.expression}}` : literal(filled.value);
    if (text.length > context.charactersLeft) {
      context.diagnostics.error(
        "template",
        at(part),
        TOO_LONG,
        "Does a variable hold another one many times?",
      );
      return null;
    }
  }
  context.charactersLeft -= text.length;
  const whole = parts.length === 1 && parts[0]?.kind === "slot";
  const value = plainText(text);
  return { ...scalar, text, value: whole ? scalarValue(value) : value, written: scalar.written };
}

const TOO_LONG = `variables grow the scenario by more than ${MOST_FILLED_CHARACTERS / 1e6} million characters`;

const ENV_HELP = (name: string) => `Set it, or give a default: \${env.${name}:-default}.`;
const UNTRUSTED_ENV_HELP = (name: string) =>
  `A scenario that is not trusted gets what the command line names: --allow-env ${name}.`;

/** Slots of one word, which look like variables. */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ["uuid", "${uuid} is a random UUID, another one at each place and in each request."],
  ["seq", "${seq} is 1, 2, 3 … from request to request."],
]);

type Filled = { readonly kind: "value"; readonly value: string } | { readonly kind: "deferred" };

function fillSlot(
  expression: string,
  span: Span,
  path: TreePath,
  stays: Stays,
  context: Context,
  chain: readonly string[],
): Filled | null {
  const { diagnostics } = context;
  let reference: Reference;
  try {
    reference = parseReference(expression);
  } catch (error) {
    if (!(error instanceof ReferenceProblem)) throw error;
    diagnostics.error("template", span, error.message, error.help);
    return null;
  }
  if (reference.kind === "env") {
    const value = context.env[reference.name] ?? "";
    if (value !== "") {
      if (isSecretWorthy(value, reference.name)) context.secrets.add(value);
      return { kind: "value", value: wholeValue(value) };
    }
    if (reference.fallback !== null) return { kind: "value", value: wholeValue(reference.fallback) };
    diagnostics.error(
      "template",
      span,
      `the environment has no ${reference.name}`,
      context.envHelp(reference.name),
    );
    return null;
  }
  if (isTraceId(expression, stays)) return { kind: "deferred" };
  if (reference.kind === "var") return fillVar(reference.name, span, context, chain);
  const misplaced = whyMisplaced(reference, expression, stays, path);
  if (misplaced !== null) {
    diagnostics.error("template", span, misplaced.message, misplaced.help);
    return null;
  }
  context.deferred.push({ reference, path, span });
  return { kind: "deferred" };
}

/** @param chain the variables whose values hold this slot, the outermost first. Empty: it is in the scenario itself. */
function fillVar(name: string, span: Span, context: Context, chain: readonly string[]): Filled | null {
  const { diagnostics } = context;
  context.usedVars.add(name);
  const variable = context.vars.get(name);
  if (!variable) {
    const builtIn = nearestWord(name, [...context.vars.keys(), ...BUILT_IN.keys()]) ?? "";
    const meaning = BUILT_IN.get(builtIn);
    const guess = meaning ? `; did you mean \`\${${builtIn}}\`?` : didYouMean(name, context.vars.keys());
    const help =
      meaning ?? `Give it under vars: or with --var ${name}=VALUE; ${ESCAPE_HELP.replace("Write", "write")}`;
    diagnostics.error("template", span, `no variable \`${name}\`${guess}`, help);
    return null;
  }
  if (chain.includes(name)) {
    const names = [...chain.slice(chain.indexOf(name)), name].join(" → ");
    diagnostics.error("template", variable.span, `variables refer to each other: ${names}`);
    return null;
  }
  // A variable may hold slots itself. They are filled once: what they hold does not depend on where it is used.
  const known = context.filledVars.get(name);
  const value =
    known === undefined ? substituteScalar(variable, ["vars", name], context, [...chain, name]) : known;
  context.filledVars.set(name, value);
  if (value === null) return null;
  if (!context.given.has(name)) return { kind: "value", value: value.text };
  const given = plainText(value.text);
  if (isSecretWorthy(given, name)) context.secrets.add(given);
  // Any other variable may be several words of a command.
  return { kind: "value", value: isSecretName(name) ? wholeValue(given) : value.text };
}

/** Place of a part of a scalar. Exact when the file holds the text as it is, else the whole scalar. */
function spanInside(scalar: ScalarNode, start: number, end: number): Span {
  const { source, start: from } = scalar.span;
  const raw = source.text.slice(scalar.span.start, scalar.span.end);
  const at = raw.indexOf(scalar.text);
  if (at < 0) return scalar.span;
  return { source, start: from + at + start, end: from + at + end };
}
