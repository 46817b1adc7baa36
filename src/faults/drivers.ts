import { ComposedFaults } from "./compose.js";
import type { FaultDriver } from "./fault-driver.js";
import type { FaultPlane } from "./fault-plane.js";
import { TOXIPROXY } from "./toxic.js";

/** Who carries actions out, one line for each driver. `proxies` are opened already: services need their addresses. */
export function composeDrivers(proxies: FaultPlane): ComposedFaults {
  const drivers: readonly (readonly [string, FaultDriver])[] = [[TOXIPROXY, proxies]];
  return new ComposedFaults(new Map(drivers));
}
