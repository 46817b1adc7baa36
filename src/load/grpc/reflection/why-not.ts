import { formatMs } from "../../../support/format.js";
import { grpcStatusCode, statusShown } from "../../../support/names/grpc-status.js";
import { oneLine } from "../../../support/printable.js";
import { saidIn, shownWords } from "../../../support/secrets/said.js";
import type { ReflectionEnd } from "./reflection-stream.js";

const LONGEST_SAID = 200;
/** It may name files and types of the target. */
const LONGEST_WHAT = 500;
const OF_THE_CALLER = [grpcStatusCode("UNAUTHENTICATED"), grpcStatusCode("PERMISSION_DENIED")];

/** Why the target's definitions are not known. `mask`: for what the target has said, before it is cut. */
export function whyNotReflected(
  end: ReflectionEnd,
  url: string,
  withinMs: number,
  mask: (text: string) => string,
): string {
  const words = (text: string, most: number) => shownWords(saidIn(text, most), mask, most);
  const target = `load.target ${url}`;
  switch (end.kind) {
    case "unimplemented":
      return `the call names no .proto file, and ${target} has no reflection service (neither v1 nor v1alpha)`;
    case "status": {
      const said = end.text === null || end.text === "" ? "" : `, "${words(end.text, LONGEST_SAID)}"`;
      return `the call names no .proto file, and the reflection service of ${target} answers ${statusShown(end.code)}${said}`;
    }
    case "lost":
      return `the call names no .proto file, and ${target} cannot be asked for its definitions: ${oneLine(end.reason)}`;
    case "silent":
      return `the call names no .proto file, and ${target} did not say its definitions within ${formatMs(withinMs)}`;
    case "nonsense":
      return `the call names no .proto file, and the reflection service of ${target} ${words(end.what, LONGEST_WHAT)}`;
  }
}

/** `varying`: names of metadata that was not sent. */
export function whatToDo(end: ReflectionEnd, varying: readonly string[]): string {
  const name = "Name the file of the service: grpc: { proto: FILE, method: … }.";
  if (end.kind === "unimplemented") return `${name} Or register the reflection service in the server.`;
  if (end.kind !== "status" || !OF_THE_CALLER.includes(end.code) || varying.length === 0) return name;
  return `${name} Metadata whose value is known only while the load goes on is not sent with the question: ${varying.join(", ")}.`;
}
