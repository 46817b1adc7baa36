import type { RightsFor } from "./cluster/rights-for.js";
import type { FaultDriver } from "./fault-driver.js";
import type { Undo } from "./undo-entry.js";

/** Each part is loaded when it is needed: heal and the watchdog load the undoing alone, so what that imports stays small. */
interface DriverParts {
  readonly driver: () => Promise<{ readonly driver: () => FaultDriver }>;
  readonly undo: () => Promise<{ readonly undo: Undo }>;
  /** What it may have to be allowed in a cluster. Missing: it acts in none. */
  readonly rights?: () => Promise<{ readonly rightsFor: RightsFor }>;
}

/** Who carries actions out, one line each, those first that stand behind proxies; the name is that of the folder. */
export const DRIVERS: Readonly<Record<string, DriverParts>> = {
  http: { driver: () => import("./http/driver.js"), undo: () => import("./http/undo.js") },
  grpc: { driver: () => import("./grpc/driver.js"), undo: () => import("./grpc/undo.js") },
  tls: { driver: () => import("./tls/driver.js"), undo: () => import("./tls/undo.js") },
  toxiproxy: { driver: () => import("./toxiproxy/driver.js"), undo: () => import("./toxiproxy/undo.js") },
  envoy: { driver: () => import("./envoy/driver.js"), undo: () => import("./envoy/undo.js") },
  kubernetes: {
    driver: () => import("./kubernetes/driver.js"),
    undo: () => import("./kubernetes/undo.js"),
    rights: () => import("./kubernetes/rights.js"),
  },
  "chaos-mesh": {
    driver: () => import("./chaos-mesh/driver.js"),
    undo: () => import("./chaos-mesh/undo.js"),
    rights: () => import("./chaos-mesh/rights.js"),
  },
  istio: {
    driver: () => import("./istio/driver.js"),
    undo: () => import("./istio/undo.js"),
    rights: () => import("./istio/rights.js"),
  },
  linkerd: {
    driver: () => import("./linkerd/driver.js"),
    undo: () => import("./linkerd/undo.js"),
    rights: () => import("./linkerd/rights.js"),
  },
  process: { driver: () => import("./process/driver.js"), undo: () => import("./process/undo.js") },
  docker: { driver: () => import("./docker/driver.js"), undo: () => import("./docker/undo.js") },
};
