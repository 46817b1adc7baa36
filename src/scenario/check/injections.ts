import type { FaultKind, Said } from "../../faults/fault-kind.js";
import { DEED_KEYS, FAULT_KINDS, targetOf } from "../../faults/kinds/index.js";
import type { Modifier, Stream } from "../../faults/modifiers.js";
import type { Sound } from "../../quantities/sound-parts.js";
import type { InjectionInput } from "../schema/fault.js";
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
    const onProxy = done.filter(
      (name) => !FAULT_KINDS.some((kind) => kind.name === name && hasOwnTarget(kind)),
    );
    if (onProxy.length > 0) requireProxy(context, from, at);
    checkInjection(context, input, at);
    for (const kind of FAULT_KINDS) {
      const target = hasOwnTarget(kind) ? targetOf(kind, input) : proxy;
      if (target === null || !done.includes(kind.name)) continue;
      for (const slot of kind.slots(input, streamOf(context, input, at), saidAt(context, at))) {
        const place = `${target} ${slot}`;
        const other = taken.get(place);
        if (other !== undefined) {
          const where = hasOwnTarget(kind) ? target : "the same proxy";
          const message = `\`${kind.name}\` and \`${other}\` are the same ${slot} on ${where}`;
          context.diagnostics.error("conflict", context.key(...at, kind.name), message);
        }
        taken.set(place, kind.name);
      }
    }
    for (const { name, alone } of FAULT_KINDS) {
      if (alone === undefined || input[name] === undefined || onProxy.length === 1) continue;
      context.diagnostics.error("conflict", context.key(...at, name), `\`${name}\` ${alone}`);
    }
  };
  one(set, owners);
  for (const [number, input] of (set.inject ?? []).entries()) {
    if (!input) continue;
    const at = [...path, "inject", number];
    one(input, [at, ...owners]);
    if (DEED_KEYS.every((key) => context.lacks(...at, key))) {
      const help = `Give one or more of: ${DEED_KEYS.join(", ")}.`;
      context.diagnostics.error("missing-key", context.key(...at), "this injection does nothing", help);
    }
  }
}

function hasOwnTarget(kind: FaultKind): boolean {
  return kind.target !== undefined;
}

function saidAt(context: CheckContext, path: TreePath): Said {
  return { has: (key) => context.has(...path, key), lacks: (key) => context.lacks(...path, key) };
}

/** null where it is malformed. */
function streamOf(context: CheckContext, { stream }: SoundInjection, path: TreePath): Stream | null {
  return stream ?? (context.has(...path, "stream") ? null : "downstream");
}

/** What is done there, well formed or not. */
export function effects(context: CheckContext, path: TreePath): readonly string[] {
  return DEED_KEYS.filter((key) => context.has(...path, key));
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
  const said = saidAt(context, path);
  for (const kind of FAULT_KINDS) {
    for (const { code, path: inner, at, message, help } of kind.check?.(input, said) ?? []) {
      const place = [...path, ...inner];
      diagnostics.error(code, at === "key" ? context.key(...place) : context.at(...place), message, help);
    }
  }
  const done = effects(context, path);
  /** An unknown key may be meant for what `stream` and `toxicity` act on. */
  const actsOnNothing = (modifier: Modifier) =>
    said.has(modifier) &&
    !FAULT_KINDS.some(({ keys, modifiers }) => {
      const takes: readonly Modifier[] = modifiers;
      return takes.includes(modifier) && Object.keys(keys).some((key) => done.includes(key));
    }) &&
    !DEED_KEYS.some((key) => !done.includes(key) && !said.lacks(key));
  if (actsOnNothing("stream")) {
    const help = "partition: upstream or partition: downstream cuts one way.";
    diagnostics.error(
      "conflict",
      context.key(...path, "stream"),
      "`stream` has nothing to act on here",
      help,
    );
  }
  if (actsOnNothing("toxicity")) {
    diagnostics.error("conflict", context.key(...path, "toxicity"), "`toxicity` has nothing to act on here");
  }
}
