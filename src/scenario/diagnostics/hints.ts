import { metricOf, readMetric } from "../../slo/metrics/index.js";
import type { SeqNode, TreeNode } from "../text/tree.js";

/** How people write units elsewhere, and what they are here. N stands for the number. */
const UNIT_SPELLINGS: readonly {
  readonly expects: string;
  readonly spellings: readonly (readonly [RegExp, string])[];
}[] = [
  {
    expects: "a duration",
    spellings: [
      [/^(ms|msecs?|millis|milliseconds?)$/i, "Nms"],
      [/^(s|secs?|seconds?)$/i, "Ns"],
      [/^(m|mins?|minutes?)$/i, "Nm"],
      [/^(h|hrs?|hours?)$/i, "Nh"],
      [/^$/, "Nms or Ns"],
    ],
  },
  {
    expects: "a rate",
    spellings: [
      [/^(|rps|qps|tps|r\/s|reqs?\/s|requests?\/s|\/secs?|\/seconds?)$/i, "N/s"],
      [/^(rpm|r\/m|reqs?\/min|requests?\/min|\/mins?|\/minutes?)$/i, "N/min"],
      [/^(rph|\/hrs?|\/hours?)$/i, "N/h"],
    ],
  },
  {
    expects: "a size",
    spellings: [
      [/^$/, "NB or NKB"],
      [/^b(ytes?)?$/i, "NB"],
      [/^kb?$/i, "NKB"],
      [/^mb?$/i, "NMB"],
      [/^gb?$/i, "NGB"],
    ],
  },
  {
    expects: "a bandwidth",
    spellings: [
      [/^$/, "NKB/s"],
      [/^kb?(\/s|ps)?$/i, "NKB/s (bytes) or NKbit/s (bits)"],
      [/^mb?(\/s|ps)?$/i, "NMB/s (bytes) or NMbit/s (bits)"],
      [/^gb?(\/s|ps)?$/i, "NGB/s (bytes) or NGbit/s (bits)"],
    ],
  },
];

/**
 * What to write instead, when the present value tells.
 * @param expected how the schema says what it wants: the words after "expected" in the complaint.
 */
export function hintFor(node: TreeNode, expected: string): string | null {
  if (expected.startsWith("an SLO")) return sloHint(node);
  if (expected.startsWith("a list")) return listHint(node, expected);
  if (node.kind === "seq" && expected.startsWith("a map")) return mapHint(node);
  if (node.kind !== "scalar") return null;
  const { value, text, written } = node;
  // What a variable stands for. A value from the environment is masked later with the other secrets.
  if (written !== text && written.includes("${")) return `${written} stands for \`${text}\`.`;
  return (
    quantityHint(text.trim(), expected) ??
    switchHint(text, expected) ??
    (typeof value === "string" ? unquotedHint(text, expected) : quotedHint(text, expected)) ??
    shapeHint(text, expected)
  );
}

function quantityHint(text: string, expected: string): string | null {
  // When the complaint is not about the form, the number is out of range.
  if (!/with its unit|^a percentage from/.test(expected)) return null;
  const [, minutes, seconds] = /^(\d+):(\d\d)$/.exec(text) ?? [];
  if (seconds !== undefined && expected.startsWith("a duration")) return `Write ${minutes}m${seconds}s.`;
  // As reports write it. Elsewhere the comma may be a decimal one.
  const [, whole, thousands, unit] = /^(\d{1,3}),(\d{3})(\D.*)?$/.exec(text) ?? [];
  if (whole !== undefined)
    return `Write ${whole}${thousands}${unit ?? ""}, without the comma, or ${text.replace(",", ".")}.`;
  const decimal = /^\d+,\d+/.test(text) ? text.replace(",", ".") : null;
  if (decimal !== null) return `Write ${decimal}, with a decimal point.`;
  const [, number, spelling = ""] = /^(\d+(?:\.\d+)?) *([a-z/]*)$/i.exec(text) ?? [];
  if (number === undefined) return null;
  if (expected.startsWith("a percentage") && spelling === "") {
    // Most tools write 30% as 0.3.
    const share = Number(number) > 0 && Number(number) <= 1;
    return `Write ${share ? Number((Number(number) * 100).toPrecision(12)) : number}%.`;
  }
  const kind = UNIT_SPELLINGS.find(({ expects }) => expected.startsWith(expects));
  const meant = kind?.spellings.find(([pattern]) => pattern.test(spelling))?.[1];
  const write = meant?.replaceAll("N", number);
  // The present text is already well formed: its number is what is wrong.
  return write === undefined || write === text ? null : `Write ${write}.`;
}

/** YAML 1.1 took these for switches, YAML 1.2 takes them for texts. */
function switchHint(text: string, expected: string): string | null {
  if (!expected.startsWith("true")) return null;
  if (/^(on|yes|y)$/i.test(text)) return "Write true.";
  if (/^(off|no|n)$/i.test(text)) return expected.startsWith("true or false") ? "Write false." : null;
  return null;
}

function unquotedHint(text: string, expected: string): string | null {
  const wantsNumber = /^(\d|a whole number|a number)/.test(expected);
  const wantsSwitch = expected.startsWith("true") && /^(true|false)$/.test(text);
  return (wantsNumber && /^\d+(\.\d+)?$/.test(text)) || wantsSwitch ? `Write ${text}, without quotes.` : null;
}

function quotedHint(text: string, expected: string): string | null {
  return text !== "" && /^(a name|text)\b/.test(expected) ? `Write "${text}", with quotes.` : null;
}

function shapeHint(text: string, expected: string): string | null {
  const [, key] = /^a map with `(run|type)`/.exec(expected) ?? [];
  if (key !== undefined) return `Write { ${key}: ${text} }.`;
  const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(text) ?? [];
  if (path !== undefined && expected.startsWith("a map with `path`")) {
    return `Write { method: ${method}, path: ${path} }.`;
  }
  if (expected === "host:port" && /^\d+$/.test(text)) return `Write 127.0.0.1:${text}.`;
  if (expected.startsWith("a status") && /^[1-5]xx$/i.test(text)) return `Write ${text.toLowerCase()}.`;
  if (expected.startsWith("a map with `status`") && /^[1-5](\d\d|xx)$/i.test(text)) {
    return `Write { status: ${text.toLowerCase()} }.`;
  }
  if (expected.startsWith("a path that begins with /") && /^[\w.~%-][^\s#]*$/.test(text)) {
    return URL.canParse(text) ? "The host stands in load.target." : `Write /${text}.`;
  }
  if (expected.startsWith("one of both,") && text === "true") return "Write both.";
  return null;
}

/** A list of names, where the names should be keys. */
function mapHint({ items: [first] }: SeqNode): string {
  const named = first?.kind === "map" ? first.entries.get("name")?.value : undefined;
  const only = first?.kind === "map" && first.entries.size === 1 ? [...first.entries.keys()][0] : undefined;
  const name = named?.kind === "scalar" ? named.written : only;
  return name === undefined
    ? "The keys of a map stand without dashes."
    : `The keys of a map stand without dashes: \`${name}:\`.`;
}

function sloHint(node: TreeNode): string | null {
  if (node.kind !== "map") return null;
  const [only, ...more] = node.entries;
  if (!only || more.length > 0) return "Write it as one text, such as p99 < 500ms.";
  return `Write it as one text: ${sloOf(...only)}.`;
}

function listHint(node: TreeNode, expected: string): string | null {
  if (node.kind === "map") {
    const [first] = node.entries;
    if (!first) return null;
    const [key, { value }] = first;
    const pair = value.kind === "scalar" ? `${key}: ${value.written}` : `name: ${key}`;
    const entry = expected.includes("SLO") ? sloOf(...first) : pair;
    return `A list has a dash before each entry: \`- ${entry}\`.`;
  }
  if (node.kind !== "scalar" || node.text === "") return null;
  // Lines that were meant as entries of their own have become one text.
  const text = node.written.replace(/\s+/g, " ").replace(/(?<=.) - .*/, "");
  if (text.startsWith("-")) return `A dash is followed by a blank: \`- ${text.slice(1).trim()}\`.`;
  const entry = /SLO|condition|host|file|text/.test(expected) ? text : `name: ${text}`;
  return `A list has a dash before each entry: \`- ${entry}\`.`;
}

/** `p99: 500ms` and `p99: < 500ms` mean p99 < 500ms. */
function sloOf(metric: string, { value }: { readonly value: TreeNode }): string {
  const target = value.kind === "scalar" && value.text !== "" ? value.written : "500ms";
  if (/^[<>]/.test(target)) return `${metric} ${target}`;
  const read = readMetric(/^[^\s(]*/.exec(metric)?.[0] ?? "");
  const isLowerLimit = read?.ok === true && metricOf(read.metric).promise === "at_least";
  return `${metric} ${isLowerLimit ? ">=" : "<"} ${target}`;
}

/** Characters in an unknown key that look like other characters. */
export function keyHint(key: string): string | null {
  if (/[“”„‘’«»]/u.test(key)) return "YAML's quotes are \" and '.";
  if (/[^\S \t\r\n]|[\u200b\u2060\ufeff]/u.test(key))
    return "There is an invisible character in it (such as a no-break space): type it anew.";
  return null;
}
