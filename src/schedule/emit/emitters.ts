import type { Emitter } from "./emitter.js";

/** What --emit can write, in the order of --help. Each is loaded only when it is asked for. */
export const EMITTERS = {
  systemd: async () => (await import("./systemd.js")).systemd,
  cron: async () => (await import("./cron.js")).cron,
  kubernetes: async () => (await import("./kubernetes.js")).kubernetes,
  "github-actions": async () => (await import("./github-actions.js")).githubActions,
  gitlab: async () => (await import("./gitlab.js")).gitlab,
} as const satisfies Readonly<Record<string, () => Promise<Emitter>>>;

export type EngineName = keyof typeof EMITTERS;

/** @returns null when there is no such engine. */
export function engineNamed(name: string): EngineName | null {
  return ENGINES.find((known) => known === name) ?? null;
}

// Object.keys widens the names. They are those of the table.
export const ENGINES = Object.keys(EMITTERS) as readonly EngineName[];
