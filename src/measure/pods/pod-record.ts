/** What record.json holds of the pods that a run has watched. Texts are those of the cluster. */

import { z } from "zod";
import {
  anyText,
  count,
  type Described,
  flag,
  listOf,
  nullableNumber,
  nullableText,
  number,
  orNull,
} from "../schema-parts.js";

const seenPod = z.looseObject({
  uid: anyText,
  namespace: anyText,
  name: anyText,
  labels: z.record(z.string(), z.string()),
  /** Who makes it anew: a deployment, not its ReplicaSet. */
  owner: orNull(z.looseObject({ kind: anyText, name: anyText })),
});

/** A pod that has changed. */
export interface SeenPod extends Described<typeof seenPod> {}

const end = { reason: nullableText, exitCode: nullableNumber };

const happened = z.discriminatedUnion(
  "kind",
  [
    z.looseObject({ kind: z.literal("created") }),
    z.looseObject({ kind: z.literal("deleted") }),
    z.looseObject({ kind: z.literal("ready"), isFirst: flag }),
    z.looseObject({ kind: z.literal("unready") }),
    z.looseObject({ kind: z.literal("failed"), reason: anyText }),
    z.looseObject({ kind: z.literal("restarted"), container: anyText, times: count, ...end }),
    z.looseObject({
      kind: z.literal("stuck"),
      container: anyText,
      why: anyText,
      lastEnd: orNull(z.looseObject(end)),
    }),
  ],
  "expected what became of a pod",
);

const podChange = z.looseObject({
  /** When the API server told it, in seconds since load began. */
  atS: number,
  /** Of the pod. */
  uid: anyText,
  happened,
});

export interface PodChangeRecord extends Described<typeof podChange> {}

/** A time in which nobody told what became of the pods. */
const podGap = z.looseObject({
  namespace: anyText,
  fromS: number,
  untilS: number,
  /** false: all of it was told later. true: what came and went meanwhile is not known. */
  isLost: flag,
});

export interface PodGap extends Described<typeof podGap> {}

/** Changes for the worse that came after as many as are kept. */
const unkept = z.looseObject({ fromS: number, untilS: number, changes: count });

export const podsRecord = z.looseObject({
  namespaces: listOf(anyText),
  pods: listOf(seenPod),
  changes: listOf(podChange),
  /** Changes beyond those that are kept. */
  unlisted: count,
  /** Missing in records of before. */
  unkept: listOf(unkept).optional(),
  gaps: listOf(podGap),
});

export interface PodsRecord extends Described<typeof podsRecord> {}
