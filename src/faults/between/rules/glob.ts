/** `*` stands for any text, slashes included. */
export function globbed(pattern: string): (text: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  const whole = new RegExp(`^${parts.join(".*")}$`, "s");
  return (text) => whole.test(text);
}
