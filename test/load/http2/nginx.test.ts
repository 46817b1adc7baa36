import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { LoadModel } from "../../../src/plan/load-plan.js";
import { sleep } from "../../../src/support/clock.js";
import { closedModel, loadPlan, openModel, request, runLoad, totals } from "../../helpers/load-plans.js";
import { hasNginx, startNginx } from "../../helpers/real-nginx.js";

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));
/** After so many requests NGINX says GOAWAY and closes the connection. */
const REQUESTS_PER_CONNECTION = 20;

async function startOverTls() {
  const { port, log } = await startNginx((folder) => {
    for (const name of ["server.key", "server.pem"]) copyFileSync(fixture(name), join(folder, name));
    writeFileSync(join(folder, "file"), "x".repeat(200_000));
    return {
      logFormat: "$server_protocol $status",
      http: `keepalive_requests ${REQUESTS_PER_CONNECTION}; http2_max_concurrent_streams 8;`,
      listen: "ssl http2",
      server: `ssl_certificate ${folder}/server.pem; ssl_certificate_key ${folder}/server.key;
    location / { default_type text/plain; return 200 "hello"; }
    location /file { root ${folder}; }`,
    };
  });
  return { url: `https://127.0.0.1:${port}`, log };
}

const MODELS: readonly [string, LoadModel, pipelining: number][] = [
  ["open", openModel(400), 100],
  ["closed", closedModel(2, 20), 8],
];

describe.skipIf(!hasNginx)("NGINX with HTTP/2", () => {
  test.each(MODELS)(
    "goes away after some requests, and none is lost: %s model",
    async (_, model, pipelining) => {
      const nginx = await startOverTls();
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
