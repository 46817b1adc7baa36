import { formatSeconds } from "../../support/format.js";

interface TimedFault {
  readonly name: string;
  readonly injectedAtS: number | null;
  readonly removedAtS: number | null;
}

/** Of a run that was stopped then: the last fault, and how far the run was into it ("2.1 s"; null: already out). */
export function faultAtEnd(
  faults: readonly TimedFault[],
  atS: number,
): { readonly name: string; readonly into: string | null } | null {
  const fault = faults.findLast(({ injectedAtS }) => injectedAtS !== null && injectedAtS <= atS);
  if (!fault || fault.injectedAtS === null) return null;
  // What stops a run takes its fault out as well, after that.
  const inPlace = fault.removedAtS === null || fault.removedAtS >= atS;
  return {
    name: fault.name,
    into: inPlace ? formatSeconds(Math.round((atS - fault.injectedAtS) * 10) / 10) : null,
  };
}
