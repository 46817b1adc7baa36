import { DEED_KEYS, FAULT_KEYS, kindOfAxis, SEARCH_AXES, targetKeyOf } from "../../../faults/kinds/index.js";
import { DECLARED_UNDER, TARGET_KEYS, type TargetKey } from "../../../faults/target-key.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import { didYouMean } from "../../diagnostics/did-you-mean.js";
import type { FaultInput } from "../../schema/fault.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";
import { checkEndsInTime, checkStaysDone } from "./fault-ends.js";
import { checkFind } from "./find.js";
import { checkProtocol, checkSet, declaredHelp, effects, idleTarget, requireTarget } from "./injections.js";

type FaultParts = ValidParts<FaultInput>;

export function checkFaults(context: CheckContext): void {
  const seen = new Map<string, number>();
  for (const [index, fault] of (context.parts.valid.faults ?? []).entries()) {
    if (!fault) continue;
    const earlier = fault.name === undefined ? undefined : seen.get(fault.name);
    if (earlier !== undefined) {
      context.diagnostics.error(
        "duplicate",
        context.at("faults", index, "name"),
        `fault ${earlier + 1} is called \`${fault.name}\` too`,
        "Give each fault its own name; repeat: runs one several times.",
      );
    } else if (fault.name !== undefined) seen.set(fault.name, index);
    checkFault(context, fault, ["faults", index]);
    checkIdleTargets(context, ["faults", index]);
  }
  checkRoundNames(context);
  checkStaysDone(context);
  for (const key of TARGET_KEYS) checkTargetNames(context, key, ["faults"]);
}

/** What the second round of "slow cache" and later ones are called in records and reports. */
const ROUND_NAME = /^(.*) \(round (\d+)\)$/s;

/** Records and reports know a later round by its name: no other fault may be called that. */
function checkRoundNames(context: CheckContext): void {
  const faults = (context.parts.valid.faults ?? []).map((fault) => fault ?? {});
  for (const [index, { name }] of faults.entries()) {
    const [, of, round] = ROUND_NAME.exec(name ?? "") ?? [];
    const repeated = faults.find((fault) => fault.name !== undefined && fault.name === of);
    if (repeated === undefined || Number(round) < 2 || Number(round) > (repeated.repeat ?? 1)) continue;
    context.diagnostics.error(
      "duplicate",
      context.at("faults", index, "name"),
      `a round of \`${of}\` is called \`${name}\` too, as it has \`repeat\``,
      "Give this fault another name.",
    );
  }
}

/** Wherever a fault names a target, also where something else about it is wrong. */
function checkTargetNames(context: CheckContext, key: TargetKey, path: TreePath): void {
  const faults = context.node(...path);
  if (faults?.kind !== "seq") return;
  const section = DECLARED_UNDER[key];
  // Names in a list of proxies cannot be looked up. The list itself already has a complaint.
  if (context.has(section) && context.node(section)?.kind !== "map") return;
  const known = context.names(section);
  for (const index of faults.items.keys()) {
    const named = context.node(...path, index, key);
    if (named?.kind === "scalar" && typeof named.value === "string" && !known.includes(named.value)) {
      context.diagnostics.error(
        "unknown-name",
        named.span,
        `no ${key} \`${named.value}\`${didYouMean(named.value, known)}`,
        declaredHelp(context, key),
      );
    }
    checkTargetNames(context, key, [...path, index, "inject"]);
    checkTargetNames(context, key, [...path, index, "stages"]);
  }
}

/** A target that nothing is done to is meant for something: a key that is missing, or another target. */
function checkIdleTargets(context: CheckContext, path: TreePath): void {
  for (const key of TARGET_KEYS) {
    const idle = idleTarget(context, key, path);
    if (idle === null) continue;
    const { deed, actsOn } = idle;
    const place = context.key(...path, key);
    if (actsOn === null) {
      const message = `\`${key}\` has nothing to act on here: \`${deed}\` says itself what it is done to`;
      context.diagnostics.error("conflict", place, message, "Leave it out.");
      continue;
    }
    const message = `\`${key}\` has nothing to act on here: \`${deed}\` is done to a ${actsOn}`;
    const help = `Name it with \`${actsOn}\`. ${declaredHelp(context, actsOn)}`;
    context.diagnostics.error("conflict", place, message, help);
  }
  for (const list of ["inject", "stages"] as const) {
    const parts = context.node(...path, list);
    if (parts?.kind !== "seq") continue;
    for (const index of parts.items.keys()) checkIdleTargets(context, [...path, list, index]);
  }
}

/** Keys of a fault that a search ignores, and what it does instead. */
const NOT_OF_A_SEARCH = [
  ["slos", "A search is judged by its `until` alone."],
  ["repeat", "A search is made once, after all other faults."],
] as const;

function checkFault(context: CheckContext, fault: FaultParts, path: TreePath): void {
  const { diagnostics } = context;
  const own = effects(context, path);
  if (context.has(...path, "find")) {
    const beside = [...own, ...(["inject", "stages"] as const).filter((key) => context.has(...path, key))];
    for (const key of beside) {
      const message = `\`${key}\` cannot stand beside \`find\`, which makes the fault itself`;
      diagnostics.error("conflict", context.key(...path, key), message);
    }
    for (const [key, instead] of NOT_OF_A_SEARCH) {
      if (!context.has(...path, key)) continue;
      const message = `\`${key}\` has no effect beside \`find\``;
      diagnostics.warning("suspicious", context.key(...path, key), message, instead);
    }
    const axis = SEARCH_AXES.find(({ key }) => context.has(...path, "find", key));
    requireTarget(context, axis ? targetKeyOf(kindOfAxis(axis.key)) : "proxy", [path], path);
    if (fault.find) checkFind(context, fault.find, [...path, "find"]);
    if (axis && fault.proxy !== undefined)
      checkProtocol(context, fault.proxy, kindOfAxis(axis.key), [...path, "find", axis.key]);
    return;
  }
  // A key that only says how complains for itself.
  if ([...Object.keys(FAULT_KEYS), "inject", "stages", "find"].every((key) => context.lacks(...path, key))) {
    const name = fault.name === undefined ? "the fault" : `the fault \`${fault.name}\``;
    diagnostics.error(
      "missing-key",
      context.at(...path, "name"),
      `${name} does nothing`,
      `Give one or more of: ${DEED_KEYS.join(", ")}, inject, stages, find.`,
    );
  }
  checkSet(context, fault, [path]);
  const stages = fault.stages ?? [];
  const lengthMs = (context.has(...path, "duration") ? fault : { duration: faultPhase(context) }).duration
    ?.ms;
  const ownMs = stages[0]?.at?.ms ?? lengthMs;
  if (ownMs !== undefined) checkEndsInTime(context, fault, path, ownMs);
  for (const [number, stage] of stages.entries()) {
    if (!stage) continue;
    const stagePath = [...path, "stages", number];
    checkSet(context, stage, [stagePath, path]);
    const overMs = stages[number + 1]?.at?.ms ?? lengthMs;
    if (stage.at && overMs !== undefined) checkEndsInTime(context, stage, stagePath, overMs - stage.at.ms);
    const beginMs = stage.at?.ms;
    if (beginMs === undefined) continue;
    const beforeMs = stages[number - 1]?.at?.ms;
    const at = context.at(...stagePath, "at");
    if (beforeMs !== undefined && beginMs <= beforeMs) {
      diagnostics.error("conflict", at, "each stage begins after the one before it");
    } else if (number === 0 && own.length === 0 && context.lacks(...path, "inject") && beginMs > 0) {
      const help = "Or say beside `stages` what holds until then.";
      diagnostics.error("conflict", at, "the first stage begins at 0s", help);
    } else if (lengthMs !== undefined && beginMs >= lengthMs) {
      const message = `the fault is over when this stage begins: it lasts ${lengthMs / 1000} s`;
      diagnostics.error("conflict", at, message, "Give the fault a longer `duration`.");
    }
  }
}

function faultPhase(context: CheckContext) {
  return context.parts.valid.phases?.fault;
}
