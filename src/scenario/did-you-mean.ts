import { nearest } from "../support/suggestion.js";

/** "; did you mean `X`?" or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const found = nearestWord(word, candidates);
  return found === null ? "" : `; did you mean \`${found}\`?`;
}

/** slow-close, slowClose and slow_close are the same word, and "up" can only be upstream. */
export function nearestWord(word: string, candidates: Iterable<string>): string | null {
  const known = [...candidates];
  const spelled = known.find((candidate) => fold(candidate) === fold(word));
  const [begun, ...others] = word.length < 2 ? [] : known.filter((candidate) => candidate.startsWith(word));
  return spelled ?? (others.length === 0 ? begun : undefined) ?? nearest(word, known);
}

function fold(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, "");
}

/** What keys are called elsewhere, and here. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  command: ["run"],
  cmd: ["run"],
  exec: ["run"],
  url: ["target", "path"],
  uri: ["target", "path"],
  endpoint: ["path"],
  verb: ["method"],
  delay: ["latency"],
  type: ["toxic"],
  attributes: ["toxic"],
  port: ["listen"],
  address: ["listen", "upstream"],
  dependency: ["proxy", "upstream"],
  rps: ["rate"],
  qps: ["rate"],
  users: ["connections"],
  vus: ["connections"],
  concurrency: ["connections"],
  threads: ["workers"],
  healthcheck: ["ready"],
  status: ["expect"],
  thresholds: ["slos"],
  slo: ["slos"],
  variables: ["vars"],
};

/** The key that is meant by another that is not known: a slip of the pen, or the word that other tools have for it. */
export function meantKey(key: string, known: readonly string[]): string | null {
  const other = Object.hasOwn(OTHER_NAMES, key) ? OTHER_NAMES[key] : undefined;
  return other?.find((name) => known.includes(name)) ?? nearestWord(key, known);
}
