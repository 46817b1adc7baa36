import type { IdGroup, IdsRecord } from "../checks/ids-record.js";
import type { CheckRecord } from "../record.js";
import { type MaskedNames, maskRound } from "./masked-names.js";

export function maskCheck(
  check: CheckRecord,
  names: MaskedNames,
  mask: (text: string) => string,
): CheckRecord {
  return {
    ...check,
    name: mask(check.name),
    asks: mask(check.asks),
    expect: mask(check.expect),
    ...(check.ids ? { ids: maskIds(check.ids, names, mask) } : {}),
    asked: check.asked.map(({ firstBroken, firstUnasked, ...asks }) => ({
      ...asks,
      fault: names.fault(asks.fault),
      ...maskRound(asks.round, (name) => names.fault(name) ?? name),
      ...(firstBroken ? { firstBroken: { ...firstBroken, reason: mask(firstBroken.reason) } } : {}),
      ...(firstUnasked
        ? {
            firstUnasked: {
              ...firstUnasked,
              reason: mask(firstUnasked.reason),
              output: mask(firstUnasked.output),
            },
          }
        : {}),
    })),
  };
}

function maskIds(ids: IdsRecord, names: MaskedNames, mask: (text: string) => string): IdsRecord {
  const group = ({ sent, examples, ...rest }: IdGroup): IdGroup => ({
    ...rest,
    sent: sent.map((each) => ({ ...each, fault: names.fault(each.fault) })),
    examples: examples.map((each) => ({ ...each, id: mask(each.id), fault: names.fault(each.fault) })),
  });
  return {
    ...ids,
    request: names.request(ids.request) ?? ids.request,
    id: mask(ids.id),
    lost: group(ids.lost),
    duplicated: group(ids.duplicated),
    unexpected: group(ids.unexpected),
    recovered: group(ids.recovered),
  };
}
