/** % begins a specifier (systemd.unit(5)). */
export function unitText(text: string): string {
  return text.replaceAll("%", "%%");
}

/** Quoted as systemd.service(5) says. $ begins a variable there. */
export function unitArgument(text: string): string {
  const safe = unitText(text).replaceAll("$", () => "$$");
  return /^[\w@%+=:,./$-]+$/.test(safe) ? safe : `"${safe.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
