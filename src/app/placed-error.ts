import { RequestProblem } from "../load/request-problem.js";
import { UnreachableError } from "../run/reach/reachable.js";
import { placedText } from "../scenario/diagnostics/diagnostic.js";
import { FaultlineError } from "../support/errors.js";
import type { PlannedScenario } from "./plan-to-run.js";

/** An error of a run that is told like one of the scenario's checks: place, lines around it, and what to do. */
class PlacedError extends FaultlineError {
  /** The message already has it, below the lines. */
  override get hint(): null {
    return null;
  }
}

/** Where a scenario is written. */
type Places = Pick<PlannedScenario, "placeOfEndpoint" | "placeInScenario">;

/**
 * An error about something unreachable, or about requests that do not fit the target, gets its place in the scenario. Any
 * other error stays as it is.
 */
export function atItsPlace(error: unknown, places: Places): unknown {
  if (error instanceof RequestProblem) return ofRequests(error, places);
  if (!(error instanceof UnreachableError)) return error;
  const place = places.placeOfEndpoint(error.endpoint);
  if (!place) return error;
  return new PlacedError(error.code, placedText(place, error.message, error.hint), { cause: error });
}

function ofRequests(error: RequestProblem, { placeInScenario }: Places): FaultlineError {
  if (placeInScenario === null) return error;
  const texts = error.complaints.map(({ path, at, message, help }) =>
    placedText(placeInScenario(path, at), message, help ?? null),
  );
  return new PlacedError(error.code, texts.join("\n\n"), { cause: error });
}
