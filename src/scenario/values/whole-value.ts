/**
 * Marks around values that stay one piece of one argument of a command, whatever they hold. The marks are two
 * characters that Unicode keeps free for a program's own use. They stay until the command has been split.
 */
export const OPEN = "\ufdd0";
const CLOSE = "\ufdd1";

/** Pattern of one such value, as part of a regular expression. */
export const WHOLE_VALUE = `${OPEN}[^${CLOSE}]*${CLOSE}`;

export function wholeValue(value: string): string {
  return OPEN + value.replaceAll(OPEN, "").replaceAll(CLOSE, "") + CLOSE;
}

/** The text with its values, without the marks. */
export function plainText(text: string): string {
  return text.includes(OPEN) ? text.replaceAll(OPEN, "").replaceAll(CLOSE, "") : text;
}
