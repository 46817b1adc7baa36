/** What contradicts itself among the keys under `envoy:`. */

import type { Complaint } from "../../../notation/complaint.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { EnvoyInput } from "./input.js";

/** Envoy takes whole numbers of a million at the most. */
const FINEST_SHARE = 1e-6;

export function checkEnvoy({ admin, abort, delay }: ValidParts<EnvoyInput>): readonly Complaint[] {
  const complaints: Complaint[] = [];
  const say = (code: Complaint["code"], path: readonly string[], message: string, help: string) =>
    complaints.push({ code, path: ["envoy", ...path], at: "value", message, help });
  // What is no URL at all is said where all URLs are checked.
  if (admin !== undefined && /^https?:\/\/[^/?#]*(?:\/[^/]|\/\/|\/?[?#])/.test(admin)) {
    const [origin] = /^https?:\/\/[^/?#]*/.exec(admin) ?? [];
    say("wrong-value", ["admin"], "expected a URL without a path", `Write ${origin}.`);
  }
  if (abort) {
    const { status, grpc } = abort;
    if (status !== undefined && grpc !== undefined) {
      const message = "`grpc` and `status` both say what is answered";
      const help = "One abort has one of them: `grpc` for calls of gRPC.";
      complaints.push({ code: "conflict", path: ["envoy", "abort", "grpc"], at: "key", message, help });
    }
    if (grpc === "OK") {
      say("wrong-value", ["abort", "grpc"], "a call that ends with OK has not failed", "Write UNAVAILABLE.");
    }
  }
  for (const [key, part] of Object.entries({ abort, delay })) {
    const ratio = part?.share?.ratio;
    if (ratio === undefined || ratio >= FINEST_SHARE) continue;
    const help = "Envoy counts shares in millionths: 0.0001% is the least.";
    say("wrong-value", [key, "share"], "this is less than Envoy can count", help);
  }
  return complaints;
}
