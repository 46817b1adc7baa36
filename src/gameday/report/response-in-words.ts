import type { ResponseToFault } from "./game-day-report.js";

/** What people did about a fault: "noticed after 12 s by alice, found after 40 s by bob, …". */
export function responseText({ detected, diagnosed, mitigated, theories }: ResponseToFault): string {
  if (detected === null) return "nobody wrote a note";
  const wrong = theories.filter(({ isRight }) => !isRight).length;
  const parts = [`noticed ${after(detected)}`, diagnosed ? `found ${after(diagnosed)}` : "not found"];
  if (wrong > 0) parts.push(wrong === 1 ? "1 wrong theory" : `${wrong} wrong theories`);
  if (mitigated) {
    const { goodBefore, goodAfter } = mitigated;
    const shares =
      goodAfter === null
        ? " (too few requests came after it to say whether it helped)"
        : ` (${goodBefore === null ? "" : `${percent(goodBefore)} of requests were good before, `}${percent(goodAfter)} after)`;
    parts.push(`mitigated ${after(mitigated)}${shares}`);
  }
  return parts.join(", ");
}

function after({ afterS, by }: { readonly afterS: number; readonly by: string }): string {
  return `after ${Math.round(afterS)} s by ${by}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
