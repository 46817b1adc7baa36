/** What contradicts itself among the keys under `istio:`. */

import type { Complaint } from "../../../notation/complaint.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { IstioInput } from "./input.js";

export function checkIstio({ host, abort, clients }: ValidParts<IstioInput>): readonly Complaint[] {
  const complaints: Complaint[] = [];
  if (host !== undefined && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host)) {
    const help = "For example payments, or payments.shop.svc.cluster.local.";
    const message = "expected the name of a host, without protocol, port or path";
    complaints.push({ code: "wrong-value", path: ["istio", "host"], at: "value", message, help });
  }
  if (abort?.status !== undefined && abort.grpc !== undefined) {
    const message = "`grpc` and `status` both say what is answered";
    const help = "One abort has one of them: `grpc` for calls of gRPC.";
    complaints.push({ code: "conflict", path: ["istio", "abort", "grpc"], at: "key", message, help });
  }
  if (abort?.grpc === "OK") {
    const message = "a call that ends with OK has not failed";
    complaints.push({
      code: "wrong-value",
      path: ["istio", "abort", "grpc"],
      at: "value",
      message,
      help: "Write UNAVAILABLE.",
    });
  }
  if (clients !== undefined && Object.keys(clients).length === 0) {
    const help = "For example clients: { app: cart }.";
    const message = "this names no pods";
    complaints.push({ code: "wrong-value", path: ["istio", "clients"], at: "value", message, help });
  }
  return complaints;
}
