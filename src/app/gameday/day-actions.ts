import { lstat, readFile } from "node:fs/promises";
import { normalize } from "node:path";
import { actionsFileOf } from "../../gameday/actions/actions-file-of.js";
import { type Decision, decidedText } from "../../gameday/actions/decide-actions.js";
import { type ActionsFile, scenarioOf } from "../../gameday/actions/read-actions.js";
import type { GameDay } from "../../gameday/read-game-day.js";
import type { ActionOfDay, ScenarioOfDay } from "../../gameday/report/game-day-report.js";
import type { KeptAction } from "../../gameday/schema/actions.js";
import { isPast } from "../../gameday/schema/date.js";
import { Diagnostics, diagnosticHead } from "../../scenario/diagnostics/diagnostic.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { redact } from "../../support/redact.js";
import { writeWhole } from "../../support/write-whole.js";

/** Reads the action items as they are when the day begins. A scheduler may have read its game day weeks before. */
export async function openActions(
  gameDay: GameDay,
  cwd: string,
  onWarning: (text: string) => void,
): Promise<ActionsFile | null> {
  const diagnostics = new Diagnostics();
  try {
    const actions = await actionsFileOf(gameDay, cwd, diagnostics);
    const [first] = diagnostics.list(gameDay.secrets).filter(({ severity }) => severity === "error");
    if (first === undefined) return actions;
    onWarning(`no action item is looked at: ${diagnosticHead(first)}`);
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    onWarning(`no action item is looked at: ${error.message}`);
  }
  return null;
}

/** The items that are not closed: overdue ones first, then by due date. */
export function actionsOfDay(
  { data, folder, secrets }: GameDay,
  actions: ActionsFile | null,
  nowMs: number,
): readonly ActionOfDay[] {
  if (actions === null) return [];
  const mask = (text: string | undefined) => (text === undefined ? null : redact(text, secrets));
  const named = new Map(data.scenarios.map((name) => [normalize(name), name]));
  return actions.items
    .filter(({ status }) => status !== "closed")
    .map((item: KeptAction): ActionOfDay => {
      const { id, what, owner, due, ticket, fault, status } = item;
      const scenario = scenarioOf(item, actions.path, folder);
      return {
        id,
        what: redact(what, secrets),
        owner: mask(owner),
        due: due ?? null,
        ticket: mask(ticket),
        isOverdue: due !== undefined && isPast(due, nowMs),
        scenario: scenario === null ? null : (named.get(scenario) ?? scenario),
        fault: fault ?? null,
        before: status,
        status,
      };
    })
    .toSorted(
      (a, b) => Number(b.isOverdue) - Number(a.isOverdue) || (a.due ?? "9").localeCompare(b.due ?? "9"),
    );
}

/** The items, with what the day has made of those that were declared mended. */
export function decided(
  actions: readonly ActionOfDay[],
  scenarios: readonly ScenarioOfDay[],
): readonly ActionOfDay[] {
  return actions.map((action) =>
    action.before === "mended" ? { ...action, status: statusAfter(action, scenarios) } : action,
  );
}

/** An item that was not decided stays mended, and is run again the next time. */
function statusAfter(
  { scenario: file, fault }: ActionOfDay,
  scenarios: readonly ScenarioOfDay[],
): ActionOfDay["status"] {
  const scenario = scenarios.find((one) => one.file === file);
  if (!scenario) return "mended";
  const verdicts =
    fault === null
      ? [scenario.verdict]
      : (scenario.faults ?? []).filter(({ of }) => of === fault).map(({ verdict }) => verdict);
  if (verdicts.some((verdict) => verdict === "fail" || (fault === null && verdict === "aborted")))
    return "open";
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === "pass") ? "closed" : "mended";
}

/**
 * Writes what was decided into the team's file as it is now. An error is a warning: the day is over, and day.json says what
 * was decided.
 */
export async function keepDecisions(
  { path }: ActionsFile,
  actions: readonly ActionOfDay[],
  exerciseId: string,
  onWarning: (text: string) => void,
): Promise<void> {
  const decisions = actions.flatMap(({ id, before, status }): Decision[] =>
    before === "mended" && status !== "mended" ? [{ id, status }] : [],
  );
  if (decisions.length === 0) return;
  const byHand = `write it yourself: ${decisions.map(({ id, status }) => `${id} is ${status}`).join(", ")}`;
  try {
    const text = await readFile(path, "utf8");
    const changed = decidedText(text, decisions, exerciseId);
    if (changed === null) return onWarning(`${path} is not written so that it can be changed; ${byHand}`);
    if (changed === text) return;
    const { mode } = await lstat(path);
    await writeWhole(path, changed, mode);
  } catch (error) {
    onWarning(`${messageOf(error)}; ${byHand}`);
  }
}
