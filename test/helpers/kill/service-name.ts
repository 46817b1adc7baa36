import type { Surroundings } from "./surroundings.js";

/** By it the control groups of this trial are told from those of others, which are made at the same time. */
export function serviceName({ ports: [port] }: Pick<Surroundings, "ports">): string {
  return `dependency-${port}`;
}
