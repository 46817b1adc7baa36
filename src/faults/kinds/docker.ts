import { faultKind } from "../fault-kind.js";
import { DOCKER, type DockerDeed, dockerAction } from "./docker/action.js";
import { checkDocker, isDuration } from "./docker/complaints.js";
import { describeDocker } from "./docker/describe.js";
import { DOCKER_WHO, type DockerInput, dockerInput } from "./docker/input.js";

export const docker = faultKind({
  name: DOCKER,
  driver: DOCKER,
  cutsOff: true,
  keys: {
    docker: dockerInput
      .meta({
        description:
          "Acts on containers through a Docker engine (docs/docker.md): those of a service of a compose file, one by name, or a Swarm service.",
        samples: [{ service: "cache", kill: "SIGKILL", restart: "10s" }],
      })
      .optional(),
  },
  modifiers: [],
  clash: "cannot both be done to the same containers",
  target: ({ docker }) => {
    const who = DOCKER_WHO.find((key) => docker?.[key] !== undefined);
    return who === undefined ? null : (docker?.[who] ?? null);
  },
  slots: ({ docker }) =>
    DOCKER_WHO.filter((key) => docker?.[key] !== undefined).map((key) => `docker ${key}`),
  check: ({ docker }) => (docker ? checkDocker(docker) : []),
  endsItself: ({ docker }) =>
    isDuration(docker?.restart) ? { afterMs: docker.restart.ms, key: "restart", within: DOCKER } : null,
  needsGrant: ({ docker }) => {
    const who = DOCKER_WHO.find((key) => docker?.[key] !== undefined);
    const name = who === undefined ? undefined : docker?.[who];
    return who === undefined || name === undefined
      ? null
      : {
          option: "--allow-docker",
          // No name of an engine has a colon, so a service's name allows nothing else.
          name: who === "service" ? name : `${who}:${name}`,
          isOfProject: who === "service",
        };
  },
  actions: ({ docker }, { target }) => {
    const who = DOCKER_WHO.find((key) => docker?.[key] !== undefined);
    const deed = docker && deedOf(docker);
    if (who === undefined || !deed) return [];
    const { pick = null } = docker;
    return [dockerAction(target, { who, pick, atMost: docker.atMost ?? pick ?? 1 }, deed)];
  },
  describe: describeDocker,
});

function deedOf({
  kill,
  stop,
  restart,
  pause,
  disconnect,
  scale,
  update,
  grace,
}: DockerInput): DockerDeed | null {
  const restartMs = isDuration(restart) ? restart.ms : null;
  const graceS = grace === undefined ? null : grace.ms / 1000;
  if (kill !== undefined) return { deed: "kill", signal: kill, restartMs };
  if (stop) return { deed: "stop", graceS, restartMs };
  if (restart === true) return { deed: "restart", graceS };
  if (pause) return { deed: "pause" };
  if (disconnect !== undefined) return { deed: "disconnect", networks: networksOf(disconnect) };
  if (scale !== undefined) return { deed: "scale", replicas: scale };
  return update === undefined ? null : { deed: "update" };
}

function networksOf(disconnect: true | string | readonly string[]): string[] | null {
  if (disconnect === true) return null;
  return typeof disconnect === "string" ? [disconnect] : [...disconnect];
}
