/** Which containers a fault acts on: those that it names, and never another one. */

import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { countOf } from "../../../support/count-of.js";
import { FaultlineError } from "../../../support/errors.js";
import { nearest } from "../../../support/names/suggestion.js";
import { seededStream } from "../../../support/random.js";
import type { DockerSpec } from "../../kinds/docker/action.js";
import type { ListedContainer } from "../client/engine-answers.js";
import type { DockerEngine } from "../client/engine-api.js";

/** Labels that compose puts on its containers. */
const PROJECT = "com.docker.compose.project";
const SERVICE = "com.docker.compose.service";
const ONE_OFF = "com.docker.compose.oneoff";
/** Names are listed up to this number. */
const MOST_NAMES = 12;

export interface Wanted {
  readonly target: string;
  readonly spec: DockerSpec;
  /** Compose project. null: the only one that has such a service. */
  readonly project: string | null;
  readonly seed: number;
}

/** @throws FaultlineError DOCKER_TARGET: nothing fits, or more than is allowed. */
export async function findContainers(
  engine: DockerEngine,
  wanted: Wanted,
): Promise<readonly ListedContainer[]> {
  const all = await engine.containers();
  const found = wanted.spec.who === "service" ? ofService(all, wanted) : [named(all, wanted.target)];
  return chosenOf(found, wanted);
}

/** Those of a service that are hit. @throws FaultlineError DOCKER_TARGET: more than is allowed, or the one that this runs in. */
export function chosenOf(found: readonly ListedContainer[], wanted: Wanted): readonly ListedContainer[] {
  const chosen = choose(found, wanted);
  const own = chosen.find(({ id }) => isOwnContainer(id));
  if (own) refuseTarget(`container ${nameOfListed(own)} is the one that faultline runs in`);
  return chosen;
}

export function nameOfListed({ names: [name], id }: ListedContainer): string {
  return name ?? id.slice(0, 12);
}

function named(all: readonly ListedContainer[], target: string): ListedContainer {
  const isId = /^[0-9a-f]{12,64}$/.test(target);
  const fits = all.filter(({ id, names }) => names.includes(target) || (isId && id.startsWith(target)));
  const [one, other] = fits;
  if (other) refuseTarget(`${countOf(fits.length, "container")} have an id that begins with ${target}`);
  if (!one) {
    const running = all.filter(isUp).map(nameOfListed);
    refuseTarget(`there is no container "${target}"${suggested(target, running, "running containers")}`);
  }
  if (!isUp(one)) refuseTarget(`container "${target}" does not run: it is ${one.state}`);
  return one;
}

function ofService(all: readonly ListedContainer[], { target, project }: Wanted): readonly ListedContainer[] {
  const ofCompose = all.filter(
    ({ labels }) => labels[SERVICE] !== undefined && labels[ONE_OFF]?.toLowerCase() !== "true",
  );
  const inProject = ofCompose.filter(({ labels }) => project === null || labels[PROJECT] === project);
  const where = project === null ? "" : ` in the compose project "${project}"`;
  const fits = inProject.filter(({ labels }) => labels[SERVICE] === target);
  if (fits.length === 0) {
    const projects = unique(ofCompose.map(({ labels }) => labels[PROJECT] ?? ""));
    if (project !== null && inProject.length === 0)
      refuseTarget(
        `there is no container of the compose project "${project}"${suggested(project, projects, "projects")}`,
      );
    const services = unique(inProject.filter(isUp).map(({ labels }) => labels[SERVICE] ?? ""));
    refuseTarget(
      `there is no container of a compose service "${target}"${where}${suggested(target, services, "running services")}`,
    );
  }
  const projects = unique(fits.map(({ labels }) => labels[PROJECT] ?? ""));
  if (projects.length > 1) {
    refuseTarget(
      `${projects.length} compose projects have a service "${target}": ${projects.join(", ")}. Name one: docker: { project: ${projects[0]} } at the top of the scenario`,
    );
  }
  const up = fits.filter(isUp);
  if (up.length === 0) {
    const states = fits.map((each) => `${nameOfListed(each)} is ${each.state}`);
    refuseTarget(
      `no container of service "${target}"${where} runs: ${states.slice(0, MOST_NAMES).join(", ")}`,
    );
  }
  return up.sort((a, b) => (nameOfListed(a) < nameOfListed(b) ? -1 : 1));
}

/** By the seed: the same ones whenever the same containers are there. */
function choose(
  found: readonly ListedContainer[],
  { target, spec, seed }: Wanted,
): readonly ListedContainer[] {
  const { pick, atMost } = spec;
  if (pick !== null && pick > found.length)
    refuseTarget(
      `\`pick: ${pick}\` of service "${target}", which has ${countOf(found.length, "running container")}`,
    );
  const count = pick ?? found.length;
  if (count > atMost) {
    const names = listed(found.map(nameOfListed));
    refuseTarget(
      `service "${target}" has ${countOf(found.length, "running container")} (${names}), and at most ${atMost} may be hit. Write pick: 1 for one of them, or atMost: ${found.length} for all`,
    );
  }
  if (count === found.length) return found;
  const random = seededStream(seed, ...[...target].map((letter) => letter.codePointAt(0) ?? 0));
  const left = [...found];
  const chosen = Array.from({ length: count }, () =>
    left.splice(Math.floor(random() * left.length), 1),
  ).flat();
  return found.filter((each) => chosen.includes(each));
}

/** What a container can be done something to. Paused and restarting ones are refused later, each with its reason. */
function isUp({ state }: ListedContainer): boolean {
  return ["running", "paused", "restarting"].includes(state.toLowerCase());
}

function suggested(word: string, known: readonly string[], what: string): string {
  if (known.length === 0) return `; there are no ${what}`;
  const near = nearest(word, known);
  return near === null ? `; ${what}: ${listed(known)}` : `; did you mean "${near}"?`;
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

/** An engine names a container's host by its id, and mounts the file of that name from a folder of its own. */
function isOwnContainer(id: string): boolean {
  if (id.startsWith(hostname()) && /^[0-9a-f]{12}$/.test(hostname())) return true;
  try {
    return readFileSync("/proc/self/mountinfo", "utf8").includes(`/containers/${id}/hostname /etc/hostname `);
  } catch {
    // Without /proc this is no Linux, and no container of an engine.
    return false;
  }
}

export function refuseTarget(message: string): never {
  throw new FaultlineError("DOCKER_TARGET", message);
}
