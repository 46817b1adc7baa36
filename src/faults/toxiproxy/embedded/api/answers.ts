import type { ToxicProxy } from "../stream/proxy.js";
import type { ToxicEntry } from "../stream/toxic-entry.js";

/** Proxies and toxics as Toxiproxy's answers show them. */
export function proxyJson(proxy: ToxicProxy): string {
  const { name, listen, upstream, enabled } = proxy;
  const own = JSON.stringify({ name, listen, upstream, enabled });
  return `${own.slice(0, -1)},"toxics":${toxicsJson(proxy.toxics)}}`;
}

/**
 * An object keyed by name, in the order of the names' bytes. It is built as text, because a proxy may be called
 * __proto__.
 */
export function proxyIndexJson(proxies: readonly ToxicProxy[]): string {
  const sorted = [...proxies].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return `{${sorted.map((proxy) => `${JSON.stringify(proxy.name)}:${proxyJson(proxy)}`).join(",")}}`;
}

/** @returns null when there are none. */
export function populatedJson(proxies: readonly ToxicProxy[]): string {
  return proxies.length === 0 ? "null" : `[${proxies.map(proxyJson).join(",")}]`;
}

export function toxicsJson(entries: readonly ToxicEntry[]): string {
  return `[${entries.map(toxicJson).join(",")}]`;
}

export function toxicJson({ name, type, stream, toxicity, settings }: ToxicEntry): string {
  const attributes = type.attributes.map((each) => {
    const value = settings[each] ?? 0;
    const text = type.fractions?.includes(each) ? String(value) : int64Text(value);
    return `${JSON.stringify(each)}:${text}`;
  });
  const rest = JSON.stringify({ name, type: type.type, stream, toxicity: shortestFloat32(toxicity) });
  return `{"attributes":{${attributes.join(",")}},${rest.slice(1)}`;
}

const LARGEST_INT64 = 2n ** 63n - 1n;

/** In plain digits, and never beyond what a 64-bit integer holds. */
function int64Text(value: number): string {
  const exact = BigInt(value);
  return String(exact > LARGEST_INT64 ? LARGEST_INT64 : exact);
}

/** The shortest decimal number that equals this one in single precision: 0.1, not 0.10000000149011612. */
function shortestFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
