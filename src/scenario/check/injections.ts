import { INJECTION_KEYS, type InjectionInput } from "../schema/fault.js";
import type { Sound } from "../schema/sound-parts.js";
import type { TreePath } from "../text/tree.js";
import type { CheckContext } from "./context.js";

type SoundInjection = Sound<InjectionInput>;
type InjectionSet = SoundInjection & {
  readonly inject?: readonly (SoundInjection | undefined)[] | undefined;
};

/**
 * Everything that is in place at one time: what the fault (or stage) does itself, and its `inject` list. `owners`: the
 * paths of the set itself and of those that it inherits `proxy` from.
 */
export function checkSet(context: CheckContext, set: InjectionSet, owners: readonly TreePath[]): void {
  const [path = []] = owners;
  const taken = new Map<string, string>();
  const one = (input: SoundInjection, from: readonly TreePath[]) => {
    const [at = []] = from;
    const node = from.map((owner) => context.node(...owner, "proxy")).find((value) => value !== undefined);
    const proxy = node?.kind === "scalar" ? node.text : null;
    const done = effects(context, at);
    if (done.length > 0) requireProxy(context, from, at);
    checkInjection(context, input, at);
    for (const key of proxy === null ? [] : done) {
      for (const slot of slots(context, input, key, at)) {
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
  };
  one(set, owners);
  for (const [number, input] of (set.inject ?? []).entries()) {
    if (!input) continue;
    const at = [...path, "inject", number];
    one(input, [at, ...owners]);
    if (INJECTION_KEYS.every((key) => context.lacks(...at, key))) {
      const help = `Give one or more of: ${INJECTION_KEYS.join(", ")}.`;
      context.diagnostics.error("missing-key", context.key(...at), "this injection does nothing", help);
    }
  }
}

type InjectionKey = (typeof INJECTION_KEYS)[number];

/** Which toxics a key makes, as "type stream"; none where something malformed decides it. */
function slots(
  context: CheckContext,
  input: SoundInjection,
  key: InjectionKey,
  path: TreePath,
): readonly string[] {
  const isKnown = (part: "heal" | "toxic" | "stream") =>
    input[part] !== undefined || !context.has(...path, part);
  const stream = input.stream ?? "downstream";
  switch (key) {
    case "jitter":
      return [];
    case "partition":
      if (input.partition === undefined || !isKnown("heal")) return [];
      return (input.partition === "both" ? ["upstream", "downstream"] : [input.partition]).map(
        (way) => `${input.heal === "resume" ? "bandwidth" : "timeout"} ${way}`,
      );
    case "reset":
      return isKnown("stream") ? [`reset_peer ${stream}`] : [];
    case "toxic":
      return isKnown("stream") && input.toxic?.type !== undefined ? [`${input.toxic.type} ${stream}`] : [];
    default:
      return isKnown("stream") ? [`${key} ${stream}`] : [];
  }
}

/** What is done there, well formed or not. */
export function effects(context: CheckContext, path: TreePath): readonly InjectionKey[] {
  return INJECTION_KEYS.filter((key) => context.has(...path, key));
}

/** One of `owners` has to say where `owner` acts. */
export function requireProxy(context: CheckContext, owners: readonly TreePath[], owner: TreePath): void {
  if (owners.some((path) => !context.lacks(...path, "proxy"))) return;
  const known = context.names("proxies");
  const help = known.length > 0 ? `Proxies here: ${known.join(", ")}.` : "Declare it under proxies: first.";
  context.diagnostics.error(
    "missing-key",
    context.key(...owner),
    "`proxy` is missing: where does it act?",
    help,
  );
}

function checkInjection(context: CheckContext, input: SoundInjection, path: TreePath): void {
  const { diagnostics } = context;
  const done = effects(context, path);
  /** An unknown key may be meant for what `stream` and `toxicity` act on. */
  const actsOn = (keys: readonly InjectionKey[]) =>
    done.some((key) => !keys.includes(key)) ||
    INJECTION_KEYS.some((key) => !done.includes(key) && !context.lacks(...path, key));
  if (context.has(...path, "jitter") && context.lacks(...path, "latency")) {
    const help = "For variation alone give latency: 0ms as well.";
    diagnostics.error(
      "conflict",
      context.key(...path, "jitter"),
      "`jitter` varies `latency`, which is missing",
      help,
    );
  }
  if (context.has(...path, "heal") && context.lacks(...path, "partition")) {
    const help = "Write partition: both (or upstream, downstream) beside it, or leave `heal` out.";
    const message = "`heal` says how a `partition` ends, which is missing";
    diagnostics.error("conflict", context.key(...path, "heal"), message, help);
  }
  const { size, variation } = input.slicer ?? {};
  if (size && variation && variation.bytes >= size.bytes) {
    const at = context.at(...path, "slicer", "variation");
    diagnostics.error("conflict", at, "`variation` is less than `size`");
  }
  if (size && size.bytes < 1) {
    diagnostics.error("wrong-value", context.at(...path, "slicer", "size"), "a piece has at least 1B");
  }
  if (context.has(...path, "stream") && !actsOn(["partition", "down"])) {
    const help = "partition: upstream or partition: downstream cuts one way.";
    const message = "`stream` has nothing to act on here";
    diagnostics.error("conflict", context.key(...path, "stream"), message, help);
  }
  if (context.has(...path, "toxicity") && !actsOn(["down"])) {
    diagnostics.error("conflict", context.key(...path, "toxicity"), "`toxicity` has nothing to act on here");
  }
}
