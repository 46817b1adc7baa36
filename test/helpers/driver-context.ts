import type { DriverContext } from "../../src/faults/fault-driver.js";

/** A run with nothing in it: the embedded server, nowhere but on this machine. */
export function driverContext(changes: Partial<DriverContext> = {}): DriverContext {
  return {
    run: "run-1",
    actions: [],
    proxies: [],
    toxiproxyUrl: null,
    docker: null,
    cluster: null,
    longestFaultMs: 10_000,
    allowedHosts: [],
    seed: 1,
    env: {},
    fill: (text) => text,
    mask: (text) => text,
    journal: { undoable: () => {} },
    stopping: new AbortController().signal,
    onStatus: () => {},
    onEvent: () => {},
    onLost: (error) => {
      throw error;
    },
    onLimit: () => {},
    ...changes,
  };
}
