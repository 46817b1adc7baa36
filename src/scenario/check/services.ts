import { regexMistake } from "../../notation/regex.js";
import { formatMs } from "../../support/format.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import type { Span } from "../text/source.js";
import type { TreePath } from "../text/tree.js";
import type { CheckContext } from "./context.js";

export function checkServices(context: CheckContext): void {
  const services = Object.entries(context.parts.valid.services ?? {});
  for (const [name, service] of services) {
    const { run, shell, readyTimeout, ready } = service ?? {};
    const at: TreePath = ["services", name];
    if (shell) checkShellText(context, [...at, "run"], run);
    for (const key of ["prepare", "cleanup"] as const) {
      const commands = service?.[key];
      if (!shell || !Array.isArray(commands)) continue;
      for (const [index, command] of commands.entries())
        checkShellText(context, [...at, key, index], command);
    }
    if (ready !== undefined && typeof ready !== "string") {
      if (shell) checkShellText(context, [...at, "ready", "command"], ready.command);
      if (ready.log !== undefined) checkPattern(context, ready.log, [...at, "ready", "log"]);
    }
    const waits = context.has(...at, "readyTimeout");
    if (waits && readyTimeout && context.lacks(...at, "ready")) {
      const message = `\`readyTimeout\` of ${formatMs(readyTimeout.ms)} has nothing to wait for: \`ready\` is missing`;
      context.diagnostics.warning("suspicious", context.key(...at, "readyTimeout"), message);
    }
    if (
      context.has(...at, "commandTimeout") &&
      context.lacks(...at, "prepare") &&
      context.lacks(...at, "cleanup")
    ) {
      const message = "`commandTimeout` is for `prepare` and `cleanup`, and neither is there";
      context.diagnostics.warning("suspicious", context.key(...at, "commandTimeout"), message);
    }
  }
  checkOrder(context);
}

function checkShellText(context: CheckContext, at: TreePath, command: unknown): void {
  if (command === undefined || typeof command === "string") return;
  context.diagnostics.error("conflict", context.at(...at), "with `shell: true` a command is one text");
}

function checkPattern(context: CheckContext, pattern: string, path: TreePath): void {
  const mistake = regexMistake(pattern);
  if (mistake === null) return;
  context.diagnostics.error("wrong-value", context.at(...path), mistake.message, mistake.help);
}

/** `after` names services, and does not lead back to where it began. */
function checkOrder(context: CheckContext): void {
  const names = context.names("services");
  const waits = new Map<string, readonly Wait[]>();
  for (const name of names) {
    const all = waitsOf(context, name);
    for (const { on, span } of all) {
      if (names.includes(on)) continue;
      const message = `no service \`${on}\`${didYouMean(on, names)}`;
      context.diagnostics.error("unknown-name", span, message, "`after` names services under services:.");
    }
    waits.set(name, all);
  }
  const told = new Set<string>();
  for (const name of names) {
    const circle = circleFrom(name, waits);
    if (circle === null || circle.some(({ on }) => told.has(on))) continue;
    for (const { on } of circle) told.add(on);
    const [first] = circle;
    if (!first) continue;
    const way = [name, ...circle.map(({ on }) => on)].join(" → ");
    const message =
      circle.length === 1 ? `\`${name}\` waits for itself` : `these wait for each other: ${way}`;
    context.diagnostics.error(
      "conflict",
      first.span,
      message,
      "Leave out one of them: none could be the first.",
    );
  }
}

interface Wait {
  readonly on: string;
  readonly span: Span;
}

function waitsOf(context: CheckContext, name: string): readonly Wait[] {
  const after = context.parts.valid.services?.[name]?.after;
  if (typeof after === "string") return [{ on: after, span: context.at("services", name, "after") }];
  return (after ?? []).flatMap((on, index) =>
    on === undefined ? [] : [{ on, span: context.at("services", name, "after", index) }],
  );
}

/** The way from a service back to itself. @returns null when there is none. */
function circleFrom(begin: string, waits: ReadonlyMap<string, readonly Wait[]>): readonly Wait[] | null {
  const seen = new Set<string>();
  const search = (name: string): readonly Wait[] | null => {
    for (const wait of waits.get(name) ?? []) {
      if (wait.on === begin) return [wait];
      if (seen.has(wait.on)) continue;
      seen.add(wait.on);
      const rest = search(wait.on);
      if (rest !== null) return [wait, ...rest];
    }
    return null;
  };
  return search(begin);
}
