// The target of the load benchmarks: one nginx worker that answers from memory, or a Node server where there is no nginx.
// With HTTP/2 it speaks that alone, without TLS.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "../../test/helpers/children/start-child.mjs";

const NODE_SERVER = `
require(process.argv[2]).createServer((_, response) => response.end("hello world")).listen(Number(process.argv[1]), "127.0.0.1");
`;

/** Resolves with { url, name, stop }. */
export async function startTarget({ http2 = false } = {}) {
  const port = await freePort();
  const version = tryVersion("nginx", ["-v"]);
  const target = version ? startNginx(port, version, http2) : startNode(port, http2);
  await listening(port);
  return target;
}

/** First line of what a tool says about its version; null when it is not there. */
export function tryVersion(command, args) {
  try {
    // nginx says it on stderr.
    const text = execFileSync("/bin/sh", ["-c", [command, ...args, "2>&1"].join(" ")], { encoding: "utf8" });
    return text.split("\n")[0].trim();
  } catch {
    return null;
  }
}

function startNginx(port, version, http2) {
  const folder = mkdtempSync(join(tmpdir(), "faultline-bench-"));
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 1000000000; client_body_temp_path ${folder}; proxy_temp_path ${folder};
  fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server { listen 127.0.0.1:${port}${http2 ? " http2" : ""} backlog=4096; location / { default_type text/plain; return 200 "hello world"; } }
}
`,
  );
  const child = startChild("nginx", ["-p", folder, "-c", config, "-e", join(folder, "error.log")], {
    stdio: "ignore",
  });
  const stop = async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `http://127.0.0.1:${port}`, name: version.replace("nginx version: ", ""), stop };
}

function startNode(port, http2) {
  const child = startChild(
    process.execPath,
    ["-e", NODE_SERVER, String(port), http2 ? "node:http2" : "node:http"],
    { stdio: "ignore" },
  );
  const stop = async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
  };
  return { url: `http://127.0.0.1:${port}`, name: `Node ${process.version} http server`, stop };
}

export async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export async function listening(port) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}
