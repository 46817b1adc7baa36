import { didYouMean } from "../did-you-mean.js";
import { type FaultInput, FIND_KEYS, INJECTION_KEYS, type InjectionInput } from "../schema/fault.js";
import type { TreePath } from "../tree.js";
import { parseBandwidth, parseDuration, parseSize } from "../units.js";
import type { CheckContext } from "./context.js";

export function checkFaults(context: CheckContext): void {
  const seen = new Map<string, number>();
  for (const { index, fault } of context.parts.faults) {
    const earlier = seen.get(fault.name);
    if (earlier !== undefined) {
      context.diagnostics.error(
        "duplicate",
        context.at("faults", index, "name"),
        `fault ${earlier + 1} is called \`${fault.name}\` too`,
        "Give each fault its own name; repeat: runs one several times.",
      );
    } else seen.set(fault.name, index);
    checkFault(context, fault, ["faults", index]);
  }
  checkProxyNames(context, ["faults"]);
}

/** Wherever a fault says `proxy`, also where something else about it is wrong. */
function checkProxyNames(context: CheckContext, path: TreePath): void {
  const faults = context.node(...path);
  if (faults?.kind !== "seq") return;
  // Names in a list of proxies cannot be looked up; that it is a list has been said.
  if (context.has("proxies") && context.node("proxies")?.kind !== "map") return;
  const known = context.names("proxies");
  for (const index of faults.items.keys()) {
    const proxy = context.node(...path, index, "proxy");
    if (proxy?.kind === "scalar" && typeof proxy.value === "string" && !known.includes(proxy.value)) {
      context.diagnostics.error(
        "unknown-name",
        proxy.span,
        `no proxy \`${proxy.value}\`${didYouMean(proxy.value, known)}`,
        known.length > 0 ? `Proxies here: ${known.join(", ")}.` : "Declare it under proxies: first.",
      );
    }
    checkProxyNames(context, [...path, index, "inject"]);
    checkProxyNames(context, [...path, index, "stages"]);
  }
}

function checkFault(context: CheckContext, fault: FaultInput, path: TreePath): void {
  const { diagnostics } = context;
  const own = effects(fault);
  if (fault.find) {
    const beside = [...own, ...(fault.inject ? ["inject"] : []), ...(fault.stages ? ["stages"] : [])];
    for (const key of beside) {
      const message = `\`${key}\` cannot stand beside \`find\`, which makes the fault itself`;
      diagnostics.error("conflict", context.key(...path, key), message);
    }
    requireProxy(context, fault.proxy, path);
    checkFind(context, fault.find, [...path, "find"]);
    return;
  }
  if (own.length === 0 && !fault.inject && !fault.stages) {
    diagnostics.error(
      "missing-key",
      context.at(...path, "name"),
      `the fault \`${fault.name}\` does nothing`,
      `Give one or more of: ${INJECTION_KEYS.join(", ")}, inject, stages, find.`,
    );
  }
  checkSet(context, fault, undefined, path);
  const stages = fault.stages ?? [];
  const lengthMs = (fault.duration ?? context.parts.sections.phases?.fault)?.ms ?? Number.POSITIVE_INFINITY;
  for (const [number, stage] of stages.entries()) {
    const stagePath = [...path, "stages", number];
    checkSet(context, stage, fault.proxy, stagePath);
    const before = stages[number - 1];
    const at = context.at(...stagePath, "at");
    if (before && stage.at.ms <= before.at.ms) {
      diagnostics.error("conflict", at, "each stage begins after the one before it");
    } else if (number === 0 && own.length === 0 && !fault.inject && stage.at.ms > 0) {
      const help = "Or say beside `stages` what holds until then.";
      diagnostics.error("conflict", at, "the first stage begins at 0s", help);
    } else if (stage.at.ms >= lengthMs) {
      const message = `the fault is over when this stage begins: it lasts ${lengthMs / 1000} s`;
      diagnostics.error("conflict", at, message, "Give the fault a longer `duration`.");
    }
  }
}

type InjectionSet = InjectionInput & { readonly inject?: readonly InjectionInput[] | undefined };

/** Everything that is in place at one time: what the fault (or stage) does itself, and its `inject` list. */
function checkSet(
  context: CheckContext,
  set: InjectionSet,
  inherited: string | undefined,
  path: TreePath,
): void {
  const taken = new Map<string, string>();
  const one = (input: InjectionInput, at: TreePath, fallback: string | undefined) => {
    const proxy = input.proxy ?? fallback;
    const done = effects(input);
    if (done.length > 0) requireProxy(context, proxy, at);
    checkInjection(context, input, at);
    for (const key of done) {
      for (const slot of slots(input, key)) {
        const place = `${proxy} ${slot}`;
        const other = taken.get(place);
        if (other !== undefined) {
          const message = `\`${key}\` and \`${other}\` are the same toxic (${slot}) on the same proxy`;
          context.diagnostics.error("conflict", context.key(...at, key), message);
        }
        taken.set(place, key);
      }
    }
    if (input.down && done.length > 1) {
      const message = "`down` refuses all connections, so nothing else can act on this proxy";
      context.diagnostics.error("conflict", context.key(...at, "down"), message);
    }
    return done;
  };
  one(set, path, inherited);
  for (const [number, input] of (set.inject ?? []).entries()) {
    const at = [...path, "inject", number];
    const done = one(input, at, set.proxy ?? inherited);
    if (done.length === 0) {
      const help = `Give one or more of: ${INJECTION_KEYS.join(", ")}.`;
      context.diagnostics.error("missing-key", context.key(...at), "this injection does nothing", help);
    }
  }
}

/** Which toxics a key makes, as "type stream". */
function slots(input: InjectionInput, key: (typeof INJECTION_KEYS)[number]): readonly string[] {
  const stream = input.stream ?? "downstream";
  switch (key) {
    case "jitter":
      return [];
    case "partition":
      return input.partition === "both" || input.partition === undefined
        ? ["timeout upstream", "timeout downstream"]
        : [`timeout ${input.partition}`];
    case "reset":
      return [`reset_peer ${stream}`];
    case "toxic":
      return [`${input.toxic?.type} ${stream}`];
    default:
      return [`${key} ${stream}`];
  }
}

function effects(input: InjectionInput): readonly (typeof INJECTION_KEYS)[number][] {
  return INJECTION_KEYS.filter((key) => input[key] !== undefined);
}

function requireProxy(context: CheckContext, proxy: string | undefined, owner: TreePath): void {
  if (proxy !== undefined) return;
  const known = context.names("proxies");
  const help = known.length > 0 ? `Proxies here: ${known.join(", ")}.` : "Declare it under proxies: first.";
  context.diagnostics.error(
    "missing-key",
    context.key(...owner),
    "`proxy` is missing: where does it act?",
    help,
  );
}

function checkInjection(context: CheckContext, input: InjectionInput, path: TreePath): void {
  const { diagnostics } = context;
  const done = effects(input);
  if (input.jitter && !input.latency) {
    const help = "For variation alone give latency: 0ms as well.";
    diagnostics.error(
      "conflict",
      context.key(...path, "jitter"),
      "`jitter` varies `latency`, which is missing",
      help,
    );
  }
  if (input.slicer?.variation && input.slicer.variation.bytes >= input.slicer.size.bytes) {
    const at = context.at(...path, "slicer", "variation");
    diagnostics.error("conflict", at, "`variation` is less than `size`");
  }
  if (input.slicer && input.slicer.size.bytes < 1) {
    diagnostics.error("wrong-value", context.at(...path, "slicer", "size"), "a piece has at least 1B");
  }
  if (input.stream && (done.length === 0 || done.every((key) => key === "partition" || key === "down"))) {
    const help = "partition: upstream or partition: downstream cuts one way.";
    const message = "`stream` has nothing to act on here";
    diagnostics.error("conflict", context.key(...path, "stream"), message, help);
  }
  if (input.toxicity && (done.length === 0 || done.every((key) => key === "down"))) {
    diagnostics.error("conflict", context.key(...path, "toxicity"), "`toxicity` has nothing to act on here");
  }
}

function checkFind(context: CheckContext, find: NonNullable<FaultInput["find"]>, path: TreePath): void {
  const { diagnostics } = context;
  const ranges = FIND_KEYS.filter((key) => find[key] !== undefined);
  const [key, second] = ranges;
  if (key === undefined) {
    const help = `Give one of: ${FIND_KEYS.join(", ")}; for example latency: 0ms..2s.`;
    diagnostics.error("missing-key", context.key(...path), "`find` needs a range to search", help);
    return;
  }
  if (second !== undefined) {
    const message = `\`find\` searches one range; \`${key}\` is given already`;
    diagnostics.error("conflict", context.key(...path, second), message);
  }
  if (find.precision === undefined) return;
  const parsed =
    key === "bandwidth"
      ? parseBandwidth(find.precision)?.kbPerS
      : key === "limit_data"
        ? parseSize(find.precision)?.bytes
        : parseDuration(find.precision)?.ms;
  const example = key === "bandwidth" ? "10KB/s" : key === "limit_data" ? "1KB" : "20ms";
  if (!parsed) {
    const message = `expected the unit of \`${key}\`, such as ${example}, above 0`;
    diagnostics.error("wrong-value", context.at(...path, "precision"), message);
  }
}
