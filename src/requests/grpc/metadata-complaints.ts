import type { Complaint } from "../../notation/complaint.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import { hasSlots, literalText } from "../template-text.js";
import { valueMistake } from "./scalar-values.js";

/** Headers that the call itself makes. */
const OWN =
  /^(?:content-type|content-length|te|connection|host|transfer-encoding|keep-alive|upgrade|proxy-connection|grpc-.*)$/;

/** What is wrong with a map of metadata. */
export function metadataComplaints(
  metadata: ValidParts<Readonly<Record<string, string>>>,
): readonly Complaint[] {
  return Object.entries(metadata).flatMap(([name, value]): readonly Complaint[] => {
    const key = name.toLowerCase();
    if (OWN.test(key)) {
      const help =
        key === "grpc-timeout" ? "It is what is left of load.timeout: leave it out." : "Leave it out.";
      return [
        {
          code: "conflict",
          path: [name],
          at: "key",
          message: `\`${name}\` is set by faultline itself`,
          help,
        },
      ];
    }
    if (value === undefined || hasSlots(value)) return [];
    const text = literalText(value);
    if (key.endsWith("-bin")) {
      if (valueMistake({ kind: "scalar", type: "bytes" }, text) === null) return [];
      const message = "a value under a name that ends in -bin is base64";
      return [{ code: "wrong-value", path: [name], at: "value", message }];
    }
    if (/^[\x20-\x7e]*$/.test(text)) return [];
    const message = "metadata is one line of ASCII";
    const help = "Bytes go under a name that ends in -bin, as base64.";
    return [{ code: "wrong-value", path: [name], at: "value", message, help }];
  });
}
