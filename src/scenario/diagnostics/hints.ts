import type { ValueForm } from "../../quantities/value-form.js";
import { metricOf, readMetric } from "../../slo/metrics/index.js";
import type { SeqNode, TreeNode } from "../text/tree.js";
import { type TakenValues, takesOnly } from "./taken-values.js";

/** How people write units elsewhere, and what they are here. N stands for the number. */
const UNIT_SPELLINGS: Readonly<Partial<Record<ValueForm, readonly (readonly [RegExp, string])[]>>> = {
  duration: [
    [/^(ms|msecs?|millis|milliseconds?)$/i, "Nms"],
    [/^(s|secs?|seconds?)$/i, "Ns"],
    [/^(m|mins?|minutes?)$/i, "Nm"],
    [/^(h|hrs?|hours?)$/i, "Nh"],
    [/^$/, "Nms or Ns"],
  ],
  rate: [
    [/^(|rps|qps|tps|r\/s|reqs?\/s|requests?\/s|\/secs?|\/seconds?)$/i, "N/s"],
    [/^(rpm|r\/m|reqs?\/min|requests?\/min|\/mins?|\/minutes?)$/i, "N/min"],
    [/^(rph|\/hrs?|\/hours?)$/i, "N/h"],
  ],
  size: [
    [/^$/, "NB or NKB"],
    [/^b(ytes?)?$/i, "NB"],
    [/^kb?$/i, "NKB"],
    [/^mb?$/i, "NMB"],
    [/^gb?$/i, "NGB"],
  ],
  bandwidth: [
    [/^$/, "NKB/s"],
    [/^kb?(\/s|ps)?$/i, "NKB/s (bytes) or NKbit/s (bits)"],
    [/^mb?(\/s|ps)?$/i, "NMB/s (bytes) or NMbit/s (bits)"],
    [/^gb?(\/s|ps)?$/i, "NGB/s (bytes) or NGbit/s (bits)"],
  ],
};
const QUANTITIES: readonly ValueForm[] = ["duration", "rate", "size", "bandwidth", "percentage"];

/**
 * What to write instead, when the present value tells.
 * @param isWellFormed the complaint is about what the value says, not about how it is written.
 */
export function hintFor(node: TreeNode, taken: TakenValues, isWellFormed: boolean): string | null {
  if (taken.forms.has("slo")) return sloHint(node);
  if (takesOnly(taken, "list")) return listHint(node, taken.entries);
  if (node.kind === "seq" && takesOnly(taken, "map")) return mapHint(node);
  if (node.kind !== "scalar") return null;
  const { value, text, written } = node;
  // What a variable stands for. A value from the environment is masked later with the other secrets.
  if (written !== text && written.includes("${")) return `${written} stands for \`${text}\`.`;
  return (
    (isWellFormed ? null : quantityHint(text.trim(), taken)) ??
    switchHint(text, taken) ??
    (typeof value === "string" ? unquotedHint(text, taken) : quotedHint(text, taken)) ??
    shapeHint(text, taken)
  );
}

function quantityHint(text: string, { forms }: TakenValues): string | null {
  const form = QUANTITIES.find((quantity) => forms.has(quantity));
  if (form === undefined) return null;
  const [, minutes, seconds] = /^(\d+):(\d\d)$/.exec(text) ?? [];
  if (seconds !== undefined && form === "duration") return `Write ${minutes}m${seconds}s.`;
  // As reports write it. Elsewhere the comma may be a decimal one.
  const [, whole, thousands, unit] = /^(\d{1,3}),(\d{3})(\D.*)?$/.exec(text) ?? [];
  if (whole !== undefined)
    return `Write ${whole}${thousands}${unit ?? ""}, without the comma, or ${text.replace(",", ".")}.`;
  const decimal = /^\d+,\d+/.test(text) ? text.replace(",", ".") : null;
  if (decimal !== null) return `Write ${decimal}, with a decimal point.`;
  const [, number, spelling = ""] = /^(\d+(?:\.\d+)?) *([a-z/]*)$/i.exec(text) ?? [];
  if (number === undefined) return null;
  if (form === "percentage" && spelling === "") {
    // Most tools write 30% as 0.3.
    const share = Number(number) > 0 && Number(number) <= 1;
    return `Write ${share ? Number((Number(number) * 100).toPrecision(12)) : number}%.`;
  }
  const meant = UNIT_SPELLINGS[form]?.find(([pattern]) => pattern.test(spelling))?.[1];
  const write = meant?.replaceAll("N", number);
  // The present text is already well formed: its number is what is wrong.
  return write === undefined || write === text ? null : `Write ${write}.`;
}

/** YAML 1.1 took these for switches, YAML 1.2 takes them for texts. */
function switchHint(text: string, { takes, values }: TakenValues): string | null {
  const takesBoth = takes.has("switch");
  if (/^(on|yes|y)$/i.test(text)) return takesBoth || values.includes(true) ? "Write true." : null;
  return takesBoth && /^(off|no|n)$/i.test(text) ? "Write false." : null;
}

function unquotedHint(text: string, { takes, values }: TakenValues): string | null {
  const isNumber = /^\d+(\.\d+)?$/.test(text) && (takes.has("number") || values.includes(Number(text)));
  const isSwitch = /^(true|false)$/.test(text) && (takes.has("switch") || values.includes(text === "true"));
  return isNumber || isSwitch ? `Write ${text}, without quotes.` : null;
}

function quotedHint(text: string, { forms }: TakenValues): string | null {
  return text !== "" && forms.has("words") ? `Write "${text}", with quotes.` : null;
}

function shapeHint(text: string, { forms, mainKeys, values }: TakenValues): string | null {
  const [key, ...others] = mainKeys;
  const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(text) ?? [];
  if (path !== undefined && mainKeys.includes("path")) return `Write { method: ${method}, path: ${path} }.`;
  if (key === "status") {
    return /^[1-5](\d\d|xx)$/i.test(text) ? `Write { status: ${text.toLowerCase()} }.` : null;
  }
  // Of several maps, it is not known which one is meant.
  if (key !== undefined && key !== "path" && others.length === 0) return `Write { ${key}: ${text} }.`;
  if (forms.has("address") && /^\d+$/.test(text)) return `Write 127.0.0.1:${text}.`;
  if (forms.has("status") && /^[1-5]xx$/i.test(text)) return `Write ${text.toLowerCase()}.`;
  if (forms.has("path") && /^[\w.~%-][^\s#]*$/.test(text)) {
    return URL.canParse(text) ? "The host stands in load.target." : `Write /${text}.`;
  }
  if (values.includes("both") && text === "true") return "Write both.";
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

function listHint(node: TreeNode, entries: TakenValues | null): string | null {
  if (node.kind === "map") {
    const [first] = node.entries;
    if (!first) return null;
    const [key, { value }] = first;
    const pair = value.kind === "scalar" ? `${key}: ${value.written}` : `name: ${key}`;
    const entry = entries?.forms.has("slo") ? sloOf(...first) : pair;
    return `A list has a dash before each entry: \`- ${entry}\`.`;
  }
  if (node.kind !== "scalar" || node.text === "") return null;
  // Lines that were meant as entries of their own have become one text.
  const text = node.written.replace(/\s+/g, " ").replace(/(?<=.) - .*/, "");
  if (text.startsWith("-")) return `A dash is followed by a blank: \`- ${text.slice(1).trim()}\`.`;
  const entry = entries?.takes.has("map") ? `name: ${text}` : text;
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
