import type { ValidParts } from "../../quantities/valid-parts.js";
import type { SignalInput } from "../schema/signal.js";
import { jsonPathMistakes } from "../signals/json-page.js";
import { SIGNAL_KINDS, SIGNAL_URLS, type SignalUrlKey, signalKindOf } from "../signals/kinds.js";
import { SIGNAL_READS, type SignalRead } from "../signals/signal-kind.js";
import type { TreePath } from "../text/tree.js";
import type { CheckContext } from "./context.js";
import { checkServersTls } from "./tls.js";

type SignalParts = ValidParts<SignalInput>;

type SignalSourceKey = SignalUrlKey | "run";
/** Where a signal may be read: one of them. */
const SIGNAL_SOURCES: readonly SignalSourceKey[] = [...SIGNAL_URLS, "run"];

export const SHORTEST_EVERY_MS = 200;

/** Where `signals:` are read, and what is read there. Their addresses are checked with all others. */
export function checkSignals(context: CheckContext): void {
  for (const [name, signal] of Object.entries(context.parts.valid.signals ?? {})) {
    if (!signal) continue;
    const at = ["signals", name];
    const source = checkSource(context, at);
    checkReads(context, at, source);
    checkBeside(context, signal, at, source);
    if (source !== null) {
      for (const key of SIGNAL_READS) checkQuery(context, source, signal[key], [...at, key], key);
    }
    if (source !== null && source !== "run") checkServersTls(context, at, signal.tls, [signal[source]]);
    if (signal.every && signal.every.ms < SHORTEST_EVERY_MS) {
      const message = `expected at least ${SHORTEST_EVERY_MS}ms: asking is load, too`;
      context.diagnostics.error("wrong-value", context.at(...at, "every"), message);
    }
  }
}

/** Signals, and what an SLO can be about: what each counts, or its values. undefined: some name is not known. */
export function signalsOf(
  context: CheckContext,
): ReadonlyMap<string, "counts" | "values" | null> | undefined {
  if (!context.lacks("signals") && context.node("signals")?.kind !== "map") return undefined;
  return new Map(
    context.names("signals").map((name) => {
      const has = (key: SignalRead) => context.has("signals", name, key);
      if (context.isUnclear("signals", name)) return [name, null];
      return [name, has("bad") || has("total") ? "counts" : "values"];
    }),
  );
}

function checkSource(context: CheckContext, at: TreePath): SignalSourceKey | null {
  const there = SIGNAL_SOURCES.filter((key) => context.has(...at, key));
  const [first, second] = there;
  if (first !== undefined && second !== undefined) {
    const help = "Each reads in its own way: make two signals of it.";
    context.diagnostics.error(
      "conflict",
      context.key(...at, second),
      `\`${first}\` and \`${second}\` are two places`,
      help,
    );
    return null;
  }
  if (first === undefined && SIGNAL_SOURCES.every((key) => context.lacks(...at, key))) {
    const [usual, ...others] = SIGNAL_KINDS;
    const more = others.map(({ key }) => `${key}:`).join(", ");
    const help = `Write ${usual.key}: ${usual.sample}, ${more} or run: (docs/observability.md).`;
    context.diagnostics.error(
      "missing-key",
      context.key(...at),
      "it is not said where the signal is read",
      help,
    );
  }
  return first ?? null;
}

const OF_COMMAND = ["shell", "env", "cwd"] as const;
const OF_URL = ["headers", "tls"] as const;

/** Keys that go with one kind of source only. */
function checkBeside(
  context: CheckContext,
  { run, shell }: SignalParts,
  at: TreePath,
  source: SignalSourceKey | null,
): void {
  const { diagnostics } = context;
  if (source === null) return;
  const [others, right] = source === "run" ? [OF_URL, "a URL"] : [OF_COMMAND, "`run`"];
  for (const key of others) {
    if (!context.has(...at, key)) continue;
    diagnostics.error("conflict", context.key(...at, key), `\`${key}\` is for ${right}`);
  }
  if (shell === true && run !== undefined && typeof run !== "string") {
    diagnostics.error("conflict", context.at(...at, "run"), "with `shell: true` the command is one text");
  }
}

function checkReads(context: CheckContext, at: TreePath, source: SignalSourceKey | null): void {
  const { diagnostics } = context;
  const has = (key: SignalRead) => context.has(...at, key);
  const lacks = (key: SignalRead) => context.lacks(...at, key);
  if (has("value") && (has("bad") || has("total"))) {
    const help = "Either a number (`value`), or a share (`bad` and `total`).";
    const other = has("bad") ? "bad" : "total";
    diagnostics.error(
      "conflict",
      context.key(...at, "value"),
      `\`value\` and \`${other}\` do not go together`,
      help,
    );
    return;
  }
  for (const [one, other] of [
    ["bad", "total"],
    ["total", "bad"],
  ] as const) {
    if (!has(one) || !lacks(other)) continue;
    const help = "A share needs both: what is bad, and all of it.";
    diagnostics.error("missing-key", context.key(...at, one), `\`${one}\` without \`${other}\``, help);
  }
  if (source !== null && SIGNAL_READS.every(lacks) && signalKindOf(source)?.needsQuery) {
    const help = "Write value: max(queue_depth), or bad: and total: for a share.";
    diagnostics.error("missing-key", context.key(...at), "it is not said what of it is read", help);
  }
}

function checkQuery(
  context: CheckContext,
  source: SignalSourceKey,
  written: string | undefined,
  at: TreePath,
  reads: SignalRead,
): void {
  if (written === undefined) return;
  const mistakes = signalKindOf(source)?.mistakesIn(written, reads) ?? jsonPathMistakes(written);
  for (const { message, help } of mistakes) {
    context.diagnostics.error("wrong-value", context.at(...at), message, help ?? null);
  }
}
