/** What the proof of a fault at an Envoy says of each of its parts. */

import { countOf } from "../../support/count-of.js";
import { formatCount, formatSeconds } from "../../support/format.js";
import { statusShown } from "../../support/names/grpc-status.js";
import { type NoteFacts, noteKind, type ProofNoteKind } from "../proof-note.js";
import { exactMs } from "../toxic.js";

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

const ENVOY: OfEnvoy = { envoy: "Envoy 127.0.0.1:9901" };
const PART: OfPart = { ...ENVOY, managers: ["ingress_http"], requests: 1377 };

const where = ({ envoy, managers }: OfPart) => `${envoy} (${managers.join(", ")})`;
const came = ({ requests, did }: OfPart & { readonly did: Did }) =>
  `${countOf(requests, "request")} came, and its fault filter ${did} none`;

export const proofNotes = {
  envoy_aborted: noteKind<
    OfPart & { readonly acted: number; readonly status: number; readonly isGrpc: boolean }
  >({ ...PART, acted: 412, status: 503, isGrpc: false }, (facts) => {
    const { acted, requests, status, isGrpc } = facts;
    const how = `${isGrpc ? "gRPC status" : "status"} ${statusShown(status)}`;
    return `${where(facts)} answered ${formatCount(acted)} of ${countOf(requests, "request")} with ${how}`;
  }),
  envoy_delayed: noteKind<OfPart & { readonly acted: number; readonly delayMs: number }>(
    { ...PART, acted: 690, delayMs: 800 },
    (facts) => {
      const { acted, requests, delayMs } = facts;
      return `${where(facts)} held ${formatCount(acted)} of ${countOf(requests, "request")} for ${exactMs(delayMs)}`;
    },
  ),
  envoy_no_request: noteKind<OfPart>(
    { ...PART, requests: 0 },
    (facts) => `${where(facts)}: no request came. Does what is loaded go through this Envoy?`,
  ),
  envoy_overflow: noteKind<OfPart & { readonly did: Did; readonly overflows: number }>(
    { ...PART, did: "aborted", overflows: 90 },
    (facts) =>
      `${where(facts)}: ${came(facts)}: \`max_active_faults\` was reached ${formatCount(facts.overflows)} times`,
  ),
  envoy_chose_none: noteKind<OfPart & { readonly did: Did; readonly share: number }>(
    { ...PART, requests: 12, did: "aborted", share: 0.01 },
    (facts) => `${where(facts)}: ${came(facts)}: the share chose none of so few`,
  ),
  envoy_met_none: noteKind<OfPart & { readonly did: Did }>(
    { ...PART, did: "delayed" },
    (facts) =>
      `${where(facts)}: ${came(facts)}: does the filter act on some of them only (headers, upstream_cluster), or does a route have one of its own?`,
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
