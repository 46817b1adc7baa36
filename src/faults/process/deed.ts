import { areProcessIds, isProcessGroup, isRecord } from "../../support/processes/read-back.js";
import type { ControlGroup } from "./control-group.js";
import type { StoppedProcesses } from "./stopped.js";

export function isStoppedProcesses(value: unknown): value is StoppedProcesses {
  return (
    isRecord(value) &&
    value.deed === "stop" &&
    typeof value.service === "string" &&
    isProcessGroup(value.group) &&
    areProcessIds(value.processes)
  );
}

export function isControlGroup(value: unknown): value is ControlGroup {
  return (
    isRecord(value) &&
    value.deed === "quota" &&
    [value.service, value.folder, value.home].every((each) => typeof each === "string")
  );
}
