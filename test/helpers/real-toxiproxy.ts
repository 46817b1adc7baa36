import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { startChild } from "./children/start-child.mjs";
import { hasProgram } from "./has-program.js";
import { sleep } from "./proxy-line.js";

/** Whether a program of the real Toxiproxy is there. */
export function hasToxiproxy(program: "toxiproxy-server" | "toxiproxy-cli"): boolean {
  const command = program === "toxiproxy-server" ? "server" : "cli";
  return hasProgram(
    program,
    `go install github.com/Shopify/toxiproxy/v2/cmd/${command}@v2.12.0, and call it ${program}`,
  );
}

export interface RealToxiproxy {
  readonly url: string;
  readonly process: ChildProcess;
}

/** Resolves once it answers. @param args of which the port does not hold: it gets a free one. */
export async function startToxiproxyServer(
  args: readonly string[] = ["-proxy-metrics"],
): Promise<RealToxiproxy> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = startChild("toxiproxy-server", [...args, "-port", String(port)], {
    stdio: "ignore",
  });
  const failed = once(child, "error").then(([error]) => Promise.reject(error));
  await Promise.race([failed, answered(url)]);
  return { url, process: child };
}

async function answered(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await fetch(`${url}/version`).catch(() => null)) return;
    await sleep(50);
  }
  throw new Error(`toxiproxy-server does not answer at ${url}`);
}

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const bound = holder.address();
  holder.close();
  return typeof bound === "object" && bound ? bound.port : 0;
}
