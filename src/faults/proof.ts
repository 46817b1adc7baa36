/** What drivers tell of their faults: whether they acted, and on what. Records hold it as it is. */

import { z } from "zod";
import type { Json } from "./fault-action.js";
import type { ProofNote } from "./proof-note.js";
import { TOXIPROXY } from "./toxic.js";
import { WIRE_PROTOCOLS, type WireProtocol } from "./wire/protocol.js";

export interface InjectionProof {
  /**
   * observed: the fault acted on what the system sent · probed: a connection of ours showed the effect ·
   * listed: only the server's word · none: it could not be shown, or it acted on nothing.
   * With `probed` and `listed` nothing passes: whether the system's own traffic met the fault is not known.
   */
  readonly strength: ProofStrength;
  readonly proven: boolean;
  /** What was seen. When the fault is not proven: the likely cause. */
  readonly explanation: string;
  /** The explanation as data. Of several drivers: what those that tell it say. Older records lack it. */
  readonly because?: readonly ProofNote[] | undefined;
  /** The part with the smallest share: how many connections (or requests) it met, and on how many of them it acted. null: not known. */
  readonly acted?: ActedOn | null | undefined;
  /** Whether it is not proven only because the traffic gave it no occasion, such as a limit that was not reached. */
  readonly isIdle?: boolean | undefined;
  readonly targets: readonly TargetProof[];
}

export interface ActedOn {
  /** Connections on which the fault acted, out of those that it met. Requests, where `unit` says so. */
  readonly connections: number;
  readonly of: number;
  readonly unit?: "request" | undefined;
}

export type ProofStrength = "observed" | "probed" | "listed" | "none";

/** What was seen of one target while the fault was on. */
export interface TargetProof {
  readonly driver: string;
  readonly target: string;
  /** Names of the parts that the driver has in place there. For Toxiproxy: all toxics that the server listed. */
  readonly parts?: readonly string[] | undefined;
  /** What crossed, for a driver that connections pass through. */
  readonly traffic?: TargetTraffic | undefined;
  /** Whatever else the driver has seen, as plain data for people. */
  readonly evidence?: unknown;
}

/** What crossed a target. */
export interface TargetTraffic {
  readonly listen: string;
  readonly upstream: string;
  /** null when it is not counted. */
  readonly baseline: TrafficCount | null;
  readonly fault: TrafficCount | null;
  /** Those that connections spoke, as far as their first bytes tell. Missing when none is known. */
  readonly protocols?: readonly WireProtocol[] | undefined;
}

export interface TrafficCount {
  /** Connections that were open or were opened in that time. null: the server counts only bytes. */
  readonly connections: number | null;
  readonly bytes: number;
  /** How often clients were read from, which is about the number of requests that they sent. null: the server does not say. */
  readonly clientReads?: number | null | undefined;
}

/** Connections to what stands behind a proxy. */
export interface UpstreamDials {
  readonly proxy: string;
  readonly listen: string;
  readonly upstream: string;
  /** Connections that were tried. */
  readonly dials: number;
  /** Those that the upstream did not accept. */
  readonly refused: number;
  /** Whether faultline tried them itself, because the server does not count them. */
  readonly isOurs?: boolean | undefined;
  /** Whether a fault kept the upstream from accepting some or all of them. */
  readonly isByFault?: boolean | undefined;
}

const text = z.string("expected a text");
const flag = z.boolean("expected true or false");
const json: z.ZodType<Json> = z.json();
const list = <T extends z.ZodType>(value: T) => z.array(value, "expected a list");
const amount = z.number("expected a number").min(0, "expected a number of 0 or more");
const count = amount.int("expected a whole number");
const countOrNull = z.union([count, z.null()], "expected a whole number or null");

const trafficCount = z.union(
  [z.looseObject({ connections: countOrNull, bytes: amount, clientReads: countOrNull.optional() }), z.null()],
  "expected counts or null",
);

const traffic = {
  listen: text,
  upstream: text,
  baseline: trafficCount,
  fault: trafficCount,
  protocols: list(z.enum(WIRE_PROTOCOLS)).optional(),
};

const targetProof = z.looseObject({
  driver: text,
  target: text,
  parts: list(text).optional(),
  traffic: z.looseObject(traffic).optional(),
  evidence: z.json().optional(),
});

/** The form in records of earlier versions, which had one driver. */
const proxyProof = z
  .looseObject({ proxy: text, toxics: list(text), enabled: flag, ...traffic })
  .transform(({ proxy, toxics, enabled, listen, upstream, baseline, fault }) =>
    proxyTarget({ proxy, toxics, isEnabled: enabled, traffic: { listen, upstream, baseline, fault } }),
  );

/** How records hold a proof. */
export const proofSchema = z
  .looseObject({
    strength: z.enum(["observed", "probed", "listed", "none"]),
    proven: flag,
    explanation: text,
    because: list(z.looseObject({ id: text, facts: z.record(z.string(), json) })).optional(),
    acted: z
      .union(
        [z.looseObject({ connections: count, of: count, unit: z.literal("request").optional() }), z.null()],
        "expected counts or null",
      )
      .optional(),
    isIdle: flag.optional(),
    targets: list(targetProof).optional(),
    proxies: list(proxyProof).optional(),
  })
  .transform(({ targets, proxies, ...rest }, context) => {
    const found: readonly TargetProof[] | undefined = targets ?? proxies;
    if (!found) context.addIssue({ code: "custom", message: "expected a list", path: ["targets"] });
    return { ...rest, targets: found ?? [] };
  });

/** What was seen of a proxy of Toxiproxy. */
export function proxyTarget(seen: {
  readonly proxy: string;
  readonly toxics: readonly string[];
  readonly isEnabled: boolean;
  readonly traffic: TargetTraffic;
}): TargetProof {
  return {
    driver: TOXIPROXY,
    target: seen.proxy,
    parts: seen.toxics,
    traffic: seen.traffic,
    evidence: { enabled: seen.isEnabled },
  };
}

/** The proof when nothing could be seen: no driver was asked, or none could answer. */
export function noProof(explanation: string): InjectionProof {
  return { strength: "none", proven: false, explanation, targets: [] };
}
