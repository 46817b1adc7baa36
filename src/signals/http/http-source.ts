import type { SignalEndpoint, SignalSpec } from "../../plan/signals/signal-spec.js";
import { askPage } from "../polled/ask-page.js";
import { numbersIn } from "../polled/numbers-in.js";
import { PolledSource } from "../polled/polled-source.js";
import type { SignalSource, SignalSurroundings } from "../signal-source.js";

/** An endpoint that answers with JSON, or with one number. */
export function httpSource(
  spec: SignalSpec,
  source: SignalEndpoint,
  { quote }: Pick<SignalSurroundings, "quote">,
): SignalSource {
  return new PolledSource(spec, (stop) =>
    askPage({ source, timeoutMs: spec.timeoutMs }, stop, (text) => numbersIn(text, spec.reads, quote)),
  );
}
