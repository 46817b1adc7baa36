/** What this machine did to a run, in words: the load generator's lateness, CPUs that the system did not get. */

import { formatMs, formatRatio } from "../../support/format.js";

/**
 * What the load generator was.
 * - late_seconds: late in some seconds.
 * - unsent: unable to send a share of what was due.
 * - uneven: so late in some seconds that their load was another than planned.
 * - slowed_down: in the closed model, late for a share of the time of its connections.
 */
export type LateFacts =
  | { readonly kind: "late_seconds"; readonly lateS: number; readonly ofS: number; readonly worstMs: number }
  | { readonly kind: "unsent"; readonly share: number }
  | { readonly kind: "uneven"; readonly offS: number; readonly ofS: number }
  | { readonly kind: "slowed_down"; readonly share: number };

/** "late in 2 of 6 s, by up to 10.5 ms", "unable to send 3% of what was due" */
export function lateText(late: LateFacts): string {
  switch (late.kind) {
    case "late_seconds":
      return `late in ${late.lateS} of ${late.ofS} s, by up to ${formatMs(late.worstMs)}`;
    case "unsent":
      return `unable to send ${formatRatio(late.share)} of what was due`;
    case "uneven":
      return `so late that the load of ${late.offS} of ${late.ofS} s was another than planned`;
    case "slowed_down":
      return `late for ${formatRatio(late.share)} of the time of its connections, which asked so much less`;
  }
}

/** What a system did that other programs took the CPUs from: the longest wait in a second. */
export type StarvedFacts = { readonly waitedMs: number };

/** "waited for a CPU for up to 812 ms of a second" */
export function starvedText({ waitedMs }: StarvedFacts): string {
  return `waited for a CPU for up to ${formatMs(waitedMs)} of a second`;
}

/**
 * Who had the CPUs. `shares`: of the time of all CPUs that faultline may use, greatest first. `saturated`: all that an
 * older record knows, or a machine that is no Linux; null: it had room.
 */
export type MachineFacts =
  | { readonly kind: "shares"; readonly shares: readonly MachineShare[] }
  | { readonly kind: "saturated"; readonly busy: number | null; readonly stolen: number | null };

export type MachineShare = {
  readonly who: "other_programs" | "host" | "cpu_quota" | "service" | "faultline";
  readonly share: number;
};

const WHO = {
  other_programs: ["other programs", "had"],
  host: ["the machine's host", "had"],
  cpu_quota: ["a CPU quota", "took"],
  service: ["the service", "had"],
  faultline: ["faultline", "had"],
} as const satisfies Readonly<Record<MachineShare["who"], readonly [who: string, verb: string]>>;

/** "Other programs had 87% of the machine's time, the service 8%." */
export function machineText(machine: MachineFacts): string {
  if (machine.kind === "saturated") {
    const { busy, stolen } = machine;
    const parts = [
      ...(busy === null ? [] : [`was ${formatRatio(busy)} busy`]),
      ...(stolen === null ? [] : [`had ${formatRatio(stolen)} of its CPU time given to others by its host`]),
    ];
    return `The machine ${parts.join(" and ")}.`;
  }
  const text = machine.shares
    .map(({ who, share }, at) => {
      const [name, verb] = WHO[who];
      if (at === 0) return `${name} ${verb} ${formatRatio(share)} of the machine's time`;
      return verb === "had" ? `${name} ${formatRatio(share)}` : `${name} ${verb} ${formatRatio(share)}`;
    })
    .join(", ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
