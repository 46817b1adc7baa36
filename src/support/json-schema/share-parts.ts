import { namesOfPaths } from "./names-of-paths.js";
import { changeParts, type PathStep, type SchemaNode } from "./schema-node.js";

/** Shorter parts stay where they are: a reader would have to look elsewhere for a line or two. */
const SHORTEST_CHARACTERS = 120;

/** Definitions by what refers to them: `#/$defs/NAME`. */
type Definitions = ReadonlyMap<string, SchemaNode>;

/** A part that gets a definition. */
interface Shared {
  readonly node: SchemaNode;
  /** Where it stands first. */
  readonly path: readonly PathStep[];
  readonly isDefined: boolean;
  uses: number;
}

/**
 * The same JSON Schema, with each part that stands in it several times written once, as a definition that the places
 * refer to. It is named after the keys under which it stands first. Parts are the same when their whole text is,
 * descriptions included. So a reference stands alone: readers of draft-07 overlook what is beside one.
 * @param schema its definitions are under `definitions` in draft-07, and under `$defs` in later drafts.
 */
export function shareParts(schema: object): SchemaNode {
  const { definitions = {}, $defs = definitions, ...rest } = { ...schema } as SchemaNode;
  const keyword = String(rest.$schema).includes("draft-07") ? "definitions" : "$defs";
  const before: Definitions = new Map(
    Object.entries($defs as Record<string, SchemaNode>).map(([name, node]) => [`#/${keyword}/${name}`, node]),
  );
  const twins = twinsOf(before);
  const withoutTwins = (node: SchemaNode): SchemaNode => changeParts(renamed(node, twins), withoutTwins);
  const root = withoutTwins(rest);
  const shared = findShared(root, new Map([...before].map(([ref, node]) => [ref, withoutTwins(node)])));

  const names = namesOfPaths([...shared.values()].map(({ path }) => path));
  const refs = new Map([...shared.keys()].map((text, at) => [text, `#/${keyword}/${names[at]}`]));
  const inside = (node: SchemaNode): SchemaNode => changeParts(renamed(node, refs), refer);
  const refer = (node: SchemaNode): SchemaNode => {
    const $ref = refs.get(JSON.stringify(node));
    return $ref === undefined ? inside(node) : { $ref };
  };
  const defined = [...shared.values()].map(({ node }, at) => [names[at], inside(node)]);
  return { ...inside(root), ...(defined.length > 0 ? { [keyword]: Object.fromEntries(defined) } : {}) };
}

/** A definition that refers to itself may stand there twice, under two names. @returns the first name of each. */
function twinsOf(definitions: Definitions): ReadonlyMap<string, string> {
  const firsts = new Map<string, string>();
  const twins = new Map<string, string>();
  for (const [ref, node] of definitions) {
    const text = JSON.stringify(node).replaceAll(JSON.stringify(ref), '"#itself"');
    twins.set(ref, firsts.get(text) ?? ref);
    if (!firsts.has(text)) firsts.set(text, ref);
  }
  return twins;
}

/** By their text, in the order in which they stand there. What is a definition already is there by its reference. */
function findShared(root: SchemaNode, definitions: Definitions): ReadonlyMap<string, Shared> {
  const found = new Map<string, Shared>();
  const look = (node: SchemaNode, path: readonly PathStep[]) => {
    const ref = String(node.$ref);
    const definition = definitions.get(ref);
    if (definition !== undefined && !found.has(ref)) {
      const key = path.slice(0, path.findLastIndex(({ kind }) => kind === "key") + 1);
      found.set(ref, { node: definition, path: key, isDefined: true, uses: 1 });
      look(definition, key);
    }
    changeParts(node, (part, step) => {
      const text = JSON.stringify(part);
      const known = found.get(text);
      const partPath = [...path, step];
      // What is inside is written once, too.
      if (known !== undefined) known.uses += 1;
      else {
        found.set(text, { node: part, path: partPath, isDefined: false, uses: 1 });
        look(part, partPath);
      }
      return part;
    });
  };
  look(root, []);
  return new Map(
    [...found].filter(
      ([text, { uses, isDefined }]) => isDefined || (uses > 1 && text.length >= SHORTEST_CHARACTERS),
    ),
  );
}

function renamed(node: SchemaNode, names: ReadonlyMap<string, string>): SchemaNode {
  const $ref = names.get(String(node.$ref));
  return $ref === undefined ? node : { ...node, $ref };
}
