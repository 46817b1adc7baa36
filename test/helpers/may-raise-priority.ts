import { getPriority, setPriority } from "node:os";

/** Whether this process may go before others: Linux, as root or with CAP_SYS_NICE. */
export function mayRaisePriority(): boolean {
  if (process.platform !== "linux") return false;
  const before = getPriority();
  try {
    setPriority(before - 1);
    setPriority(before);
    return true;
  } catch {
    return false;
  }
}
