import { CommandError, splitCommand } from "../command.js";
import type { CheckContext } from "./context.js";

export function checkServices(context: CheckContext): void {
  for (const [name, { run, shell, ready, readyTimeout }] of Object.entries(
    context.parts.sections.services ?? {},
  )) {
    if (shell && typeof run !== "string") {
      const message = "with `shell: true` the command is one text";
      context.diagnostics.error("conflict", context.at("services", name, "run"), message);
    }
    if (ready === undefined && context.has("services", name, "readyTimeout")) {
      const message = `\`readyTimeout\` of ${readyTimeout.ms} ms has nothing to wait for: \`ready\` is missing`;
      context.diagnostics.warning("suspicious", context.key("services", name, "readyTimeout"), message);
    }
    if (shell || typeof run !== "string") continue;
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
