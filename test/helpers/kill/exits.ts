import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LEASE_MS } from "../../../src/run/safety/lease.js";
import { type Exit, HOLDS_FROM_THE_START, type Trial } from "./endings.js";
import type { Surroundings } from "./surroundings.js";

/** A verdict of any kind: these runs are too short to say which. */
const ANY_VERDICT: readonly Exit[] = [0, 1, 3, 4];

/** Exit codes as documented. A run that had not begun, or had ended, before it happened may say what it found. */
function allowedExits(
  { ending, phasesBefore }: Trial,
  happened: boolean,
  here: Surroundings,
): readonly Exit[] {
  if (!happened && !HOLDS_FROM_THE_START.has(ending)) return ANY_VERDICT;
  switch (ending) {
    case "the report folder cannot be written":
    case "the disk of the report is full":
    case "the disk of the journal is full":
      return [4];
    case "SIGINT":
    case "SIGINT, with a daemon":
    case "SIGINT, with a service paused":
    case "SIGINT, with a service short of CPU":
    case "SIGINT, with a service short of memory":
    case "SIGINT, with a service that was killed and comes back":
    case "SIGINT, with HTTP rules":
    case "SIGTERM, with HTTP rules":
    case "SIGTERM":
    case "SIGINT twice":
    case "SIGINT on a real Toxiproxy": {
      const own: NodeJS.Signals = ending.startsWith("SIGTERM") ? "SIGTERM" : "SIGINT";
      // Before the first file of its own, and after the last, the signal has its usual effect.
      if (hasReport(here) && ranToItsEnd(here)) return [...ANY_VERDICT, 130, own];
      return existsSync(join(here.state, "runs")) ? [130] : [130, own];
    }
    case "SIGKILL":
    case "SIGKILL, with a daemon":
    case "SIGKILL, with a service paused":
    case "SIGKILL, with a service short of CPU":
    case "SIGKILL, with a service short of memory":
    case "SIGKILL, with a service that was killed and comes back":
    case "SIGKILL, with HTTP rules":
    case "SIGKILL on a real Toxiproxy, with HTTP rules":
    case "SIGKILL on a real Toxiproxy":
    case "SIGKILL of the whole process group":
    case "SIGKILL on a Toxiproxy behind a path":
    case "SIGKILL on a Toxiproxy by https":
    case "SIGKILL of the run and of its tunnel to Toxiproxy":
    case "SIGKILL on a Toxiproxy, with the disk of the journal full":
      // One that was on its way out keeps its own exit code: on a busy machine that way takes seconds.
      return hasReport(here) && ranToItsEnd(here) ? [...ANY_VERDICT, "SIGKILL"] : ["SIGKILL"];
    case "an error that nobody catches":
      return hasReport(here) ? [...ANY_VERDICT, 3] : [3];
    case "a toxic throws":
      // It is made for each connection while the fault is on.
      return environmentFailed(here, phasesBefore === 0);
    case "Toxiproxy hangs":
    case "Toxiproxy pauses for 8 s":
    case "Toxiproxy is killed":
    case "the tunnel to Toxiproxy dies":
      // 5 as soon as it has touched a proxy there: whether that is as it was cannot be asked.
      return [...environmentFailed(here, phasesBefore === 0), 5];
    case "the run is stopped for longer than its lease, on a real Toxiproxy":
    case "the run is stopped for longer than its lease, with a service paused":
      // Before the first file of its own it is not watched, and after the last phase it has been judged.
      if (!hasReport(here) || !ranToItsEnd(here)) return [4];
      return lastedWhileStopped(here) ? [4] : ANY_VERDICT;
    case "the embedded server's thread ends":
      return environmentFailed(here, phasesBefore === 0);
    case "a service is killed":
      // Under a fault that is what the run was made to find.
      return [...environmentFailed(here, phasesBefore === 0), 1];
    default:
      return ending satisfies never;
  }
}

/** `early`: so much of the run was still to come that it must have noticed. */
function environmentFailed(here: Surroundings, early: boolean): readonly Exit[] {
  const noticed = !hasReport(here) || !ranToItsEnd(here);
  return noticed || early ? [4] : ANY_VERDICT;
}

function hasReport(here: Surroundings): boolean {
  return existsSync(join(here.reports, "run", "report.json"));
}

/** As planned; also when the baseline was not healthy, after which there is nothing left to happen to. */
function ranToItsEnd(here: Surroundings): boolean {
  const record = JSON.parse(readFileSync(join(here.reports, "run", "record.json"), "utf8"));
  return record.ending.kind === "completed";
}

/** From its own point of view; without the standstill it takes half of that. */
function lastedWhileStopped(here: Surroundings): boolean {
  const record = JSON.parse(readFileSync(join(here.reports, "run", "record.json"), "utf8"));
  return record.durationMs > LEASE_MS + 5_000;
}

/** On a machine that is too busy for the load a run ends after its baseline. */
function baselineWasUnhealthy(here: Surroundings): boolean {
  const path = join(here.reports, "run", "record.json");
  return existsSync(path) && readFileSync(path, "utf8").includes("baseline is not healthy");
}

export function exitProblems(
  trial: Trial,
  happened: boolean,
  exit: Exit,
  here: Surroundings,
): readonly string[] {
  if (exit === null) return ["it did not end in time"];
  const unhealthy: readonly Exit[] = baselineWasUnhealthy(here) ? [...ANY_VERDICT, 5] : [];
  const allowed = [...new Set([...allowedExits(trial, happened, here), ...unhealthy])];
  return allowed.includes(exit) ? [] : [`it ended with ${exit}; documented: ${allowed.join(", ")}`];
}
