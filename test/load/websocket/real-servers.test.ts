import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { LoadModel } from "../../../src/plan/load-plan.js";
import { pickFreePort } from "../../../src/run/reach/local-port.js";
import { connectProblem } from "../../../src/run/reach/tcp-probe.js";
import { sleep } from "../../../src/support/clock.js";
import { exchangeOf, expected } from "../../helpers/exchanges.js";
import { hasProgram } from "../../helpers/has-program.js";
import { closedModel, loadPlan, openModel, runLoad, totals } from "../../helpers/load-plans.js";

async function start(
  program: string,
  args: (folder: string) => readonly string[],
  port: number,
  folder: string,
) {
  const child = spawn(program, args(folder), { stdio: "ignore" });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  });
  while ((await connectProblem({ host: "127.0.0.1", port }, 1000)) !== null) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
    await sleep(20);
  }
}

/** NATS speaks WebSocket, and its own protocol in binary messages. */
async function startNats(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "faultline-nats-"));
  const [client, port] = [await pickFreePort(), await pickFreePort()];
  writeFileSync(
    join(folder, "nats.conf"),
    `listen: "127.0.0.1:${client}"\nwebsocket { listen: "127.0.0.1:${port}", no_tls: true, compression: true }\n`,
  );
  await start("nats-server", (at) => ["-c", join(at, "nats.conf")], port, folder);
  return port;
}

async function startNginx(
  upstream: number,
): Promise<{ readonly port: number; readonly log: () => string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "faultline-nginx-"));
  const port = await pickFreePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  log_format short "$status"; access_log ${folder}/access.log short;
  ${temporary.join("\n  ")}
  server {
    listen 127.0.0.1:${port};
    location / { return 200 "hello"; }
    location /nats {
      proxy_pass http://127.0.0.1:${upstream}/; proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";
    }
  }
}
`,
  );
  await start("nginx", (at) => ["-p", at, "-c", "nginx.conf", "-e", join(at, "error.log")], port, folder);
  return { port, log: () => readFileSync(join(folder, "access.log"), "utf8").split("\n").filter(Boolean) };
}

/** A client of NATS: it is greeted, says who it is, and asks whether the server is there. */
const asked = (changes: object = {}) =>
  exchangeOf({
    path: "/",
    messages: [
      expected({ text: "INFO {", binary: true }),
      {
        kind: "send",
        template: Buffer.from('CONNECT {"verbose":false}\r\nPING\r\n').toString("base64"),
        form: "base64",
      },
      expected({ text: "PONG" }, { passesOver: true }),
    ],
    ...changes,
  });

const MODELS: readonly (readonly [string, LoadModel])[] = [
  ["open model", openModel(100)],
  ["closed model", closedModel(4, 20)],
];

describe.skipIf(!hasProgram("nats-server", "apt-get install nats-server"))("NATS over WebSocket", () => {
  test.each(MODELS)("answers each exchange: %s", async (_, model) => {
    const port = await startNats();
    const plan = loadPlan(`ws://127.0.0.1:${port}`, model, {
      mix: { kind: "requests", requests: [asked()] },
    });
    const measured = await runLoad(plan, 500);
    expect(measured.reasons).toEqual({});
    expect(totals(measured.all).ok).toBe(totals(measured.all).scheduled);
    expect(totals(measured.all).ok).toBeGreaterThan(20);
  });

  describe.skipIf(!hasProgram("nginx", "apt-get install nginx"))("behind NGINX", () => {
    test("exchanges go through, and a place that is none is an answer", async () => {
      const nginx = await startNginx(await startNats());
      const requests = [asked({ name: "there", path: "/nats" }), asked({ name: "page", path: "/" })];
      const plan = loadPlan(`ws://127.0.0.1:${nginx.port}`, closedModel(4, 20), {
        mix: { kind: "requests", requests },
      });
      const measured = await runLoad(plan, 500);
      const [there, page] = measured.requests.map(totals);
      expect(there!.ok).toBe(there!.scheduled);
      expect(page!.http_error).toBe(page!.scheduled);
      expect(measured.reasons).toEqual({ "status 200 to the WebSocket handshake": page!.scheduled });
      await expect
        .poll(() => nginx.log().filter((line) => line === "101").length, { timeout: 5_000 })
        .toBe(there!.scheduled);
      expect(nginx.log().filter((line) => line === "200")).toHaveLength(page!.scheduled);
    });
  });
});
