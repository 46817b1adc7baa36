interface TimedFault {
  readonly name: string;
  readonly injectedAtS: number | null;
  readonly removedAtS: number | null;
}

/**
 * The last fault of a run that was stopped at `atS`, and how many seconds the run was into it, to a tenth of one. null: it was
 * already out.
 */
export function faultAtEnd(
  faults: readonly TimedFault[],
  atS: number,
): { readonly name: string; readonly intoS: number | null } | null {
  const fault = faults.findLast(({ injectedAtS }) => injectedAtS !== null && injectedAtS <= atS);
  if (!fault || fault.injectedAtS === null) return null;
  // What stops a run takes its fault out afterwards. So a removal after `atS` means that the fault was in place.
  const inPlace = fault.removedAtS === null || fault.removedAtS >= atS;
  return {
    name: fault.name,
    intoS: inPlace ? Math.round((atS - fault.injectedAtS) * 10) / 10 : null,
  };
}
