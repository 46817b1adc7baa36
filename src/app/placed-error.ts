import type { PlaceOfEndpoint } from "../plan/check-scenario.js";
import { UnreachableError } from "../run/reach/reachable.js";
import { placedText } from "../scenario/diagnostics/diagnostic.js";
import { FaultlineError } from "../support/errors.js";

/** An error of a run that is told like one of the scenario's checks: place, lines around it, and what to do. */
class PlacedError extends FaultlineError {
  /** It stands in the message, below the lines. */
  override get hint(): null {
    return null;
  }
}

/** The error with the place in the scenario of what could not be reached; any other as it is. */
export function atItsPlace(error: unknown, placeOf: PlaceOfEndpoint): unknown {
  if (!(error instanceof UnreachableError)) return error;
  const place = placeOf(error.endpoint);
  if (!place) return error;
  return new PlacedError(error.code, placedText(place, error.message, error.hint), { cause: error });
}
