import path from "node:path";

/** As a user in the current folder names it. */
export function shownPath(absolute: string, cwd: string): string {
  const relative = path.relative(cwd, absolute);
  return relative === "" || relative.startsWith("..") ? absolute : relative;
}
