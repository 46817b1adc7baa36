/** What contradicts itself among the keys under `docker:` of a fault. */

import type { Complaint } from "../../../notation/complaint.js";
import type { Duration } from "../../../quantities/units.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import { DOCKER_DEEDS, DOCKER_WHO, type DockerInput, type DockerWho } from "./input.js";

type Input = ValidParts<DockerInput>;
type Key = keyof DockerInput;

/** Deeds that go with some targets alone. The others are done to containers. */
const OF_SWARM: readonly Key[] = ["scale", "update"];
/** Swarm starts another one by itself. */
const OF_BOTH: readonly Key[] = ["kill"];
const LONGEST_GRACE_MS = 600_000;

export function checkDocker(input: Input): readonly Complaint[] {
  const has = (key: Key) => input[key] !== undefined;
  const complaints: Complaint[] = [];
  const conflict = (key: Key, message: string, help: string) =>
    complaints.push({ code: "conflict", path: ["docker", key], at: "key", message, help });
  const [who, otherWho] = DOCKER_WHO.filter(has);
  if (who !== undefined && otherWho !== undefined)
    conflict(
      otherWho,
      `\`${otherWho}\` and \`${who}\` both say what it is done to`,
      "Leave one of them out.",
    );
  const deeds = deedsOf(input);
  const [deed, otherDeed] = deeds;
  if (deed !== undefined && otherDeed !== undefined) {
    const help = "Leave one of them out. Under `inject` several faults are done to several targets.";
    conflict(otherDeed, `\`${otherDeed}\` and \`${deed}\` cannot both be done to the same containers`, help);
  }
  if (who !== undefined && otherWho === undefined) for (const each of deeds) checkFits(each, who, conflict);
  if (isDuration(input.restart) && !has("kill") && !has("stop")) {
    const message =
      "a duration at `restart` says when a container comes back after `kill` or `stop`, which is missing";
    conflict("restart", message, "Write kill: SIGKILL beside it, or restart: true.");
  }
  if (has("grace") && !has("stop") && input.restart !== true)
    conflict("grace", "`grace` goes with `stop` and `restart: true` alone", "Leave it out.");
  const { grace, pick, atMost } = input;
  if (grace !== undefined && (grace.ms % 1000 !== 0 || grace.ms > LONGEST_GRACE_MS)) {
    const message = "the engine takes whole seconds, at most 10 minutes";
    complaints.push({
      code: "wrong-value",
      path: ["docker", "grace"],
      at: "value",
      message,
      help: "For example 5s.",
    });
  }
  if (isDuration(input.restart) && who === "swarm" && has("kill"))
    conflict(
      "restart",
      "a Swarm starts another task by itself, after the delay that its service says",
      "Leave it out.",
    );
  for (const key of ["pick", "atMost"] as const) {
    const isOfSeveral = who === "service" || (who === "swarm" && has("kill"));
    if (has(key) && who !== undefined && !isOfSeveral)
      conflict(key, `\`${key}\` is about the containers of a service`, "Leave it out: this is one.");
  }
  if (pick !== undefined && atMost !== undefined && pick > atMost)
    conflict("pick", `it is to hit ${pick}, and \`atMost\` allows ${atMost}`, "Raise atMost, or lower pick.");
  return complaints;
}

/** What is done, in the order of the reference. More than one contradict each other. */
function deedsOf(input: Input): readonly Key[] {
  const restart: readonly Key[] = input.restart === true ? ["restart"] : [];
  return [...DOCKER_DEEDS.filter((key) => input[key] !== undefined), ...restart];
}

function checkFits(
  deed: Key,
  who: DockerWho,
  conflict: (key: Key, message: string, help: string) => void,
): void {
  const isOfSwarm = OF_SWARM.includes(deed);
  if (isOfSwarm === (who === "swarm") || OF_BOTH.includes(deed)) return;
  if (isOfSwarm) conflict(deed, `\`${deed}\` is done to a Swarm service`, "Name one with `swarm`.");
  else {
    const help = `A Swarm replaces what ends: use kill, scale: 0 or update: force. Or name a container.`;
    conflict(deed, `\`${deed}\` is done to containers, not to a Swarm service`, help);
  }
}

export function isDuration(restart: Input["restart"]): restart is Duration {
  return typeof restart === "object";
}
