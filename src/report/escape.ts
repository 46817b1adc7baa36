/** Text from outside (names, service output, error texts) made harmless for each place that it is printed to. */

const MARKUP: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

// Control characters but tab and line feed, and the marks that reorder text ("Trojan source").
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

// Halves of surrogate pairs and the two non-characters: no file of text can hold them.
const NOT_TEXT = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ufffe\uffff]/g;

/** Without anything that would move the cursor, change colours, reorder text or break a file's encoding. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, "").replace(NOT_TEXT, "\ufffd");
}

/** One printable line: white space folded to single spaces. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, " ").trim();
}

/** For HTML text and quoted attributes. */
export function html(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => MARKUP[character] ?? character);
}

/** GitHub looks for mentions in the finished page, so an entity would not do; a comment in between does. */
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

/** Text as code in Markdown, also within a table: fenced by more backticks than it holds. */
export function markdownCode(text: string): string {
  const line = oneLine(text).replaceAll("|", "\\|");
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}
