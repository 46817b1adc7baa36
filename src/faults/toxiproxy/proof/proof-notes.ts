/** What the proof of a fault says of each proxy of Toxiproxy. */

import { countOf } from "../../../support/count-of.js";
import { formatBytes, formatCount } from "../../../support/format.js";
import { type NoteFacts, noteKind, type ProofNoteKind } from "../../proof-note.js";
import { type IdleToxic, nameOf, type ToxicFacts, whyItDidNotAct } from "./toxic-effect.js";

type OfProxy = {
  readonly proxy: string;
  /** Of a fault in stages: what was done in the one that this is about. */
  readonly stage?: string;
};
type Listening = OfProxy & { readonly listen: string };
/** Some clients go on to an address that the server names. null: this server does not, or it is not known. */
type Hinted = { readonly hint: string | null };

const PROXY: OfProxy = { proxy: "cache" };
const LISTENING: Listening = { ...PROXY, listen: "127.0.0.1:6391" };
const LATENCY: ToxicFacts = {
  ...{ type: "latency", stream: "downstream", toxicity: 1 },
  attributes: { latency: 300 },
};
const DURING = "while the fault was on";

/** With "cache: " before it. */
function on<Facts extends OfProxy>(text: (facts: Facts) => string): (facts: Facts) => string {
  return (facts) => `${facts.proxy}: ${text(facts)}`;
}

/** @param why ends with its own mark. */
function hinted(why: string, { hint }: Hinted): string {
  return hint === null ? why : `${why} ${hint}`;
}

export const proofNotes = {
  proxy_gone: noteKind<OfProxy>(
    PROXY,
    on(() => "the server no longer has this proxy"),
  ),
  toxic_gone: noteKind<OfProxy & { readonly toxic: string }>(
    { ...PROXY, toxic: "latency_downstream" },
    on(({ toxic }) => `the server no longer lists toxic "${toxic}"`),
  ),
  disabled_by_others: noteKind<OfProxy>(
    PROXY,
    on(() => "the proxy was disabled by somebody else"),
  ),
  enabled_by_others: noteKind<OfProxy>(
    PROXY,
    on(() => "the proxy was enabled again by somebody else"),
  ),
  still_accepts: noteKind<Listening>(
    LISTENING,
    on(({ listen }) => `${listen} still accepts connections`),
  ),
  refuses: noteKind<Listening>(
    LISTENING,
    on(({ listen }) => `${listen} refuses connections`),
  ),
  down_after_use: noteKind<
    Listening & {
      readonly cut: number;
      /** In the baseline. */
      readonly connections: number;
      readonly bytes: number;
    }
  >(
    { ...LISTENING, cut: 4, connections: 12, bytes: 48_200 },
    on(
      ({ listen, cut, connections, bytes }) =>
        `${listen} refuses connections; ${countOf(cut, "connection")} cut, ${countOf(connections, "connection")} and ${formatBytes(bytes)} in the baseline`,
    ),
  ),
  down_used: noteKind<
    Listening & {
      /** null: not known. */
      readonly cut: number | null;
    }
  >(
    { ...LISTENING, cut: 4 },
    on(({ listen, cut }) => {
      const ended = cut === null ? "" : `, ${countOf(cut, "connection")} cut`;
      return `${listen} refuses connections; used in the baseline${ended}`;
    }),
  ),
  down_unseen: noteKind<Listening>(
    LISTENING,
    on(({ listen }) => `${listen} refuses connections; whether anybody used it was not seen`),
  ),
  upstream_unreachable: noteKind<OfProxy & { readonly failed: number; readonly upstream: string }>(
    { ...PROXY, failed: 20, upstream: "127.0.0.1:6390" },
    on(
      ({ failed, upstream }) =>
        `${countOf(failed, "connection")} could not reach the upstream ${upstream}: is it running?`,
    ),
  ),
  used_before_only: noteKind<OfProxy & Hinted & { readonly connections: number }>(
    { ...PROXY, connections: 12, hint: null },
    on(({ connections, hint }) =>
      hinted(
        `${countOf(connections, "connection")} in the baseline, none while the fault was on: does the load still reach what uses it?`,
        { hint },
      ),
    ),
  ),
  nothing_crossed: noteKind<OfProxy & Hinted & { readonly connections: number; readonly when: string }>(
    { ...PROXY, connections: 2, when: DURING, hint: null },
    on(({ connections, when, hint }) =>
      hinted(
        `${countOf(connections, "connection")} open, but not a byte crossed ${when}: does the load reach what uses it?`,
        { hint },
      ),
    ),
  ),
  never_connected: noteKind<Listening & Hinted>(
    { ...LISTENING, hint: null },
    on(({ proxy, listen, hint }) =>
      hinted(
        `the service never connected to ${listen}: is its address set from \${proxies.${proxy}.listen}?`,
        { hint },
      ),
    ),
  ),
  connected_earlier: noteKind<
    Listening &
      Hinted & {
        readonly connections: number;
        readonly bytes: number;
        readonly when: string;
      }
  >(
    { ...LISTENING, connections: 1, bytes: 10, when: DURING, hint: null },
    on(({ listen, connections, bytes, when, hint }) => {
      const earlier = `${countOf(connections, "connection")}, ${formatBytes(bytes)}`;
      const why = `the service was connected to ${listen} earlier (${earlier}), but not ${when}: does the load reach what uses it?`;
      return hinted(why, { hint });
    }),
  ),
  did_not_act: noteKind<OfProxy & { readonly toxics: readonly IdleToxic[] }>(
    { ...PROXY, toxics: [{ ...LATENCY, connections: 12, drawn: 0, toxicity: 0.1 }] },
    on(({ toxics }) => toxics.map(whyItDidNotAct).join(", and ")),
  ),
  acted: noteKind<
    OfProxy & {
      readonly toxics: readonly (ToxicFacts & { readonly hits: number; readonly connections: number })[];
      readonly bytes: number;
    }
  >(
    { ...PROXY, toxics: [{ ...LATENCY, hits: 12, connections: 12 }], bytes: 48_200 },
    on(({ toxics, bytes }) => {
      const words = toxics.map((toxic, i) => {
        const of = i === 0 ? countOf(toxic.connections, "connection") : formatCount(toxic.connections);
        return `${nameOf(toxic)} ${i === 0 ? "acted " : ""}on ${formatCount(toxic.hits)} of ${of}`;
      });
      return `${words.join(", ")}; ${formatBytes(bytes)} crossed`;
    }),
  ),
  uncounted: noteKind<
    OfProxy & {
      /** What shows that the toxics are in place, in words. null: traffic that they must have acted on. */
      readonly shown: string | null;
      /** What crossed, as far as it was seen, in words. null: nothing was seen. */
      readonly traffic: string | null;
      /** What is not known, in words. */
      readonly open: readonly string[];
    }
  >(
    {
      ...{ ...PROXY, shown: "the server lists the toxics", traffic: null },
      open: ["whether traffic crossed was not seen (to know, start Toxiproxy with -proxy-metrics)"],
    },
    on(({ shown, traffic, open }) => {
      const seen = [shown, traffic].filter((each) => each !== null).join(", and ");
      return open.length === 0 ? seen : `${seen}; ${open.join(", and ")}`;
    }),
  ),
} satisfies Readonly<Record<string, ProofNoteKind<NoteFacts>>>;
