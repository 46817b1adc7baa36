import { FaultlineError } from "../../support/errors.js";
import { deploymentForm } from "./deployment-form.js";
import { sidecarForm } from "./sidecar-form.js";
import type { ToxiproxyToEmit } from "./toxiproxy-to-emit.js";

/** What stands for it when no image is named. Toxiproxy: the version that the embedded server was compared with. */
export const TOXIPROXY_IMAGES: Readonly<Record<ToxiproxyToEmit["server"], string>> = {
  faultline: "faultline",
  toxiproxy: "ghcr.io/shopify/toxiproxy:2.12.0",
};

const FORMS: Readonly<Record<ToxiproxyToEmit["form"], (input: ToxiproxyToEmit) => string>> = {
  deployment: deploymentForm,
  sidecar: sidecarForm,
};

/** What a label, and the name of a container or a Service, can be. */
const NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Manifests of a Toxiproxy that stands in a cluster, as text. @throws FaultlineError USAGE */
export function emitToxiproxy(input: ToxiproxyToEmit): string {
  const names = { "--name": input.name, "--namespace": input.namespace, "--into": input.into };
  for (const [option, name] of Object.entries(names)) {
    if (name === null || NAME.test(name)) continue;
    const message = `${option}: expected lower-case letters, digits and -, not ${JSON.stringify(name)}`;
    throw new FaultlineError("USAGE", message);
  }
  return FORMS[input.form](input);
}
