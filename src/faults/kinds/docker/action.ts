/** The actions of the driver "docker": the kind makes them, the driver carries them out through an engine. */

import { z } from "zod";
import type { FaultAction, Json } from "../../fault-action.js";
import { DOCKER_WHO } from "./input.js";

export const DOCKER = "docker";

const graceS = z.number().nullable();
const restartMs = z.number().nullable();

const deedSchema = z.discriminatedUnion("deed", [
  z.object({ deed: z.literal("kill"), signal: z.string(), restartMs }),
  z.object({ deed: z.literal("stop"), graceS, restartMs }),
  z.object({ deed: z.literal("restart"), graceS }),
  z.object({ deed: z.literal("pause") }),
  /** null: all networks of the container. */
  z.object({ deed: z.literal("disconnect"), networks: z.array(z.string()).nullable() }),
  z.object({ deed: z.literal("scale"), replicas: z.number() }),
  z.object({ deed: z.literal("update") }),
]);

/** What is done to each container, or to a Swarm service. */
export type DockerDeed = z.output<typeof deedSchema>;
/** What is done to containers. */
export type ContainerDeed = Exclude<DockerDeed, { readonly deed: "scale" | "update" }>;

const aimSchema = z.object({
  who: z.enum(DOCKER_WHO),
  /** So many of those that fit, chosen by the seed. null: all. */
  pick: z.number().nullable(),
  /** More than so many are refused. */
  atMost: z.number(),
});

/** To what it is done, besides the name. */
export type DockerAim = z.output<typeof aimSchema>;

export function dockerAction(target: string, aim: DockerAim, deed: DockerDeed): FaultAction {
  const spec: { readonly [key: string]: Json } = { ...aim, ...deed };
  return { kind: DOCKER, driver: DOCKER, target, spec };
}

export interface DockerSpec extends DockerAim {
  readonly do: DockerDeed;
}

/**
 * What no two runs may act on at one time: "service cache of the Docker engine at unix:///…". null: it is no action of
 * this driver. `engine`: the address, as DOCKER_HOST has it.
 */
export function dockerClaim(action: FaultAction, engine: string, project: string | null): string | null {
  const spec = action.driver === DOCKER ? dockerSpecOf(action) : null;
  if (spec === null) return null;
  const of = spec.who === "service" && project !== null ? `${project}/` : "";
  return `${spec.who} ${of}${action.target} of the Docker engine at ${engine}`;
}

/** @returns null when a later version has written it. */
export function dockerSpecOf({ spec }: FaultAction): DockerSpec | null {
  const aim = aimSchema.safeParse(spec).data;
  const deed = deedSchema.safeParse(spec).data;
  return aim && deed ? { ...aim, do: deed } : null;
}
