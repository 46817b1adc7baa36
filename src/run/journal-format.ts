import type { ProcessGroup } from "./process-group.js";
import type { RunnerIdentity } from "./runner-identity.js";

export const JOURNAL_FORMAT_VERSION = 1;

/** First line of a journal: whose run it is. */
export interface RunEntry {
  readonly entry: "run";
  readonly formatVersion: number;
  readonly runId: string;
  readonly scenario: string;
  readonly file: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly runner: RunnerIdentity;
  /** What no other run may use meanwhile; see `claimsOf`. */
  readonly claims: readonly string[];
}

/** A proxy of a real Toxiproxy server, as found before the run first touched it. */
export interface ProxyEntry {
  readonly entry: "proxy";
  readonly url: string;
  readonly proxy: string;
  readonly upstream: string;
  /** null: there was none of this name, the run creates it. */
  readonly found: { readonly enabled: boolean } | null;
}

/** One line. Each is written before the deed: it may or may not have happened. */
export type JournalEntry =
  | RunEntry
  | { readonly entry: "service-starting"; readonly service: string }
  | {
      readonly entry: "service-started";
      readonly service: string;
      readonly group: ProcessGroup;
      readonly stopGraceMs: number;
    }
  /** A folder that files are written into, each aside first. */
  | { readonly entry: "report-folder"; readonly folder: string }
  | ProxyEntry
  /** Names of toxics that the run adds to the proxy. */
  | {
      readonly entry: "toxics";
      readonly url: string;
      readonly proxy: string;
      readonly toxics: readonly string[];
    };

/** What a journal lists, gathered. */
export interface JournalContents {
  readonly run: RunEntry;
  /** One for each service that was or may have been started. */
  readonly groups: readonly ProcessGroup[];
  /** Longest grace that a service of the run was to have. */
  readonly stopGraceMs: number;
  readonly reportFolders: readonly string[];
  readonly proxies: readonly (ProxyEntry & { readonly toxics: readonly string[] })[];
}

/** Null when the text does not begin with a run: it is no journal, or one of a later version. */
export function parseJournal(text: string): JournalContents | null {
  const [run, ...entries] = text.split("\n").flatMap(parseLine);
  if (run?.entry !== "run" || run.formatVersion !== JOURNAL_FORMAT_VERSION) return null;
  const groups = new Map<string, ProcessGroup>();
  const reportFolders = new Set<string>();
  const proxies = new Map<string, ProxyEntry>();
  const toxics = new Map<string, Set<string>>();
  let stopGraceMs = 0;
  for (const entry of entries) {
    switch (entry.entry) {
      case "service-starting":
        groups.set(entry.service, { pid: null, start: null, marker: `${run.runId}/${entry.service}` });
        break;
      case "service-started":
        groups.set(entry.service, entry.group);
        stopGraceMs = Math.max(stopGraceMs, entry.stopGraceMs);
        break;
      case "report-folder":
        reportFolders.add(entry.folder);
        break;
      case "proxy":
        proxies.set(JSON.stringify([entry.url, entry.proxy]), entry);
        break;
      case "toxics": {
        const key = JSON.stringify([entry.url, entry.proxy]);
        toxics.set(key, new Set([...(toxics.get(key) ?? []), ...entry.toxics]));
        break;
      }
    }
  }
  return {
    run,
    groups: [...groups.values()],
    stopGraceMs,
    reportFolders: [...reportFolders],
    proxies: [...proxies].map(([key, proxy]) => ({ ...proxy, toxics: [...(toxics.get(key) ?? [])] })),
  };
}

/** No entry for a torn line: the deed that it was to announce did not follow. */
function parseLine(line: string): JournalEntry[] {
  try {
    const value: unknown = JSON.parse(line);
    // Only this program writes here, in a folder that nobody else can write to; the version is checked above.
    return typeof value === "object" && value !== null && "entry" in value ? [value as JournalEntry] : [];
  } catch {
    return [];
  }
}
