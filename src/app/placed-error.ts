import type { PlaceOfEndpoint } from "../plan/check-and-plan.js";
import { UnreachableError } from "../run/reach/reachable.js";
import { placedText } from "../scenario/diagnostics/diagnostic.js";
import { FaultlineError } from "../support/errors.js";

/** An error of a run that is told like one of the scenario's checks: place, lines around it, and what to do. */
class PlacedError extends FaultlineError {
  /** The message already has it, below the lines. */
  override get hint(): null {
    return null;
  }
}

/** An error about something unreachable gets its place in the scenario. Any other error stays as it is. */
export function atItsPlace(error: unknown, placeOf: PlaceOfEndpoint): unknown {
  if (!(error instanceof UnreachableError)) return error;
  const place = placeOf(error.endpoint);
  if (!place) return error;
  return new PlacedError(error.code, placedText(place, error.message, error.hint), { cause: error });
}
