import { spawnSync } from "node:child_process";

/** Of scripts/real-docker.sh: `/bin/busybox` and its links, nothing else. */
const IMAGE = "faultline-test";

export interface RealEngine {
  readonly host: string;
  readonly version: string;
  /** Runs the engine's own client. @throws Error with what it says. */
  docker(...args: readonly string[]): string;
}

/**
 * The engine that FAULTLINE_TEST_DOCKER names, as DOCKER_HOST does. @returns null where there is none: its tests are skipped with
 * a word.
 */
export function realEngine(): RealEngine | null {
  const host = process.env.FAULTLINE_TEST_DOCKER ?? "";
  if (host === "") {
    process.stderr.write('skipped: no Docker engine; eval "$(bash scripts/real-docker.sh)" starts one\n');
    return null;
  }
  const docker = (...args: readonly string[]) => {
    const { status, stdout, stderr, error } = spawnSync("docker", ["--host", host, ...args], {
      encoding: "utf8",
      timeout: 60_000,
    });
    if (error || status !== 0) throw new Error(`docker ${args.join(" ")}: ${error?.message ?? stderr}`);
    return stdout.trim();
  };
  return { host, docker, version: docker("version", "--format", "{{.Server.Version}}") };
}

/** Arguments that make a container run until it is ended, and end on SIGTERM. */
export function untilEnded(...options: readonly string[]): readonly string[] {
  const wait = "trap 'exit 0' TERM; while true; do sleep 1 & wait $!; done";
  return ["run", "--detach", ...options, IMAGE, "/bin/sh", "-c", wait];
}
