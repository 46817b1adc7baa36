import { askedText } from "../checks/check-in-words.js";
import type { SignalSpec } from "./signal-spec.js";

/** What is read: "max(queue_depth)", "a_total of b_total", "the number". */
export function readText({ reads, source }: SignalSpec): string {
  if (source.kind === "alerts") return `the alert ${source.alert}`;
  if (reads.of === "counts") return `${reads.bad} of ${reads.total}`;
  return reads.value === "" ? "the number" : reads.value;
}

/** Where it is read: an address, or the command that is asked. */
export function sourceText({ source }: SignalSpec): string {
  if (source.kind === "command") return askedText({ ask: source });
  if (source.kind !== "alerts") return source.url;
  return [source.prometheus, source.alertmanager].filter((url) => url !== null).join(" and ");
}
