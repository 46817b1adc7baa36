/** Makes text from outside (names, service output, error texts) harmless for each place where it is printed. */

import { oneLine, printable } from "../support/printable.js";

export { oneLine, printable };

const MARKUP: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For HTML text and quoted attributes. */
export function html(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => MARKUP[character] ?? character);
}

/** GitHub looks for mentions in the finished page. An entity would not stop it; a comment in between does. */
const NO_MENTION = "@<!-- -->";

/** For a block of HTML within GitHub's Markdown, where Markdown's own escapes mean nothing. */
export function markdownHtml(text: string): string {
  return html(oneLine(text)).replace(/@/g, NO_MENTION);
}

/** For running text and table cells of GitHub's Markdown: no markup, no mention, no link, one line. */
export function markdown(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_[\]|~]/g, "\\$&")
    .replace(/[&<]/g, (character) => MARKUP[character] ?? character)
    .replace(/^(?:[#>+-]|\d+(?=[.)]))/, (start) => `&#${start.charCodeAt(0)};${start.slice(1)}`)
    .replace(/@/g, NO_MENTION)
    .replace(/(https?|ftp):\/\//gi, "$1&#58;//")
    .replace(/\bwww\./gi, "www&#46;");
}

/** Text as code in Markdown, also within a table. The fence has more backticks than the text holds. */
export function markdownCode(text: string): string {
  const line = oneLine(text).replaceAll("|", "\\|");
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}
