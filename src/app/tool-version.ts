import { readFileSync } from "node:fs";

/** From package.json, the only place that has it. */
export function toolVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  // Our own file.
  return (JSON.parse(text) as { version: string }).version;
}
