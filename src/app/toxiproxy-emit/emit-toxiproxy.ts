import { FaultlineError } from "../../support/errors.js";
import { deploymentForm } from "./deployment-form.js";
import { sidecarForm } from "./sidecar-form.js";
import type { ToxiproxyToEmit } from "./toxiproxy-to-emit.js";

/** The version that the embedded server was compared with. */
const TOXIPROXY_IMAGE = "ghcr.io/shopify/toxiproxy:2.12.0";

/** @param image null: none was named. @throws FaultlineError USAGE where no registry has one for everybody. */
export function imageFor(server: ToxiproxyToEmit["server"], image: string | null): string {
  if (image !== null) return image;
  if (server === "toxiproxy") return TOXIPROXY_IMAGE;
  throw new FaultlineError(
    "USAGE",
    "no registry has an image of faultline for everybody: name your own with --image (`docker build` with faultline's Dockerfile, and a push), or take --server toxiproxy",
  );
}

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
