import type { PathStep } from "./schema-node.js";

/**
 * A name for each path, in the same order. It is the last key of the path with what follows it (`headers`,
 * `inject.item`). Paths that would have the same name get the keys before it, too (`http.headers`), as many as it takes.
 * Where no key tells them apart, later ones get a number.
 */
export function namesOfPaths(paths: readonly (readonly PathStep[])[]): readonly string[] {
  const most = Math.max(0, ...paths.map((path) => path.length));
  let names = paths.map((path) => nameOf(path, 1));
  for (let keys = 2; keys <= most; keys++) {
    const shared = new Set(names.filter((name, at) => names.indexOf(name) !== at));
    names = names.map((name, at) => (shared.has(name) ? nameOf(paths[at]!, keys) : name));
  }
  const taken = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let number = 2; taken.has(own); number++) own = `${name}-${number}`;
    taken.add(own);
    return own;
  });
}

function nameOf(path: readonly PathStep[], keys: number): string {
  const keyed = path.filter(({ kind }) => kind === "key");
  const behind = path.slice(path.findLastIndex(({ kind }) => kind === "key") + 1);
  return [...keyed.slice(-keys), ...behind].map(({ word }) => plain(word)).join(".");
}

/** Readers of references take a name as it is: what would have to be escaped in one is left out. */
function plain(word: string): string {
  return word.replace(/[^\w-]+/g, "_");
}
