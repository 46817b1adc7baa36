import { requestKindWith, usualNameOf, usualRequest } from "../../../requests/kinds.js";
import { splitTarget } from "../../schema/target.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";

/** All names that SLOs can use. undefined: some name is not known, so no name can be called wrong. */
export function namesOfRequests(context: CheckContext): readonly string[] | undefined {
  const names: string[] = [];
  for (const path of requestLists(context)) {
    const found = namesIn(context, path);
    if (!found) return undefined;
    names.push(...found);
  }
  if (context.has("load", "journeys") && context.node("load", "journeys")?.kind !== "seq") return undefined;
  if (names.length > 0) return names;
  // Without either there is one request, named after the target.
  const target = context.parts.valid.load?.target;
  if (target === undefined) return undefined;
  const usual = usualRequest(target, splitTarget({ target }).requestPath);
  return [usual === null ? null : usualNameOf(usual)].flatMap((name) => name ?? []);
}

/** Where the request of this name stands. @returns null when it has no place of its own: a GET of the target itself. */
export function placeOfRequest(context: CheckContext, name: string): TreePath | null {
  for (const path of requestLists(context)) {
    const at = namesIn(context, path)?.indexOf(name) ?? -1;
    if (at >= 0) return [...path, at];
  }
  return null;
}

/** Names of requests with `degraded`. undefined: some name is not known. */
export function namesWithDegradedKey(context: CheckContext): readonly string[] | undefined {
  const names = requestLists(context).map((path) => namesIn(context, path, "degraded"));
  return names.every((found) => found !== undefined) ? names.flat() : undefined;
}

function requestLists(context: CheckContext): readonly TreePath[] {
  return [["load", "requests"], ...journeys(context).map((path) => [...path, "steps"])];
}

/** The names of each journey's steps, as far as they are known. */
export function stepsOfJourneys(context: CheckContext): ReadonlyMap<string, readonly string[]> {
  return new Map(
    journeys(context).flatMap((path) => {
      const name = context.node(...path, "name");
      const steps = namesIn(context, [...path, "steps"]);
      return name?.kind === "scalar" && steps ? [[name.text, steps]] : [];
    }),
  );
}

function journeys(context: CheckContext): readonly TreePath[] {
  const list = context.node("load", "journeys");
  return list?.kind === "seq" ? [...list.items.keys()].map((index) => ["load", "journeys", index]) : [];
}

/**
 * Names of a list of requests, whether the rest of the list is well formed or not. [] when there is no list. undefined
 * when one name is not known.
 * @param having only those with this key.
 */
function namesIn(context: CheckContext, path: TreePath, having?: string): readonly string[] | undefined {
  const list = context.node(...path);
  if (list === undefined) return [];
  if (list.kind !== "seq") return undefined;
  const names: string[] = [];
  for (const index of list.items.keys()) {
    const textAt = (at: readonly string[], usual: string) => {
      const value = context.node(...path, index, ...at);
      return value === undefined ? usual : value.kind === "scalar" ? value.text : null;
    };
    const usual = requestKindWith(context.names(...path, index)).usualName(textAt);
    const name = usual === null ? null : textAt(["name"], usual);
    if (name === null) return undefined;
    if (having === undefined || !context.lacks(...path, index, having)) names.push(name);
  }
  return names;
}
