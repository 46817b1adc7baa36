import { type Diagnostic, diagnosticsText } from "../scenario/diagnostics/diagnostic.js";
import { FaultlineError } from "../support/errors.js";

/** A game day that cannot be run, with everything that is wrong about it. */
export class GameDayError extends FaultlineError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], dropped = 0) {
    super("GAMEDAY_INVALID", diagnosticsText(diagnostics, dropped));
    this.diagnostics = diagnostics;
  }

  /** The format's reference does not help with a missing file or an unknown name. */
  override get hint(): string | null {
    return this.diagnostics.some(({ isAboutFormat }) => isAboutFormat) ? super.hint : null;
  }
}
