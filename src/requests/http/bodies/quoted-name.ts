/** A name between quotes in a form with files, as the HTML standard writes it. */
export function quotedName(text: string): string {
  return text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
