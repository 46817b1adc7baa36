import { stripVTControlCharacters } from "node:util";

// Control characters but tab and line feed, and the marks that reorder text ("Trojan source").
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

// Halves of surrogate pairs and the two non-characters. No text file can hold them.
const NOT_TEXT = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ufffe\uffff]/g;

/** Most texts are plain: the patterns above are then not even compiled. */
const PLAIN = /^[\t\n -~]*$/;

/** Removes anything that would move the cursor, change colours, reorder text or break a file's encoding. */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return stripVTControlCharacters(text).replace(UNPRINTABLE, "").replace(NOT_TEXT, "\ufffd");
}

/** One printable line. White space is folded to single spaces. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, " ").trim();
}

/**
 * Commands of CI servers, which look for them in whatever a job prints. GitHub's stand at the start of a line. Azure's,
 * TeamCity's and GitHub's older ones stand anywhere.
 */
const LINE_COMMAND = /^(\s*:)(?=:)/gm;
const ANYWHERE = /#(?=#[a-z]*\[)/gi;

/** Printable lines that no CI server takes for a command. A blank stands where a command would begin. */
export function harmless(text: string): string {
  return printable(text).replace(LINE_COMMAND, "$1 ").replace(ANYWHERE, "# ");
}

/** Characters that JSON may hold and a log may not. Escaped, they are the same JSON. */
const IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * JSON for programs that may be printed anywhere. Everything that would act on a terminal or a CI server is escaped.
 * With no indent it is one line.
 */
export function harmlessJson(value: unknown, indent: 0 | 2 = 2): string {
  return JSON.stringify(value, null, indent)
    .replace(IN_JSON, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replace(ANYWHERE, "\\u0023");
}

/** A word of a shell, ready to be pasted. */
export function shellWord(text: string): string {
  const line = oneLine(text);
  return /^[\w./:@-]+$/.test(line) ? line : `'${line.replaceAll("'", "'\\''")}'`;
}
