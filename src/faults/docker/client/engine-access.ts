import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { FaultlineError, messageOf } from "../../../support/errors.js";
import { isAllowedHost } from "../../../support/hosts.js";
import type { ClientTls } from "../../../support/outside/bounded-request.js";
import { isRecord, isTextOrNull } from "../../../support/processes/read-back.js";
import {
  type EngineAddress,
  engineAddressHelp,
  parseEngineAddress,
  USUAL_ENGINE,
} from "../../kinds/docker/engine-address.js";

/** How an engine is reached: plain data, for journals too. It holds no secret: keys stay in their folder. */
export interface EngineAccess {
  /** As DOCKER_HOST has it: "unix:///var/run/docker.sock". */
  readonly host: string;
  /** The folder with ca.pem, cert.pem and key.pem, as an absolute path. null: TLS is not spoken. */
  readonly certs: string | null;
  /** Whether the engine's certificate is checked. */
  readonly verify: boolean;
}

export function isEngineAccess(value: unknown): value is EngineAccess {
  return (
    isRecord(value) &&
    typeof value.host === "string" &&
    isTextOrNull(value.certs) &&
    typeof value.verify === "boolean"
  );
}

/**
 * The engine of the scenario, else that of the environment, by the variables of Docker's own client: DOCKER_HOST,
 * DOCKER_CERT_PATH, DOCKER_TLS_VERIFY.
 */
export function engineAccess(
  host: string | null,
  env: Readonly<Record<string, string | undefined>>,
): EngineAccess {
  const { DOCKER_HOST = "", DOCKER_CERT_PATH = "", DOCKER_TLS_VERIFY = "" } = env;
  const folder =
    DOCKER_CERT_PATH !== ""
      ? resolve(DOCKER_CERT_PATH)
      : DOCKER_TLS_VERIFY !== ""
        ? join(homedir(), ".docker")
        : null;
  // https:// without a folder is checked against the authorities of the system.
  const verify = DOCKER_TLS_VERIFY !== "" || folder === null;
  return { host: host ?? (DOCKER_HOST === "" ? USUAL_ENGINE : DOCKER_HOST), certs: folder, verify };
}

/** @throws FaultlineError USAGE: the environment names a context, whose engine is not known here. */
export function refuseContext(host: string | null, env: Readonly<Record<string, string | undefined>>): void {
  const { DOCKER_HOST = "", DOCKER_CONTEXT = "" } = env;
  if (host !== null || DOCKER_HOST !== "" || DOCKER_CONTEXT === "" || DOCKER_CONTEXT === "default") return;
  throw new FaultlineError(
    "USAGE",
    `DOCKER_CONTEXT names "${DOCKER_CONTEXT}", and contexts are not read. Give the engine's address in DOCKER_HOST, as "docker context inspect" says it`,
  );
}

/** @throws FaultlineError USAGE: it cannot be understood. HOST_NOT_ALLOWED. */
export function allowedEngine(access: EngineAccess, allowedHosts: readonly string[]): EngineAddress {
  const address = engineAddressOf(access);
  if (address.kind === "tcp" && !isAllowedHost(address.address.host, allowedHosts)) {
    const { host } = address.address;
    throw new FaultlineError(
      "HOST_NOT_ALLOWED",
      `the Docker engine is at ${access.host}, and ${host} is not this machine`,
    );
  }
  return address;
}

/** @throws FaultlineError USAGE */
export function engineAddressOf({ host, certs }: EngineAccess): EngineAddress {
  const address = parseEngineAddress(host, certs !== null);
  if (address) return address;
  throw new FaultlineError(
    "USAGE",
    `the address of the Docker engine, "${host}", is not understood. ${engineAddressHelp(host)}`,
  );
}

/** @throws FaultlineError DOCKER_UNREACHABLE: a file cannot be read. */
export function engineTls({ certs, verify }: EngineAccess): ClientTls {
  const read = (name: string): string | null => {
    if (certs === null) return null;
    const file = join(certs, name);
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      throw new FaultlineError(
        "DOCKER_UNREACHABLE",
        `the certificate of the Docker client cannot be read: ${messageOf(error)}`,
      );
    }
  };
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem"), servername: null, verify };
}
