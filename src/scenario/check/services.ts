import { CommandError, splitCommand } from "../command.js";
import type { CheckContext } from "./context.js";

export function checkServices(context: CheckContext): void {
  for (const [name, service] of Object.entries(context.parts.sound.services ?? {})) {
    const { run, shell, readyTimeout } = service ?? {};
    if (shell && run !== undefined && typeof run !== "string") {
      const message = "with `shell: true` the command is one text";
      context.diagnostics.error("conflict", context.at("services", name, "run"), message);
    }
    const waits = context.has("services", name, "readyTimeout");
    if (waits && readyTimeout && context.lacks("services", name, "ready")) {
      const message = `\`readyTimeout\` of ${readyTimeout.ms} ms has nothing to wait for: \`ready\` is missing`;
      context.diagnostics.warning("suspicious", context.key("services", name, "readyTimeout"), message);
    }
    // Not `!shell`: where `shell` is malformed it may be meant.
    if (shell !== false || typeof run !== "string") continue;
    try {
      if (splitCommand(run).length > 0) continue;
      context.diagnostics.error("wrong-value", context.at("services", name, "run"), "expected a command");
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const help = "Add shell: true to run it with /bin/sh, or quote the character.";
      context.diagnostics.error("wrong-value", context.at("services", name, "run"), error.message, help);
    }
  }
}
