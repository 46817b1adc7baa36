import { HTTP } from "../../faults/http-rule.js";
import { GRPC } from "../../faults/kinds/grpc/grpc-rule.js";
import { metricOf } from "../../slo/metrics/index.js";
import { type ParseSloOptions, parseSlo } from "../../slo/parse.js";
import type { Slo } from "../../slo/slo.js";
import type { Diagnostics } from "../diagnostics/diagnostic.js";
import type { Span } from "../text/source.js";
import type { TreeNode, TreePath } from "../text/tree.js";
import { checkAlertSlo, checkAlertsAreNamed } from "./alerts.js";
import type { CheckContext } from "./context.js";
import { namesOfRequests, namesWithDegradedKey, timedInLoad } from "./load/request-names.js";
import { signalsOf } from "./signals.js";

/** An SLO and its place. Some mistakes in it show only when there is a plan. */
export interface SloPlace {
  /** As in the SLO that is read from it. */
  readonly text: string;
  /** The fault (as the scenario names it) that it is written under. null: it is one of the scenario's own. */
  readonly fault: string | null;
  readonly span: Span;
}

/** Reads every SLO and abort condition once, to complain at its place. @returns the places of SLOs in `slos:` lists. */
export function checkSlos(context: CheckContext): readonly SloPlace[] {
  const names = {
    requestNames: namesOfRequests(context),
    timed: timedInLoad(context),
    proxies: proxiesOf(context),
    signals: signalsOf(context),
    idChecks: idChecksOf(context),
  };
  const places: SloPlace[] = [];
  const slos: Slo[] = [];
  const check = (path: TreePath, options: ParseSloOptions = {}) => {
    const node = context.node(...path);
    if (node?.kind !== "scalar" || typeof node.value !== "string" || node.value.trim() === "") return;
    const slo = readSlo(node.value, node, { ...options, ...names }, context.diagnostics);
    if (slo && !hasFault(context)) checkWithoutFault(slo, node, context.diagnostics);
    if (slo) checkDegraded(context, slo, node);
    if (slo) checkCompletion(context, slo, node);
    if (slo) checkAlertSlo(context, slo, node);
    if (slo) slos.push(slo);
    if (slo && path.includes("slos")) places.push({ text: slo.text, fault: slo.fault, span: node.span });
  };
  const each = (path: TreePath, options?: ParseSloOptions) => {
    const node = context.node(...path);
    if (node?.kind === "seq") for (const index of node.items.keys()) check([...path, index], options);
  };
  each(["slos"]);
  each(["abort"], { use: "abort" });
  const faults = context.node("faults");
  for (const index of faults?.kind === "seq" ? faults.items.keys() : []) {
    const name = context.node("faults", index, "name");
    each(["faults", index, "slos"], { fault: name?.kind === "scalar" ? name.text : null });
    const until = ["faults", index, "find", "until"];
    if (!refuseCompletionUntil(context, until)) check(until);
  }
  checkAlertsAreNamed(context, slos);
  return places;
}

/** undefined: some name is not known. */
function proxiesOf(context: CheckContext): ParseSloOptions["proxies"] {
  if (!context.lacks("proxies") && context.node("proxies")?.kind !== "map") return undefined;
  const isHttp = (name: string) => {
    const { protocol } = context.parts.valid.proxies?.[name] ?? {};
    // A protocol that is misspelt is complained about elsewhere.
    return (
      protocol === HTTP ||
      protocol === GRPC ||
      (protocol === undefined && !context.lacks("proxies", name, "protocol"))
    );
  };
  return new Map(context.names("proxies").map((name) => [name, { isHttp: isHttp(name) }]));
}

/** undefined: the requests of some check are not known. */
function idChecksOf(context: CheckContext): ParseSloOptions["idChecks"] {
  const checks = context.parts.valid.checks ?? [];
  const onIds = checks.flatMap((check, index) =>
    check && context.has("checks", index, "of") ? [{ check: check.name, request: check.of }] : [],
  );
  const whole = onIds.flatMap(({ check, request }) =>
    check === undefined || request === undefined ? [] : [{ check, request }],
  );
  return whole.length === onIds.length && checks.every(Boolean) ? whole : undefined;
}

/** The check has to wait at least as long as is promised, and to look often enough to see it. */
function checkCompletion(
  { parts, diagnostics }: CheckContext,
  { metric, target, text }: Slo,
  node: TreeNode,
): void {
  const about = metricOf(metric).completion;
  if (about === null) return;
  const checks = (parts.valid.checks ?? []).filter((check) => check?.of !== undefined);
  const check =
    checks.find((each) => each?.name === about.of) ?? checks.find((each) => each?.of === about.of);
  if (check === undefined || check.name === undefined) return;
  const { name, within, every } = check;
  const [promisedMs, hasTarget] = target.kind === "absolute" ? [target.value, true] : [0, false];
  if (within === undefined || within.ms < promisedMs) {
    diagnostics.error(
      "slo",
      node.span,
      within === undefined
        ? `"${text}" needs \`within\` at the check "${name}": how long may it take at most?`
        : `"${text}": the check "${name}" waits for \`within\` only, which is less`,
      `Write it at the check, such as within: ${hasTarget ? Math.ceil((2 * promisedMs) / 1000) : 10}s.`,
    );
  } else if (hasTarget && every !== undefined && every.ms > promisedMs) {
    diagnostics.error(
      "slo",
      node.span,
      `"${text}" cannot be seen: the check "${name}" looks less often than that`,
      "Let it look more often: `every` should be a fifth of the promised time, or less.",
    );
  }
}

/** A search decides between its trials, and what is completed later is not known then. */
function refuseCompletionUntil(context: CheckContext, path: TreePath): boolean {
  const node = context.node(...path);
  if (node?.kind !== "scalar" || !/^\s*completion\b/.test(node.text)) return false;
  const message = "how long completion takes is known after the load only, so no search can go by it";
  context.diagnostics.error(
    "slo",
    node.span,
    message,
    "Promise it under `slos:`, with faults of one strength.",
  );
  return true;
}

/** true also when a misspelt or misplaced key may be meant for a fault. */
function hasFault(context: CheckContext): boolean {
  const faults = context.node("faults");
  return faults?.kind === "seq" ? faults.items.length > 0 : !context.lacks("faults");
}

/** Some answer has to be told as a fallback. */
function checkDegraded(context: CheckContext, { metric, request, text }: Slo, node: TreeNode): void {
  const known = namesWithDegradedKey(context);
  const { bad, among } = metricOf(metric);
  if (bad === null || among === "failed" || known === undefined) return;
  if (request === null ? known.length > 0 : known.includes(request)) return;
  const which = request === null ? "no request says" : `the request "${request}" does not say`;
  context.diagnostics.error(
    "slo",
    node.span,
    `"${text}" can show nothing: ${which} which answers are degraded`,
    'Write what a fallback looks like at the request, such as degraded: { header: { x-fallback: "1" } }.',
  );
}

/** Without a fault there is nothing to recover from, nothing to detect, and nothing to compare the baseline with. */
function checkWithoutFault(
  { metric, target, phases, text }: Slo,
  node: TreeNode,
  diagnostics: Diagnostics,
): void {
  const isAfter = metricOf(metric).timing !== null || phases.every((phase) => phase === "recovery");
  if (!isAfter && target.kind === "absolute") return;
  diagnostics.error(
    "slo",
    node.span,
    `"${text}" needs a fault, and the scenario has none`,
    isAfter
      ? "Add one under `faults:`, or take this SLO out."
      : "Add one under `faults:`, or promise a value of its own, such as `p99 < 300ms`.",
  );
}

function readSlo(
  text: string,
  node: TreeNode,
  options: ParseSloOptions,
  diagnostics: Diagnostics,
): Slo | null {
  const parsed = parseSlo(text, options);
  if (parsed.ok) return parsed.slo;
  const { message, offset, length, suggestion } = parsed.error;
  diagnostics.error(
    "slo",
    inside(node, text, offset, length),
    message,
    suggestion && `Did you mean \`${suggestion}\`?`,
  );
  return null;
}

/** Exact when the file holds the text as it is (no escapes, no variables), else the whole value. */
function inside(node: TreeNode, text: string, offset: number, length: number): Span {
  const { source, start, end } = node.span;
  const at = source.text.slice(start, end).indexOf(text);
  if (at < 0) return node.span;
  return { source, start: start + at + offset, end: start + at + offset + Math.max(1, length) };
}
