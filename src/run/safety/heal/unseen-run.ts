import type { RunEntry } from "../journal-format.js";

/** Of a run on another machine or in another container: what is known of it, and what to do. */
export function unseenText({ runner: { pid, host } }: RunEntry, path: string): string {
  return `whether process ${pid} on ${host} (or in another container) still runs cannot be seen from here; if it does not, run \`faultline heal\` there or delete ${path}`;
}
