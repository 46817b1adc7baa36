import type { Command } from "commander";

/** Options of commands whose runs can be watched. */
export interface UiFlags {
  readonly ui?: boolean;
  readonly uiHost?: string;
}

export function addUiOptions(command: Command): Command {
  return command
    .option("--ui", "serve a live page for everybody who watches; its address is printed")
    .option("--ui-host <address>", "serve it there, as 0.0.0.0 or 192.168.1.5:8080, with a token");
}
