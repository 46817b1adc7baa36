import type { InjectionProof } from "../../proof.js";
import type { ToldNote } from "../../proof-note.js";
import type { ActiveInjection } from "../active-injections.js";
import type { ProxyCounters } from "../client/counters.js";
import type { ListedProxy } from "../client/toxiproxy-listing.js";
import type { Injection } from "../injection.js";
import type { SeenUse } from "./connection-watch.js";
import type { ProbeResult } from "./probe.js";

/** One injection of a stage. */
export interface EvidencePart extends ActiveInjection {
  /** How often its toxic had acted when the stage began. An earlier stage may have had the very same toxic. */
  readonly actsBefore: number;
}

/** What is known of one proxy with injections, at the end of a stage. */
export interface ProxyEvidence {
  readonly proxy: string;
  readonly listen: string;
  readonly upstream: string;
  readonly parts: readonly EvidencePart[];
  /** As the server lists it now. null: it does not. */
  readonly listed: ListedProxy | null;
  readonly counters: {
    readonly atBaseline: ProxyCounters | null;
    /** Just before the first injection after the baseline. */
    readonly afterBaseline: ProxyCounters | null;
    /** Just before this fault. */
    readonly beforeFault: ProxyCounters | null;
    /** Just before this stage of it. */
    readonly before: ProxyCounters | null;
    readonly now: ProxyCounters | null;
  };
  /** A connection of ours. null when it was not tried. */
  readonly probe: ProbeResult | null;
  /** Connections of others, as this machine sees them. null when that is not known or not needed. */
  readonly seen: {
    readonly inBaseline: SeenUse | null;
    readonly now: SeenUse | null;
    /** Open just before the proxy went down. */
    readonly cut: number | null;
  };
}

/** What was in place from one change of a fault to the next, and its proxies. */
export interface StageEvidence {
  readonly injections: readonly Injection[];
  readonly proxies: readonly ProxyEvidence[];
}

/** How far the evidence for one proxy in one stage goes. */
export interface EvidenceGrade {
  readonly strength: InjectionProof["strength"];
  readonly note: ToldNote;
  /** For each toxic: how many connections it met, and how many of them it acted on. Missing when that is not known. */
  readonly acted?: readonly { readonly connections: number; readonly of: number }[];
  /** Traffic crossed, but gave the toxics no occasion to act. */
  readonly isIdle?: boolean;
}
