import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkAndPlan } from "../../../src/plan/check-and-plan.js";
import { runLoad, totals } from "../../helpers/load-plans.js";
import { hasNginx, startNginx } from "../../helpers/real-nginx.js";

/** NGINX asks for a password, and keeps what is put there. */
async function startKeeper() {
  let kept = "";
  const { port, log } = await startNginx((folder) => {
    kept = join(folder, "kept");
    mkdirSync(kept);
    writeFileSync(join(folder, "passwords"), "ann:{PLAIN}s3cret ü\nbob:{PLAIN}other\n");
    return {
      logFormat: "$remote_user $status",
      http: "client_max_body_size 20m;",
      server: `location / { root ${kept}; dav_methods PUT; auth_basic "shop"; auth_basic_user_file ${folder}/passwords; }`,
    };
  });
  return { url: `http://127.0.0.1:${port}`, kept, log };
}

describe.skipIf(!hasNginx)("NGINX", () => {
  test("takes a file from those whose password is right", async () => {
    const nginx = await startKeeper();
    const folder = mkdtempSync(join(tmpdir(), "faultline-upload-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // All bytes that there are, and more than a socket takes at once.
    const photo = Buffer.concat([
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      randomBytes(3_000_000),
    ]);
    writeFileSync(join(folder, "photo.png"), photo);
    writeFileSync(join(folder, "users.csv"), 'name,password\nann,"s3cret ü"\nbob,other\n');
    writeFileSync(
      join(folder, "scenario.yaml"),
      `faultline: 1
name: Uploads
load:
  target: ${nginx.url}
  rate: 20/s
  auth: { basic: { username: ann, password: "s3cret ü" } }
  data: { users: { file: users.csv } }
  requests:
    - { name: put, method: PUT, path: "/photo-\${seq}", body: { file: photo.png }, expect: { status: 201 } }
    - name: feed
      method: PUT
      path: /of-\${seq}
      body: { file: photo.png }
      auth: { basic: { username: "\${data.users.name}", password: "\${data.users.password}" } }
      expect: { status: 201 }
    - { name: nobody, method: PUT, path: /x, body: { file: photo.png }, auth: none, expect: { status: 401 } }
    - { name: liar, method: PUT, path: /x, body: { file: photo.png }, auth: { basic: { username: ann, password: no } } }
slos: [availability >= 0%]
`,
    );
    const { plan, diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd: folder });
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    const measured = await runLoad(plan!.load, 1_000);
    const [put, feed, nobody, liar] = measured.requests.map(totals);
    for (const one of [put!, feed!, nobody!]) {
      expect(one.scheduled).toBeGreaterThan(0);
      expect(one.ok).toBe(one.scheduled);
    }
    expect(liar!.http_error).toBe(liar!.scheduled);
    expect(measured.reasons).toEqual({ "status 401": liar!.scheduled });
    const kept = readdirSync(nginx.kept);
    expect(kept).toHaveLength(put!.ok + feed!.ok);
    for (const name of kept) expect(readFileSync(join(nginx.kept, name)).equals(photo)).toBe(true);
    const users = new Set(nginx.log().filter((line) => line.endsWith("201")));
    expect(users).toEqual(new Set(["ann 201", "bob 201"]));
    expect(measured.bytesSent).toBeGreaterThan(totals(measured.all).scheduled * photo.length);
  });
});
