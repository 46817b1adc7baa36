import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { temporaryFolder } from "./faultline.js";
import { hasProgram } from "./has-program.js";
import { startListening } from "./listening-program.js";

/** Skips with a word where there is no NGINX; fails in CI. */
export const hasNginx = hasProgram("nginx", "apt-get install nginx");

export interface NginxConfiguration {
  /** What a line of the access log has, in variables of NGINX. */
  readonly logFormat: string;
  /** Lines of the block `http`. */
  readonly http?: string;
  /** What stands behind the address in `listen`. */
  readonly listen?: string;
  /** Lines of the block `server`. */
  readonly server: string;
}

export interface RealNginx {
  readonly port: number;
  /** Lines of the access log. */
  log(): readonly string[];
}

/**
 * One process on a free port of this machine, which ends with the test.
 * @param configure is told a folder for the files of the server.
 */
export async function startNginx(configure: (folder: string) => NginxConfiguration): Promise<RealNginx> {
  const folder = await temporaryFolder();
  const port = await pickFreePort();
  const { logFormat, http = "", listen = "", server } = configure(folder);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  log_format short "${logFormat}"; access_log ${folder}/access.log short;
  ${temporary.join("\n  ")}
  ${http}
  server {
    listen 127.0.0.1:${port} ${listen};
    ${server}
  }
}
`,
  );
  const errors = join(folder, "error.log");
  await startListening("nginx", ["-p", folder, "-c", "nginx.conf", "-e", errors], port, () =>
    readFileSync(errors, "utf8"),
  );
  return {
    port,
    log: () => readFileSync(join(folder, "access.log"), "utf8").split("\n").filter(Boolean),
  };
}
