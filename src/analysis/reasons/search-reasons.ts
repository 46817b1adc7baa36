/** What a search for the breaking point found. */

import { says, saysAsIs } from "./reason-kind.js";

type Searched = {
  readonly slo: string;
  readonly attribute: string;
  readonly proxy: string;
  /** Of the values. */
  readonly unit: string;
};

const SEARCHED: Searched = { slo: "p99 < 500ms", attribute: "latency", proxy: "cache", unit: "ms" };

function of({ attribute, proxy }: Searched): string {
  return `${attribute} on ${proxy}`;
}

export const searchReasons = {
  breaking_point: says<Searched & { readonly holdsUpTo: number; readonly breaksAt: number }>(
    { ...SEARCHED, holdsUpTo: 310, breaksAt: 340 },
    ({ holdsUpTo, breaksAt, ...search }) =>
      `"${search.slo}" holds up to ${holdsUpTo} ${search.unit} of ${of(search)} and breaks at ${breaksAt} ${search.unit}`,
  ),
  held_in_every_trial: says<Searched & { readonly holdsUpTo: number }>(
    { ...SEARCHED, holdsUpTo: 800 },
    ({ holdsUpTo, ...search }) =>
      `"${search.slo}" held in every trial, up to ${holdsUpTo} ${search.unit} of ${of(search)}; where it breaks was not found`,
  ),
  nothing_decided_beyond: says<Searched & { readonly holdsUpTo: number; readonly undecided: number }>(
    { ...SEARCHED, holdsUpTo: 200, undecided: 500 },
    ({ holdsUpTo, undecided, ...search }) =>
      `"${search.slo}" holds up to ${holdsUpTo} ${search.unit} of ${of(search)}; whether it does at ${undecided} ${search.unit} could not be decided`,
  ),
  nothing_milder_known: says<Searched & { readonly breaksAt: number }>(
    { ...SEARCHED, breaksAt: 340 },
    ({ breaksAt, ...search }) =>
      `"${search.slo}" breaks at ${breaksAt} ${search.unit} of ${of(search)}; whether it holds at anything milder is not known`,
  ),
  broken_in_every_trial: says<Searched & { readonly breaksAt: number }>(
    { ...SEARCHED, breaksAt: 0 },
    ({ breaksAt, ...search }) =>
      `"${search.slo}" was broken in every trial, even at ${breaksAt} ${search.unit} of ${of(search)}`,
  ),
  no_trial_decided: says<Searched>(
    SEARCHED,
    (search) => `No trial could decide whether "${search.slo}" holds, so nothing is known of ${of(search)}`,
  ),
  search_ended_early: says<{ readonly why: string }>(
    { why: "the run was aborted" },
    ({ why }) => `The search ended early, as ${why}`,
  ),
  trials_not_proven: saysAsIs<{ readonly explanation: string }>(
    { explanation: "cache: no connection crossed it" },
    ({ explanation }) =>
      `In some trials it could not be shown that the fault did what was asked: ${explanation}`,
  ),
};
