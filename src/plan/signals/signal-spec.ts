import type { SignalUrlKey } from "../../scenario/signals/kinds.js";
import type { ClientTls } from "../../support/outside/bounded-request.js";
import type { CommandAsk } from "../checks/check-spec.js";

/** What others know of the system. URLs, headers and commands may still hold placeholders (see RunPlan). */
export interface SignalSpec {
  readonly name: string;
  /** A command prints JSON, or a number. */
  readonly source: SignalEndpoint | CommandAsk | AlertEndpoint;
  readonly reads: SignalReads;
  /** Between two samples. null: as often as the server has them. */
  readonly everyMs: number | null;
  /** How long one answer may take. */
  readonly timeoutMs: number;
}

/** Where it is read, by a URL. */
export interface SignalEndpoint {
  /** Its key in the scenario. */
  readonly kind: SignalUrlKey;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** null: Node's defaults. */
  readonly tls: ClientTls | null;
}

/** What it reads there: queries, selectors or JSON paths. "" stands for the whole answer; of a command, for its last line. */
export type SignalReads =
  | { readonly of: "values"; readonly value: string }
  | { readonly of: "counts"; readonly bad: string; readonly total: string };

/** Where alerts are watched: at one of the two, or both. */
export interface AlertEndpoint {
  readonly kind: "alerts";
  /** The alert's name. */
  readonly alert: string;
  readonly prometheus: string | null;
  readonly alertmanager: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** For both. */
  readonly tls: ClientTls | null;
}

/** An alert is read as a signal is. No signal of a scenario has a blank in its name. */
export function nameOfAlertSignal(alert: string): string {
  return `alert ${alert}`;
}
