import { composeWorkers } from "./compose-workers.js";
import { kubernetesWorkers } from "./kubernetes-workers.js";
import { systemdWorkers } from "./systemd-workers.js";
import type { WorkersEmitter } from "./workers-emitter.js";

export const WORKERS_EMITTERS: Readonly<Record<"kubernetes" | "compose" | "systemd", WorkersEmitter>> = {
  kubernetes: kubernetesWorkers,
  compose: composeWorkers,
  systemd: systemdWorkers,
};
