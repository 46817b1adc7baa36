import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { LoadModel } from "../../../src/plan/load-plan.js";
import { pickFreePort } from "../../../src/run/reach/local-port.js";
import { exchangeOf, expected } from "../../helpers/exchanges.js";
import { temporaryFolder } from "../../helpers/faultline.js";
import { hasProgram } from "../../helpers/has-program.js";
import { startListening } from "../../helpers/listening-program.js";
import { closedModel, loadPlan, openModel, runLoad, sum, totals } from "../../helpers/load-plans.js";
import { hasNginx, startNginx } from "../../helpers/real-nginx.js";

/** NATS speaks WebSocket, and its own protocol in binary messages. */
async function startNats(): Promise<number> {
  const [client, port] = [await pickFreePort(), await pickFreePort()];
  const file = join(await temporaryFolder(), "nats.conf");
  writeFileSync(
    file,
    `listen: "127.0.0.1:${client}"\nwebsocket { listen: "127.0.0.1:${port}", no_tls: true, compression: true }\n`,
  );
  await startListening("nats-server", ["-c", file], port);
  return port;
}

/** Lets in by a password or by the cookie that this has brought, and leads from an old place to the new one. */
const startGuardBefore = (upstream: number) =>
  startNginx((folder) => {
    writeFileSync(join(folder, "passwords"), "ann:{PLAIN}s3cret\n");
    const passed = `proxy_pass http://127.0.0.1:${upstream}/; proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";`;
    return {
      logFormat: "$uri $status",
      server: `location /old { return 307 /nats; }
    location /nats {
      ${passed}
      auth_basic "nats"; auth_basic_user_file ${folder}/passwords; add_header Set-Cookie "pass=nats; Path=/again" always;
    }
    location /again { if ($cookie_pass != nats) { return 403; } ${passed} }`,
    };
  });

const startNginxBefore = (upstream: number) =>
  startNginx(() => ({
    logFormat: "$status",
    server: `location / { return 200 "hello"; }
    location /nats {
      proxy_pass http://127.0.0.1:${upstream}/; proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";
    }`,
  }));

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
    expect(totals(measured.all).ok).toBeGreaterThan(5);
  });

  describe.skipIf(!hasNginx)("behind NGINX", () => {
    test("exchanges go through, and a place that is none is an answer", async () => {
      const nginx = await startNginxBefore(await startNats());
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

    test("a password, a redirect and a cookie let exchanges in, and what lacks them is counted by its status", async () => {
      const nginx = await startGuardBefore(await startNats());
      const basic = { username: "ann", password: "s3cret" };
      const journey = (name: string, ...steps: readonly object[]) => ({
        name,
        weight: 1,
        steps: steps.map((changes) => ({ ...asked(changes), thinkTimeMs: 0 })),
      });
      const plan = loadPlan(`ws://127.0.0.1:${nginx.port}`, closedModel(4, 20), {
        session: { cookies: true, follow: 1 },
        mix: {
          kind: "journeys",
          journeys: [
            journey("in", { name: "led", path: "/old", basic }, { name: "again", path: "/again" }),
            journey("out", { name: "unknown", path: "/nats" }),
            journey("lost", { name: "without cookie", path: "/again" }),
          ],
        },
      });
      const measured = await runLoad(plan, 700);
      const [led, again, unknown, without] = measured.requests.map(totals);
      expect(led!.ok).toBeGreaterThan(0);
      expect(led!.ok).toBe(led!.scheduled);
      expect(again!.ok).toBe(again!.scheduled);
      expect(measured.reasons).toEqual({
        "status 401 to the WebSocket handshake": unknown!.scheduled,
        "status 403 to the WebSocket handshake": without!.scheduled,
      });
      const logged = (line: string) => nginx.log().filter((each) => each === line).length;
      // A connection is logged when it ends.
      await expect.poll(() => logged("/again 101"), { timeout: 5_000 }).toBe(again!.ok);
      await expect.poll(() => logged("/nats 101"), { timeout: 5_000 }).toBe(led!.ok);
      expect(logged("/old 307")).toBe(led!.ok);
      expect(sum(measured.all.redirects ?? [])).toBe(led!.ok);
      expect([logged("/nats 401"), logged("/again 403")]).toEqual([unknown!.scheduled, without!.scheduled]);
    });
  });
});
