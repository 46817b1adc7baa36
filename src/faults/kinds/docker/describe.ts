import { countOf } from "../../../support/count-of.js";
import { formatSeconds } from "../../../support/format.js";
import type { FaultAction } from "../../fault-action.js";
import { type DockerDeed, type DockerSpec, dockerSpecOf } from "./action.js";

/** Enough digits that a number is shown as the user wrote it. */
const EXACT = 9;

/** "all containers of cache killed (SIGKILL), started again after 10 s", of each action. */
export function describeDocker(actions: readonly FaultAction[]): string {
  return actions
    .map((action) => {
      const spec = dockerSpecOf(action);
      return spec === null
        ? `${action.kind} on ${action.target}`
        : `${toWhom(action.target, spec)} ${whatIsDone(spec.do)}`;
    })
    .join(", ");
}

function toWhom(name: string, { who, pick, do: { deed } }: DockerSpec): string {
  if (who === "swarm" && deed === "kill")
    return `${pick === null ? "tasks" : countOf(pick, "task")} of Swarm service ${name}`;
  switch (who) {
    case "container":
      return `container ${name}`;
    case "swarm":
      return `Swarm service ${name}`;
    case "service": {
      if (pick === null) return `containers of ${name}`;
      return `${pick} ${pick === 1 ? "container" : "containers"} of ${name}`;
    }
  }
}

function whatIsDone(deed: DockerDeed): string {
  switch (deed.deed) {
    case "kill":
      return `killed (${deed.signal})${comesBack(deed.restartMs)}`;
    case "stop":
      return `stopped${comesBack(deed.restartMs)}`;
    case "restart":
      return "restarted";
    case "pause":
      return "paused";
    case "disconnect":
      return `cut off from ${deed.networks === null ? "all networks" : `network ${deed.networks.join(", ")}`}`;
    case "scale":
      return `scaled to ${deed.replicas}`;
    case "update":
      return "updated by force, task by task";
  }
}

function comesBack(restartMs: number | null): string {
  return restartMs === null ? "" : `, started again after ${formatSeconds(restartMs / 1000, EXACT)}`;
}
