/** What contradicts itself among the keys under `linkerd:`. */

import type { Complaint } from "../../../notation/complaint.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { LinkerdInput } from "./input.js";

/** RFC 1035, which names of Services keep to. */
const SERVICE_NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** What the published HTTPRoute takes as a path, but for what its server looks at: "//", "/..". */
const PATH = /^\/([-\w/.~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})*$/;

export function checkLinkerd(input: ValidParts<LinkerdInput>): readonly Complaint[] {
  const { service, port, backend, path, clients } = input;
  const complaints: Complaint[] = [];
  const wrong = (way: readonly string[], message: string, help: string) =>
    complaints.push({ code: "wrong-value", path: ["linkerd", ...way], at: "value", message, help });
  const noService = "expected the name of a Service, without its namespace, a protocol or a port";
  if (service !== undefined && !SERVICE_NAME.test(service)) {
    wrong(["service"], noService, "For example payments. `namespace` and `port` are keys of their own.");
  }
  if (backend?.service !== undefined) {
    if (!SERVICE_NAME.test(backend.service)) {
      wrong(["backend", "service"], noService, "It is in the same namespace, for example error-injector.");
    } else if (backend.service === service && backend.port === port) {
      const message = "the requests go there already";
      wrong(["backend", "service"], message, "Name a Service that answers wrong, or leave `backend` out.");
    }
  }
  if (path !== undefined && !PATH.test(path)) {
    wrong(["path"], "expected a path that begins with /, without ? and #", "For example /charges.");
  }
  if (clients !== undefined && Object.keys(clients).length === 0) {
    wrong(["clients"], "this names no pods", "For example clients: { app: cart }.");
  }
  return complaints;
}
