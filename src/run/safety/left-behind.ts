import type { RunEnding } from "../../measure/record.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import type { UndoFailure } from "../../support/teardown.js";

export function isRollbackFailure(error: unknown): boolean {
  return error instanceof FaultlineError && error.code === "ROLLBACK_FAILED";
}

/** How the run ended. A fault that may still be in place comes first, whatever else ended the run. */
export function endingOf(ending: RunEnding, leftBehind: readonly UndoFailure[], atS: number): RunEnding {
  if (leftBehind.length === 0) return ending;
  const before = ending.kind === "completed" ? "" : ` Before that: ${ending.reason}`;
  const reason = `Cleaning up failed, so this may still be in place: ${listOf(leftBehind)}.${before}`;
  return { kind: "failed", code: "ROLLBACK_FAILED", reason, atS };
}

function listOf(leftBehind: readonly UndoFailure[]): string {
  // Messages end as sentences do. The list adds its own full stop.
  return leftBehind.map(({ name, error }) => `${name}: ${messageOf(error).replace(/\.$/, "")}`).join("; ");
}

/**
 * The first error's text comes first. What could not be undone is listed with it and decides the exit code.
 * @param error null: there is no other. @returns null when there is none at all.
 */
export function withLeftBehind(error: unknown, leftBehind: readonly UndoFailure[]): unknown {
  if (leftBehind.length === 0) return error;
  const failed = `cleaning up failed: ${listOf(leftBehind)}`;
  const message = error === null ? failed : `${messageOf(error)}\nand ${failed}`;
  return new FaultlineError("ROLLBACK_FAILED", message, { cause: error });
}
