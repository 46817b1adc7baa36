import type { CommandAsk } from "../../plan/checks/check-spec.js";
import type { SignalSpec } from "../../plan/signals/signal-spec.js";
import { askForText } from "../../support/outside/ask-command.js";
import { type SignalLook, troubled } from "../polled/look.js";
import { numbersIn } from "../polled/numbers-in.js";
import { PolledSource } from "../polled/polled-source.js";
import type { Quote, SignalSource, SignalSurroundings } from "../signal-source.js";

/** A number, or a few of them in JSON, take no more. */
const MOST_BYTES = 1_000_000;
/** Of what a command printed on its way to a failure. */
const MOST_OUTPUT = 200;

/** A command that is started again and again. What it prints on stdout is its answer. */
export function commandSource(
  spec: SignalSpec,
  source: CommandAsk,
  { env, starting, quote }: SignalSurroundings,
): SignalSource {
  const { timeoutMs, reads } = spec;
  return new PolledSource(spec, async (stop) => {
    const context = { env: env(spec.name), timeoutMs, signal: stop, starting };
    const { end, body } = await askForText(source, MOST_BYTES, context);
    const failed = (reason: string) => failure(reason, end.output, quote);
    if (end.kind === "unasked") return failed(end.reason);
    if (end.exitCode !== 0) return failed(`the command exited with code ${end.exitCode}`);
    const printed = body.toString("utf8").trim();
    if (printed === "") return troubled({ id: "nothing_printed", facts: {} });
    const isNumber = reads.of === "values" && reads.value === "";
    return numbersIn(isNumber ? lastLine(printed) : jsonPart(printed), reads, quote);
  });
}

function failure(reason: string, output: string, quote: Quote): SignalLook {
  const facts = { reason };
  return troubled({
    id: "command_failed",
    facts: output === "" ? facts : { ...facts, output: quote(lastLine(output), MOST_OUTPUT) },
  });
}

/** All of it, or else its last line: a program may say a few words before. */
function jsonPart(printed: string): string {
  try {
    JSON.parse(printed);
    return printed;
  } catch {
    return lastLine(printed);
  }
}

function lastLine(text: string): string {
  return text.split("\n").at(-1)?.trim() ?? "";
}
