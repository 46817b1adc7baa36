import type { FaultKind, Said } from "../../../faults/fault-kind.js";
import {
  DEED_KEYS,
  FAULT_KINDS,
  kindOfAxis,
  SEARCH_AXES,
  targetKeyOf,
  targetOf,
} from "../../../faults/kinds/index.js";
import type { Modifier, Stream } from "../../../faults/modifiers.js";
import { DECLARED_UNDER, TARGET_KEYS, type TargetKey } from "../../../faults/target-key.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { InjectionInput } from "../../schema/fault.js";
import type { TreePath } from "../../text/tree.js";
import { isKnownScheme, splitProxyAddress, tlsSides } from "../../values/proxy-address.js";
import type { CheckContext } from "../context.js";

type InjectionParts = ValidParts<InjectionInput>;
type InjectionSet = InjectionParts & {
  readonly inject?: readonly (InjectionParts | undefined)[] | undefined;
};

/**
 * Everything that is in place at one time: what the fault (or stage) does itself, and its `inject` list. `owners`: the
 * paths of the set itself and of those that it inherits its targets from.
 */
export function checkSet(context: CheckContext, set: InjectionSet, owners: readonly TreePath[]): void {
  const [path = []] = owners;
  const taken = new Map<string, string>();
  const one = (input: InjectionParts, from: readonly TreePath[]) => {
    const [at = []] = from;
    const done = effects(context, at);
    for (const key of TARGET_KEYS) if (actOn(key, done).length > 0) requireTarget(context, key, from, at);
    checkInjection(context, input, at);
    const proxy = namedTarget(context, "proxy", from);
    if (proxy !== null) checkProxyFits(context, proxy, done, at);
    for (const kind of FAULT_KINDS) {
      const target = hasOwnTarget(kind)
        ? targetOf(kind, input)
        : namedTarget(context, targetKeyOf(kind), from);
      if (target !== null && done.includes(kind.name))
        checkProtocol(context, target, kind, [...at, kind.name]);
      if (target === null || !done.includes(kind.name)) continue;
      for (const slot of kind.slots(input, streamOf(context, input, at), saidAt(context, at))) {
        const place = `${target} ${slot}`;
        const other = taken.get(place);
        if (other !== undefined) {
          const where = hasOwnTarget(kind) ? target : `the same ${targetKeyOf(kind)}`;
          const why = kind.clash ?? `are the same ${slot} on ${where}`;
          const message = `\`${kind.name}\` and \`${other}\` ${why}`;
          context.diagnostics.error("conflict", context.key(...at, kind.name), message);
        }
        taken.set(place, kind.name);
      }
    }
    for (const kind of FAULT_KINDS) {
      if (kind.alone === undefined || input[kind.name] === undefined) continue;
      if (actOn(targetKeyOf(kind), done).length === 1) continue;
      context.diagnostics.error("conflict", context.key(...at, kind.name), `\`${kind.name}\` ${kind.alone}`);
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

/** The first of `owners` that names one decides. */
function namedTarget(context: CheckContext, key: TargetKey, owners: readonly TreePath[]): string | null {
  const node = owners.map((owner) => context.node(...owner, key)).find((value) => value !== undefined);
  return node?.kind === "scalar" ? node.text : null;
}

/** Of these deeds those that are done to what `key` names. */
export function actOn(key: TargetKey, deeds: readonly string[]): readonly string[] {
  return deeds.filter((deed) =>
    FAULT_KINDS.some((kind) => deed in kind.keys && !hasOwnTarget(kind) && targetKeyOf(kind) === key),
  );
}

/** What crosses a proxy that knows a protocol, and what acts on it. */
const PROTOCOLS: Readonly<Record<string, { what: string; shown: string; instead: string }>> = {
  http: {
    what: "requests",
    shown: "HTTP",
    instead: "Write `http:` with what is to be done, such as status: 503.",
  },
  grpc: {
    what: "calls of gRPC",
    shown: "gRPC",
    instead: "Write `grpc:` with what is to be done, such as status: UNAVAILABLE.",
  },
};

/** Some kinds act on what only a proxy sees that knows what crosses it. */
export function checkProtocol(context: CheckContext, proxy: string, kind: FaultKind, path: TreePath): void {
  const { protocol: needed } = kind;
  if (needed === undefined || !context.names("proxies").includes(proxy)) return;
  const { protocol } = context.parts.valid.proxies?.[proxy] ?? {};
  // What is malformed there has been complained about.
  if (protocol === needed || (protocol === undefined && context.has("proxies", proxy, "protocol"))) return;
  const { what, shown } = PROTOCOLS[needed] ?? { what: "requests", shown: needed };
  const crossing = protocol === undefined ? undefined : PROTOCOLS[protocol];
  const message =
    crossing === undefined
      ? `\`${path.at(-1)}\` acts on single ${what}, which the proxy \`${proxy}\` does not see`
      : `\`${path.at(-1)}\` acts on single ${what}, and \`protocol: ${protocol}\` says that ${crossing.what} cross the proxy \`${proxy}\``;
  const change = `${crossing === undefined ? "Write" : "Or write"} protocol: ${needed} under proxies: ${proxy}:, if ${shown} is what crosses it.`;
  const help = crossing === undefined ? change : `${crossing.instead} ${change}`;
  context.diagnostics.error("conflict", context.key(...path), message, help);
}

function hasOwnTarget(kind: FaultKind): boolean {
  return kind.target !== undefined;
}

/** A kind may need a proxy that knows more than bytes. */
function checkProxyFits(context: CheckContext, name: string, done: readonly string[], at: TreePath): void {
  const { listen, upstream, protocol = null } = context.parts.valid.proxies?.[name] ?? {};
  // Where something of it is malformed, or it is not there, that has been said.
  if (listen === undefined || upstream === undefined) return;
  if (context.has("proxies", name, "protocol") && protocol === null) return;
  if (![listen, upstream].every((each) => isKnownScheme(splitProxyAddress(each).scheme))) return;
  const traits = { name, protocol, servesTls: tlsSides({ listen, upstream }).services };
  for (const kind of FAULT_KINDS) {
    const { lacking }: FaultKind = kind;
    const lack = done.includes(kind.name) ? (lacking?.(traits) ?? null) : null;
    if (lack === null) continue;
    context.diagnostics.error("conflict", context.key(...at, kind.name), lack.message, lack.help);
  }
}

export function saidAt(context: CheckContext, path: TreePath): Said {
  return {
    has: (...keys) => context.has(...path, ...keys),
    lacks: (...keys) => context.lacks(...path, ...keys),
  };
}

/** null when it is malformed. */
function streamOf(context: CheckContext, { stream }: InjectionParts, path: TreePath): Stream | null {
  return stream ?? (context.has(...path, "stream") ? null : "downstream");
}

/** What is done there, well formed or not. */
export function effects(context: CheckContext, path: TreePath): readonly string[] {
  return DEED_KEYS.filter((key) => context.has(...path, key));
}

/** All that is done there and in its parts. */
function deedsBelow(context: CheckContext, path: TreePath): readonly string[] {
  const searched = SEARCH_AXES.filter(({ key }) => context.has(...path, "find", key)).map(
    ({ key }) => kindOfAxis(key).name,
  );
  const parts = (["inject", "stages"] as const).flatMap((list) => {
    const node = context.node(...path, list);
    return node?.kind === "seq" ? [...node.items.keys()].map((index) => [...path, list, index]) : [];
  });
  return [...effects(context, path), ...searched, ...parts.flatMap((part) => deedsBelow(context, part))];
}

/**
 * A target that is named and that nothing is done to, there and below.
 * @returns null where it is none; else something that is done, and what it is done to. `actsOn: null`: what it says itself.
 */
export function idleTarget(
  context: CheckContext,
  key: TargetKey,
  path: TreePath,
): { readonly deed: string; readonly actsOn: TargetKey | null } | null {
  if (!context.has(...path, key) || context.isUnclear(...path)) return null;
  const deeds = deedsBelow(context, path);
  if (actOn(key, deeds).length > 0) return null;
  for (const actsOn of TARGET_KEYS) {
    const [deed] = actOn(actsOn, deeds);
    if (deed !== undefined) return { deed, actsOn };
  }
  const [deed] = deeds;
  return deed === undefined ? null : { deed, actsOn: null };
}

const WHERE: Readonly<Record<TargetKey, string>> = {
  proxy: "where does it act?",
  service: "whose processes are meant?",
};

/** One of `owners` has to name what `owner` acts on. */
export function requireTarget(
  context: CheckContext,
  key: TargetKey,
  owners: readonly TreePath[],
  owner: TreePath,
): void {
  if (owners.some((path) => !context.lacks(...path, key))) return;
  // That complaint says it.
  if (TARGET_KEYS.some((other) => idleTarget(context, other, owner) !== null)) return;
  context.diagnostics.error(
    "missing-key",
    context.key(...owner),
    `\`${key}\` is missing: ${WHERE[key]}`,
    declaredHelp(context, key),
  );
}

/** What `key` can name. */
export function declaredHelp(context: CheckContext, key: TargetKey): string {
  const section = DECLARED_UNDER[key];
  const known = context.names(section);
  if (known.length === 0) return `Declare it under ${section}: first.`;
  return `${section.charAt(0).toUpperCase()}${section.slice(1)} here: ${known.join(", ")}.`;
}

function checkInjection(context: CheckContext, input: InjectionParts, path: TreePath): void {
  const { diagnostics } = context;
  const said = saidAt(context, path);
  for (const kind of FAULT_KINDS) context.complain(kind.check?.(input, said) ?? [], path);
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
