import { parseJsonPath } from "../../notation/json-path.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import type { SignalInput } from "../schema/signal.js";
import type { TreePath } from "../text/tree.js";
import { parseMetricSelector } from "../values/metrics/metric-selector.js";
import { type PromQl, readPromQl } from "../values/metrics/promql.js";
import type { CheckContext } from "./context.js";
import { checkServersTls } from "./tls.js";

type SignalParts = ValidParts<SignalInput>;

/** Keys that say by a URL where a signal is read. */
export const SIGNAL_URLS = ["prometheus", "metrics", "http"] as const;
/** Where a signal may be read: one of them. */
const SIGNAL_SOURCES = [...SIGNAL_URLS, "run"] as const;
type SignalSourceKey = (typeof SIGNAL_SOURCES)[number];

export const SHORTEST_EVERY_MS = 200;

const READS = ["bad", "total", "value"] as const;

/** Where `signals:` are read, and what is read there. Their addresses are checked with all others. */
export function checkSignals(context: CheckContext): void {
  for (const [name, signal] of Object.entries(context.parts.valid.signals ?? {})) {
    if (!signal) continue;
    const at = ["signals", name];
    const source = checkSource(context, at);
    checkReads(context, at, source);
    checkBeside(context, signal, at, source);
    if (source !== null) for (const key of READS) checkQuery(context, source, signal[key], [...at, key]);
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
      const has = (key: (typeof READS)[number]) => context.has("signals", name, key);
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
    const help = "Write prometheus: http://127.0.0.1:9090, metrics:, http: or run: (docs/observability.md).";
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
  const has = (key: (typeof READS)[number]) => context.has(...at, key);
  const lacks = (key: (typeof READS)[number]) => context.lacks(...at, key);
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
  if (READS.every(lacks) && (source === "prometheus" || source === "metrics")) {
    const help = "Write value: max(queue_depth), or bad: and total: for a share.";
    diagnostics.error("missing-key", context.key(...at), "it is not said what of it is read", help);
  }
}

function checkQuery(
  context: CheckContext,
  source: SignalSourceKey,
  written: SignalParts["value"],
  at: TreePath,
): void {
  if (written === undefined) return;
  if (source === "prometheus") checkPromQl(context, written, at);
  else if (source === "metrics" && parseMetricSelector(written) === null) {
    const help =
      'Name series of one metric, such as http_requests_total{code=~"5.."}; functions need a Prometheus.';
    context.diagnostics.error(
      "wrong-value",
      context.at(...at),
      "expected a metric's name with matchers",
      help,
    );
  } else if ((source === "http" || source === "run") && parseJsonPath(written) === null) {
    context.diagnostics.error("wrong-value", context.at(...at), "expected a JSON path such as $.queue.depth");
  }
}

function checkPromQl(context: CheckContext, written: string, at: TreePath): void {
  const { diagnostics } = context;
  const span = context.at(...at);
  const query = readPromQl(written);
  if (query === null) {
    diagnostics.error("wrong-value", span, "a bracket or a quote in the query does not close");
    return;
  }
  if (query.isShifted) {
    const help = "Leave `offset` and `@` away: a signal is read for each phase at its own time.";
    diagnostics.error("wrong-value", span, "the query reads another time than that of the phase", help);
  }
  if (at.at(-1) === "value") return;
  const help = "For example sum(rate(orders_total[5s])).";
  if (query.functions.includes("increase") || query.functions.includes("delta")) {
    diagnostics.error(
      "wrong-value",
      span,
      "`bad` and `total` are rates per second: write rate(…) instead",
      help,
    );
  } else if (!isRate(query)) {
    diagnostics.error(
      "wrong-value",
      span,
      "`bad` and `total` are rates per second: rate(…) of a counter",
      help,
    );
  }
}

/** A rule that a server records is called like `job:orders:rate5s`. What it holds is the user's word. */
function isRate({ functions, selectors }: PromQl): boolean {
  const isRecorded = (selector: string) => selector.split("{")[0]?.includes(":") === true;
  return functions.some((name) => name === "rate" || name === "irate") || selectors.some(isRecorded);
}
