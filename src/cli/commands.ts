import { registerEmit } from "./cluster/emit.js";
import { registerRbac } from "./cluster/rbac.js";
import type { RegisterCommand } from "./command.js";
import { registerCompare } from "./compare.js";
import { registerGameDay } from "./gameday/gameday.js";
import { registerHalt } from "./gameday/halt.js";
import { registerFound, registerMitigated, registerNote } from "./gameday/notes.js";
import { registerGate } from "./gate.js";
import { registerHeal } from "./heal.js";
import { registerHistory } from "./history.js";
import { registerInit } from "./init/init.js";
import { registerProxy } from "./proxy.js";
import { registerReport } from "./report.js";
import { registerRun } from "./run.js";
import { registerSchedule } from "./schedule.js";
import { registerTelemetry } from "./telemetry.js";
import { registerValidate } from "./validate.js";
import { registerVerdict } from "./verdict.js";
import { registerWorker } from "./worker.js";
import { registerWorkers } from "./workers.js";

/** One file per command, in the order of --help. */
export const COMMANDS: readonly RegisterCommand[] = [
  registerRun,
  registerGameDay,
  registerNote,
  registerFound,
  registerMitigated,
  registerHalt,
  registerValidate,
  registerInit,
  registerSchedule,
  registerReport,
  registerVerdict,
  registerCompare,
  registerHistory,
  registerGate,
  registerTelemetry,
  registerHeal,
  registerProxy,
  registerRbac,
  registerWorker,
  registerWorkers,
  registerEmit,
];
