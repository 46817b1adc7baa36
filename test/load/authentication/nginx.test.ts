import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkAndPlan } from "../../../src/plan/check-and-plan.js";
import { pickFreePort } from "../../../src/run/reach/local-port.js";
import { connectProblem } from "../../../src/run/reach/tcp-probe.js";
import { sleep } from "../../../src/support/clock.js";
import { hasProgram } from "../../helpers/has-program.js";
import { runLoad, totals } from "../../helpers/load-plans.js";

/** NGINX asks for a password, and keeps what is put there. */
async function startNginx() {
  const folder = mkdtempSync(join(tmpdir(), "faultline-nginx-"));
  const port = await pickFreePort();
  mkdirSync(join(folder, "kept"));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(join(folder, "passwords"), "ann:{PLAIN}s3cret ü\nbob:{PLAIN}other\n");
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  log_format short "$remote_user $status"; access_log ${folder}/access.log short;
  client_max_body_size 20m;
  ${temporary.join("\n  ")}
  server {
    listen 127.0.0.1:${port};
    location / { root ${folder}/kept; dav_methods PUT; auth_basic "shop"; auth_basic_user_file ${folder}/passwords; }
  }
}
`,
  );
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
  return { url: `http://127.0.0.1:${port}`, kept: join(folder, "kept"), log };
}

describe.skipIf(!hasProgram("nginx", "apt-get install nginx"))("NGINX", () => {
  test("takes a file from those whose password is right", async () => {
    const nginx = await startNginx();
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
