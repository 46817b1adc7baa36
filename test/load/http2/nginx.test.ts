import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import type { LoadModel } from "../../../src/plan/load-plan.js";
import { pickFreePort } from "../../../src/run/reach/local-port.js";
import { connectProblem } from "../../../src/run/reach/tcp-probe.js";
import { sleep } from "../../../src/support/clock.js";
import { hasProgram } from "../../helpers/has-program.js";
import { closedModel, loadPlan, openModel, request, runLoad, totals } from "../../helpers/load-plans.js";

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));
/** After so many requests NGINX says GOAWAY and closes the connection. */
const REQUESTS_PER_CONNECTION = 20;

async function startNginx() {
  const folder = mkdtempSync(join(tmpdir(), "faultline-nginx-"));
  const port = await pickFreePort();
  for (const name of ["server.key", "server.pem"]) copyFileSync(fixture(name), join(folder, name));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  log_format short "$server_protocol $status"; access_log ${folder}/access.log short;
  keepalive_requests ${REQUESTS_PER_CONNECTION}; http2_max_concurrent_streams 8;
  ${temporary.join("\n  ")}
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${folder}/server.pem; ssl_certificate_key ${folder}/server.key;
    location / { default_type text/plain; return 200 "hello"; }
    location /file { root ${folder}; }
  }
}
`,
  );
  writeFileSync(join(folder, "file"), "x".repeat(200_000));
  const child = spawn("nginx", ["-p", folder, "-c", "nginx.conf", "-e", join(folder, "error.log")]);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  });
  while ((await connectProblem({ host: "127.0.0.1", port }, 1000)) !== null) {
    if (child.exitCode !== null) throw new Error(readFileSync(join(folder, "error.log"), "utf8"));
    await sleep(20);
  }
  const log = () => readFileSync(join(folder, "access.log"), "utf8").split("\n").filter(Boolean);
  return { url: `https://127.0.0.1:${port}`, log };
}

const MODELS: readonly [string, LoadModel, pipelining: number][] = [
  ["open", openModel(400), 100],
  ["closed", closedModel(2, 20), 8],
];

describe.skipIf(!hasProgram("nginx", "apt-get install nginx"))("NGINX with HTTP/2", () => {
  test.each(MODELS)(
    "goes away after some requests, and none is lost: %s model",
    async (_, model, pipelining) => {
      const nginx = await startNginx();
      const tls = {
        ca: readFileSync(fixture("ca.pem"), "utf8"),
        cert: null,
        key: null,
        servername: null,
        verify: true,
      };
      const requests = [
        request({ name: "text" }),
        request({
          name: "file",
          path: "/file",
          expect: { status: [200], headers: {}, body: "xxx", json: {} },
        }),
        request({
          name: "missing",
          path: "/file/none",
          expect: { status: [404], headers: {}, body: null, json: {} },
        }),
      ];
      const plan = loadPlan(nginx.url, model, {
        target: { url: nginx.url, socketPath: null, tls },
        protocol: "h2",
        pipelining,
        mix: { kind: "requests", requests },
      });
      const measured = await runLoad(plan, 1500);
      const counts = totals(measured.all);
      expect(measured.reasons).toEqual({});
      expect(counts.ok).toBe(counts.scheduled);
      // What NGINX has processed is what was counted: nothing twice, nothing left out.
      await sleep(100);
      const log = nginx.log();
      expect(log.filter((line) => line.startsWith("HTTP/2.0 "))).toHaveLength(counts.scheduled);
      expect(measured.connectionsOpened).toBeGreaterThanOrEqual(
        counts.scheduled / (REQUESTS_PER_CONNECTION + 8),
      );
    },
  );
});
