import { parseJsonPath } from "../notation/json-path.js";
import type { Diagnostics } from "../scenario/diagnostics/diagnostic.js";
import { didYouMean } from "../scenario/diagnostics/did-you-mean.js";
import type { Span } from "../scenario/text/source.js";
import { keySpanAt, spanAt, type TreeNode } from "../scenario/text/tree.js";
import { CommandError, splitCommand } from "../scenario/values/split-command.js";
import { isHttpUrl } from "../support/address.js";
import type { GameDayData } from "./schema/game-day.js";

/** What the schema cannot say: keys that need or exclude each other, and names that must be known. */
export function checkGameDay(data: GameDayData, tree: TreeNode, diagnostics: Diagnostics): void {
  checkForeseen(data, tree, diagnostics);
  checkExempt(data, tree, diagnostics);
  checkPreflight(data, tree, diagnostics);
  checkNotices(data, tree, diagnostics);
}

function checkForeseen({ expect, scenarios }: GameDayData, tree: TreeNode, diagnostics: Diagnostics): void {
  const seen = new Set<string>();
  expect.forEach((entry, index) => {
    const files = Object.keys(entry);
    if (files.length !== 1) {
      const help = "Write - slow-cache.yaml: { hypothesis: …, alert: … }, one entry for each scenario.";
      diagnostics.malformed(
        "wrong-value",
        keySpanAt(tree, ["expect", index]),
        `expect[${index}]: expected a map of one scenario; found ${files.length}`,
        help,
      );
    }
    for (const file of files) {
      const at = keySpanAt(tree, ["expect", index, file]);
      if (!scenarios.includes(file)) {
        const message = `\`${file}\` is none of its scenarios${didYouMean(file, scenarios)}`;
        diagnostics.error("unknown-name", at, message, "Name it as it stands under scenarios:.");
      } else if (seen.has(file)) {
        diagnostics.error("duplicate", at, `what is expected of \`${file}\` was said before`);
      }
      seen.add(file);
    }
  });
}

function checkExempt({ exempt, scenarios }: GameDayData, tree: TreeNode, diagnostics: Diagnostics): void {
  const seen = new Set<string>();
  exempt.forEach(({ scenario, fault }, index) => {
    const at = ["exempt", index];
    if (!scenarios.includes(scenario)) {
      const message = `\`${scenario}\` is none of its scenarios${didYouMean(scenario, scenarios)}`;
      const help = "Name it as it stands under scenarios:.";
      diagnostics.error("unknown-name", spanAt(tree, [...at, "scenario"]), message, help);
    }
    const key = JSON.stringify([scenario, fault]);
    if (seen.has(key)) {
      diagnostics.error("duplicate", spanAt(tree, [...at, "fault"]), `\`${fault}\` is exempt already`);
    }
    seen.add(key);
  });
}

function checkPreflight({ preflight }: GameDayData, tree: TreeNode, diagnostics: Diagnostics): void {
  const names = new Set<string>();
  preflight.forEach(({ name, http, run, expect }, index) => {
    const at = ["preflight", index];
    if (names.has(name)) {
      diagnostics.error(
        "duplicate",
        spanAt(tree, [...at, "name"]),
        `another condition is called \`${name}\``,
      );
    }
    names.add(name);
    if ((http === undefined) === (run === undefined)) {
      const message = `preflight[${index}]: expected \`http\` or \`run\`, one of them`;
      diagnostics.malformed("conflict", keySpanAt(tree, [...at, "name"]), message);
    }
    if (http !== undefined && !isHttpUrl(http)) {
      const message = `preflight[${index}].http: expected an http:// or https:// URL`;
      diagnostics.malformed("wrong-value", spanAt(tree, [...at, "http"]), message);
    }
    if (run !== undefined) checkCommand(run, spanAt(tree, [...at, "run"]), diagnostics);
    if (run !== undefined && expect !== undefined) {
      const message = "`expect` is for the answer to `http`; of a command the exit code counts";
      diagnostics.malformed("conflict", keySpanAt(tree, [...at, "expect"]), message);
    }
    for (const jsonPath of Object.keys(expect?.json ?? {})) {
      if (parseJsonPath(jsonPath)) continue;
      const place = keySpanAt(tree, [...at, "expect", "json", jsonPath]);
      const help = "Write it as $.length or $.data.state.";
      diagnostics.malformed("wrong-value", place, `\`${jsonPath}\` is not a JSON path`, help);
    }
  });
}

function checkNotices({ notify }: GameDayData, tree: TreeNode, diagnostics: Diagnostics): void {
  notify.forEach(({ webhook, command, format }, index) => {
    const at = ["notify", index];
    if ((webhook === undefined) === (command === undefined)) {
      const message = `notify[${index}]: expected \`webhook\` or \`command\`, one of them`;
      diagnostics.malformed("conflict", keySpanAt(tree, at), message);
    }
    if (webhook !== undefined && !isHttpUrl(webhook)) {
      // Its URL is as good as a password, so it is not quoted.
      const message = `notify[${index}].webhook: expected an http:// or https:// URL`;
      diagnostics.malformed("wrong-value", spanAt(tree, [...at, "webhook"]), message);
    }
    if (command !== undefined) checkCommand(command, spanAt(tree, [...at, "command"]), diagnostics);
    if (command !== undefined && format !== undefined) {
      const message = "`format` is that of a webhook; a command gets none";
      diagnostics.malformed("conflict", keySpanAt(tree, [...at, "format"]), message);
    }
  });
}

/** A command is started without a shell. */
function checkCommand(text: string, place: Span, diagnostics: Diagnostics): void {
  const help = "Put it into a script and name that, or quote the character.";
  try {
    if (splitCommand(text).length === 0) diagnostics.malformed("wrong-value", place, "expected a command");
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    diagnostics.malformed("wrong-value", place, error.message, help);
  }
}
