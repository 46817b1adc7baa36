import { spawn } from "node:child_process";
import type { Io } from "./io.js";

/** Shows a file in the browser. Resolves with false when nothing can show it. Never throws. */
export function openFile(path: string, io: Pick<Io, "env">): Promise<boolean> {
  const command = process.platform === "darwin" ? "open" : "xdg-open";
  return new Promise((resolve) => {
    const child = spawn(command, [path], { stdio: "ignore", detached: true, env: { ...io.env } });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
