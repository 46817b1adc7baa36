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
  }
}
