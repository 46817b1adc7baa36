/** What the proof of a fault at an Envoy says of each of its parts. */

import { countOf } from "../../support/count-of.js";
import { formatCount, formatSeconds } from "../../support/format.js";
import { statusShown } from "../../support/names/grpc-status.js";
import { shareShown } from "../between/far-fewer.js";
import { type NoteFacts, noteKind, type ProofNoteKind } from "../proof-note.js";
import { exactMs } from "../toxic.js";
import type { Restriction } from "./envoy-part.js";

type OfEnvoy = {
  /** "Envoy 127.0.0.1:9901" */
  readonly envoy: string;
};

type OfPart = OfEnvoy & {
  /** The `stat_prefix` of each connection manager that had the fault. */
  readonly managers: readonly string[];
  /** Requests that came to them. */
  readonly requests: number;
};

type Did = "aborted" | "delayed";

/** What makes the number less than it says. */
type Less = {
  /** 0..1: asked for, where it acted on far fewer. null: it did not. */
  readonly asked: number | null;
  /** Why, by Envoy's configuration, not all requests meet the filter. */
  readonly restrictions: readonly Restriction[];
  /** How often `max_active_faults` was reached. */
  readonly overflows: number;
};

const ENVOY: OfEnvoy = { envoy: "Envoy 127.0.0.1:9901" };
const PART: OfPart = { ...ENVOY, managers: ["ingress_http"], requests: 1377 };

const where = ({ envoy, managers }: OfPart) => `${envoy} (${managers.join(", ")})`;
const NOT_LESS: Less = { asked: null, restrictions: [], overflows: 0 };

const RESTRICTED: Readonly<Record<Restriction, string>> = {
  headers: "its filter acts on some of them only (`headers`)",
  upstream_cluster: "its filter acts on some of them only (`upstream_cluster`)",
  downstream_nodes: "its filter acts on some of them only (`downstream_nodes`)",
  route: "a route has a filter of its own, or none",
  same_stat_prefix: "another connection manager counts under the same `stat_prefix`",
};

const reached = (overflows: number) =>
  `\`max_active_faults\` was reached ${overflows === 1 ? "once" : `${formatCount(overflows)} times`}`;

function lessText({ asked, restrictions, overflows }: Less): string {
  const why = asked === null ? [] : restrictions.map((each) => RESTRICTED[each]);
  const limit = overflows === 0 ? [] : [reached(overflows)];
  const fewer = asked === null ? "" : `, where ${shareShown(asked)} was asked`;
  const all = [...why, ...limit];
  return `${fewer}${all.length === 0 ? "" : `: ${all.join(", and ")}`}`;
}

const came = ({ requests, did }: OfPart & { readonly did: Did }) =>
  `${countOf(requests, "request")} came, and its fault filter ${did} none`;
const cameForFew = (facts: OfPart & { readonly did: Did; readonly acted: number }) =>
  facts.acted === 0
    ? came(facts)
    : `${countOf(facts.requests, "request")} came, and its fault filter ${facts.did} only ${formatCount(facts.acted)} of them`;

export const proofNotes = {
  envoy_aborted: noteKind<
    OfPart & Less & { readonly acted: number; readonly status: number; readonly isGrpc: boolean }
  >({ ...PART, ...NOT_LESS, acted: 412, status: 503, isGrpc: false }, (facts) => {
    const { acted, requests, status, isGrpc } = facts;
    const how = `${isGrpc ? "gRPC status" : "status"} ${statusShown(status)}`;
    return `${where(facts)} answered ${formatCount(acted)} of ${countOf(requests, "request")} with ${how}${lessText(facts)}`;
  }),
  envoy_delayed: noteKind<OfPart & Less & { readonly acted: number; readonly delayMs: number }>(
    { ...PART, ...NOT_LESS, acted: 690, delayMs: 800 },
    (facts) => {
      const { acted, requests, delayMs } = facts;
      return `${where(facts)} held ${formatCount(acted)} of ${countOf(requests, "request")} for ${exactMs(delayMs)}${lessText(facts)}`;
    },
  ),
  envoy_no_request: noteKind<OfPart>(
    { ...PART, requests: 0 },
    (facts) => `${where(facts)}: no request came. Does what is loaded go through this Envoy?`,
  ),
  envoy_overflow: noteKind<
    OfPart & { readonly did: Did; readonly acted: number; readonly overflows: number }
  >(
    { ...PART, did: "aborted", acted: 0, overflows: 90 },
    (facts) => `${where(facts)}: ${cameForFew(facts)}: ${reached(facts.overflows)}`,
  ),
  envoy_met_few: noteKind<
    OfPart & {
      readonly did: Did;
      readonly acted: number;
      /** 0..1 */
      readonly asked: number;
    }
  >(
    { ...PART, did: "aborted", acted: 3, asked: 0.3 },
    (facts) =>
      `${where(facts)}: ${cameForFew(facts)}, where ${shareShown(facts.asked)} was asked: does a filter before it answer the others, or do they say x-envoy-downstream-service-cluster, which has runtime keys of its own?`,
  ),
  envoy_acted_before: noteKind<OfPart & { readonly did: Did; readonly acted: number }>(
    { ...PART, did: "aborted", acted: 40 },
    (facts) =>
      `${where(facts)}: its fault filter ${facts.did} ${formatCount(facts.acted)} of ${countOf(facts.requests, "request")} before the fault had begun, so something else makes faults there`,
  ),
  envoy_chose_none: noteKind<OfPart & { readonly did: Did; readonly share: number }>(
    { ...PART, requests: 12, did: "aborted", share: 0.01 },
    (facts) => `${where(facts)}: ${came(facts)}: the share chose none of so few`,
  ),
  envoy_met_none: noteKind<OfPart & { readonly did: Did }>(
    { ...PART, did: "delayed" },
    (facts) =>
      `${where(facts)}: ${came(facts)}: does the filter act on some of them only (headers, upstream_cluster), does a route have one of its own, or do they say x-envoy-downstream-service-cluster, which has runtime keys of its own?`,
  ),
  envoy_runtime_lost: noteKind<OfEnvoy & { readonly afterS: number }>(
    { ...ENVOY, afterS: 4 },
    ({ envoy, afterS }) =>
      `${envoy}: ${formatSeconds(afterS)} after the fault had begun its runtime was empty again: Envoy was started again, or somebody took all of it out`,
  ),
  envoy_runtime_changed: noteKind<
    OfEnvoy & {
      readonly afterS: number;
      readonly key: string;
      /** "": it was taken out. */
      readonly to: string;
    }
  >({ ...ENVOY, afterS: 4, key: "fault.http.abort.abort_percent", to: "0" }, ({ envoy, afterS, key, to }) => {
    const done = to === "" ? `taken ${key} out` : `set ${key} to ${to}`;
    return `${envoy}: ${formatSeconds(afterS)} after the fault had begun somebody had ${done}`;
  }),
  envoy_counters_reset: noteKind<OfEnvoy>(
    ENVOY,
    ({ envoy }) =>
      `${envoy}: its counters were set back while the fault was on, so nothing shows what it did`,
  ),
  envoy_silent: noteKind<OfEnvoy & { readonly why: string }>(
    { ...ENVOY, why: "no whole answer after 3 s" },
    ({ envoy, why }) => `${envoy}: it does not say what it did: ${why}`,
  ),
} satisfies Readonly<Record<string, ProofNoteKind<NoteFacts>>>;
