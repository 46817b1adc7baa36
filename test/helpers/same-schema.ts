type Node = Readonly<Record<string, unknown>>;

/**
 * Holds two JSON Schemas against each other, with what references lead to in their place. Descriptions, defaults and the
 * order of keys count.
 * @returns the first place where they say different things; null when there is none.
 */
export function firstDifference(a: object, b: object): string | null {
  const [rootA, rootB] = [{ ...a } as Node, { ...b } as Node];
  /** Pairs that are the same if all else is: a schema may refer to itself. */
  const assumed = new Map<unknown, Set<unknown>>();
  const compare = (partA: unknown, partB: unknown, path: string): string | null => {
    const [left, right] = [behind(partA, rootA), behind(partB, rootB)];
    if (!isObject(left) || !isObject(right)) return Object.is(left, right) ? null : path;
    if (Array.isArray(left) !== Array.isArray(right)) return path;
    const known = assumed.get(left) ?? new Set();
    if (known.has(right)) return null;
    assumed.set(left, known.add(right));
    const [keysA, keysB] = [keysOf(left, left === rootA), keysOf(right, right === rootB)];
    if (keysA.join("\n") !== keysB.join("\n")) return path;
    for (const key of keysA) {
      // Beside other keywords, too, a reference is what it leads to, whatever that is called.
      const [one, other] = [left, right].map((node) => (key === "$ref" ? { $ref: node.$ref } : node[key]));
      const found = compare(one, other, `${path}/${key}`);
      if (found !== null) return found;
    }
    return null;
  };
  return compare(rootA, rootB, "#");
}

/** Definitions are reached by what refers to them. */
function keysOf(node: Node, isRoot: boolean): readonly string[] {
  return Object.keys(node).filter((key) => !isRoot || (key !== "definitions" && key !== "$defs"));
}

/** What a reference that stands alone leads to. Anything else as it is. */
function behind(part: unknown, root: Node): unknown {
  if (!isObject(part) || typeof part.$ref !== "string" || Object.keys(part).length !== 1) return part;
  const words = part.$ref.replace(/^#\//, "").split("/");
  const target = words.reduce<unknown>((node, word) => (isObject(node) ? node[word] : undefined), root);
  if (!isObject(target)) throw new Error(`nothing is at ${part.$ref}`);
  return behind(target, root);
}

function isObject(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}
