import type {
  ActionOfDay,
  FaultOfDay,
  GameDayReport,
  ScenarioOfDay,
} from "../../gameday/report/game-day-report.js";
import { EXIT } from "../../support/errors.js";
import { formatMs } from "../../support/format.js";
import { slug } from "../../support/names/slug.js";
import { type DetectedFault, quotedFaultLabel } from "./detection.js";
import { isBroken, isOpen } from "./lessons.js";

/** Something to change, derived from what the day has shown. */
export interface FoundAction {
  /** Made from scenario, fault and cause. It ends with a number where another item of the day or of the team has it. */
  readonly id: string;
  readonly cause:
    | "rollback_failed"
    | "not_run"
    | "undecided"
    | "not_proven"
    | "broken"
    | "no_client_timeout"
    | "upstream_died"
    | "unrecovered"
    | "unnoticed";
  readonly what: string;
  readonly scenario: string;
  /** null: the item is about the whole scenario. */
  readonly fault: string | null;
  /** null: no owner is named. */
  readonly owner: string | null;
}

/** The items, most urgent first, without those that the team keeps already. */
export function foundActions(day: GameDayReport, detected: readonly DetectedFault[]): readonly FoundAction[] {
  const owner = day.roles?.owner ?? day.owner;
  const asItem = (scenario: ScenarioOfDay) => (found: Found) => item(scenario.file, found, owner);
  const found = [
    ...day.scenarios.flatMap((scenario) => couldNot(scenario).map(asItem(scenario))),
    ...day.scenarios.flatMap((scenario) => broken(day, scenario).map(asItem(scenario))),
    ...day.scenarios.flatMap((scenario) => undecided(scenario).map(asItem(scenario))),
    ...day.scenarios.flatMap((scenario) => unnoticed(day, scenario, detected).map(asItem(scenario))),
  ];
  // Rounds of one fault ask for the same, and so does what the team has on its list.
  const isKept = (item: FoundAction) => (day.actions ?? []).some((kept) => isSame(kept, item));
  const fresh = found.filter(
    (item, index) => found.findIndex((one) => asksForTheSame(one, item)) === index && !isKept(item),
  );
  // Names without Latin letters give the same id. So do names that differ only in signs.
  const taken = new Set((day.actions ?? []).map(({ id }) => id));
  return fresh.map((item) => ({ ...item, id: freeId(item.id, taken) }));
}

function asksForTheSame(one: FoundAction, other: FoundAction): boolean {
  const isSameCause = one.cause === other.cause || (isMain(one) && isMain(other));
  return isSameCause && one.scenario === other.scenario && one.fault === other.fault;
}

/** Both wordings of a broken promise are the same item. */
function isMain({ cause }: Pick<FoundAction, "cause">): boolean {
  return cause === "broken" || cause === "no_client_timeout";
}

function freeId(id: string, taken: Set<string>): string {
  let free = id;
  for (let number = 2; taken.has(free); number += 1) free = `${id}-${number}`;
  taken.add(free);
  return free;
}

/** A broken promise is one thing to mend, whatever the team calls it. */
function isSame(kept: ActionOfDay, found: FoundAction): boolean {
  if (kept.status === "closed") return false;
  if (kept.scenario === found.scenario && kept.fault === found.fault)
    return isMain(found) || isIdOf(kept.id, found.id);
  // The team may leave out scenario and fault. When it names another fault, the same id is a coincidence.
  return kept.id === found.id && (kept.scenario === null || kept.fault === null);
}

/** @param base the id without the number that it was proposed with. */
function isIdOf(id: string, base: string): boolean {
  return id === base || (id.startsWith(`${base}-`) && /^\d+$/.test(id.slice(base.length + 1)));
}

const LONGEST_ID = 90;

type Found = Pick<FoundAction, "cause" | "what"> & { readonly fault: FaultOfDay | null };

function item(file: string, { cause, what, fault }: Found, owner: string | null): FoundAction {
  const suffix = isMain({ cause }) ? [] : [cause];
  const parts = [file.replace(/\.ya?ml$/i, ""), ...(fault === null ? [] : [fault.of]), ...suffix].map(slug);
  // Nothing is left of a name without Latin letters.
  const id = (parts.filter((part) => part !== "").join("-") || "item").slice(0, LONGEST_ID);
  return { id, cause, what, scenario: file, fault: fault?.of ?? null, owner };
}

function couldNot({ file, exitCode, verdict, reason }: ScenarioOfDay): Found[] {
  const whole = (cause: Found["cause"], what: string): Found[] => [{ cause, what, fault: null }];
  if (exitCode === EXIT.rollbackFailed)
    return whole("rollback_failed", `Find out why a fault of ${file} could not be taken out`);
  if (exitCode === null || verdict !== null || exitCode === EXIT.interrupted) return [];
  return whole("not_run", `Make ${file} run again: ${reason ?? ""}`);
}

function broken(day: GameDayReport, scenario: ScenarioOfDay): Found[] {
  const { file, faults = [] } = scenario;
  const found = faults.flatMap((fault) => ofFault(fault, quotedFaultLabel(day, scenario, fault.name)));
  const isExempt = faults.some((fault) => fault.verdict === "fail" && fault.exempt !== undefined);
  if (found.length > 0 || !isBroken(scenario) || isExempt) return found;
  return [{ cause: "broken", what: `Keep the promises of ${file}, also without a fault`, fault: null }];
}

function ofFault(fault: FaultOfDay, label: string): Found[] {
  const { verdict, findings, injectedAt } = fault;
  const found = (cause: Found["cause"], what: string): Found => ({ cause, what, fault });
  const has = (id: string) => findings.find((finding) => finding.id === id);
  if (injectedAt === null) return [];
  if (has("not_proven")) return [found("not_proven", `Let the load meet ${label}: the fault was not proven`)];
  if (verdict !== "fail" || fault.exempt !== undefined) return [];
  const waited = has("no_client_timeout");
  return [
    waited
      ? found(
          "no_client_timeout",
          `Give the service a timeout of its own${shorterThan(waited.facts)}: it waited under ${label}`,
        )
      : found("broken", `Keep every promise under ${label} (${fault.description})`),
    ...(has("upstream_died")
      ? [found("upstream_died", `Find out why an upstream refused connections during ${label}`)]
      : []),
    ...(has("unrecovered")
      ? [found("unrecovered", `Make the system come back by itself after ${label}`)]
      : []),
  ];
}

function shorterThan({ timeoutMs }: FaultOfDay["findings"][number]["facts"]): string {
  return typeof timeoutMs === "number" ? `, shorter than ${formatMs(timeoutMs)}` : "";
}

/** One item for all undecided faults of a scenario: the same means decide them. */
function undecided({ file, verdict, faults = [] }: ScenarioOfDay): Found[] {
  const open = faults
    .filter((fault) => isOpen(fault.verdict) && !isUnproven(fault))
    .map(({ name }) => `"${name}"`);
  if (open.length === 0 && (!isOpen(verdict) || faults.some(isUnproven))) return [];
  const names = open.length === 0 ? "" : `: ${open.join(", ")}`;
  const what = `Run ${file} longer, with more load or on a quieter machine, so that it is decided${names}`;
  return [{ cause: "undecided", what, fault: null }];
}

function isUnproven({ findings }: FaultOfDay): boolean {
  return findings.some(({ id }) => id === "not_proven");
}

/** Items for faults that nobody noticed. There are none when nobody watched. */
function unnoticed(
  { roles, notes }: GameDayReport,
  { file }: ScenarioOfDay,
  detected: readonly DetectedFault[],
): Found[] {
  const isWatched = notes.length > 0 || roles?.coordinator !== undefined || roles?.observers !== undefined;
  const unseen = detected
    .filter(
      ({ scenario, fault, response }) =>
        scenario.file === file &&
        fault.verdict === "fail" &&
        fault.exempt === undefined &&
        response?.detected === null,
    )
    .map(({ fault }) => `"${fault.name}"`);
  if (!isWatched || unseen.length === 0) return [];
  const what = `Make it noticed when ${file} breaks promises: nobody noted ${unseen.join(", ")}`;
  return [{ cause: "unnoticed", what, fault: null }];
}
