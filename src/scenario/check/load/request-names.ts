import { requestKindWith, usualNameOf, usualRequest } from "../../../requests/kinds.js";
import { type TimedName, timedNames } from "../../../slo/timed-name.js";
import { splitTarget } from "../../schema/target.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";

/** All names that SLOs can use. undefined: some name is not known, so no name can be called wrong. */
export function namesOfRequests(context: CheckContext): readonly string[] | undefined {
  const names: string[] = [];
  const login = context.has("load", "login") ? nameAt(context, ["load", "login"]) : undefined;
  if (login === null) return undefined;
  for (const path of requestLists(context)) {
    const found = namesIn(context, path);
    if (!found) return undefined;
    names.push(...found);
  }
  if (context.has("load", "journeys") && context.node("load", "journeys")?.kind !== "seq") return undefined;
  if (names.length > 0) return login === undefined ? names : [login, ...names];
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

/** Names of requests that have `degraded`, or with messages that have it. undefined: some name is not known. */
export function namesWithDegradedKey(context: CheckContext): readonly string[] | undefined {
  const names = requestLists(context).map((path) =>
    namesIn(context, path, (at) => tellsDegraded(context, at)),
  );
  return names.every((found) => found !== undefined) ? names.flat() : undefined;
}

function requestLists(context: CheckContext): readonly TreePath[] {
  return [["load", "requests"], ...journeys(context).map((path) => [...path, "steps"])];
}

/** Where each request of the mix, and each step, stands. */
export function requestPlaces(context: CheckContext): readonly TreePath[] {
  return requestLists(context).flatMap((path) => {
    const list = context.node(...path);
    return list?.kind === "seq" ? [...list.items.keys()].map((index) => [...path, index]) : [];
  });
}

/** What is timed beside single requests, as far as names are known. */
export function timedInLoad(context: CheckContext): readonly TimedName[] {
  const named = (path: TreePath) => {
    const [asked = [], streamed = []] = ["until", "stream"].map((key) =>
      namesIn(context, path, (at) => !context.lacks(...at, key)),
    );
    return (namesIn(context, path) ?? []).map((name) => ({
      name,
      asksAgain: asked.includes(name),
      streams: streamed.includes(name),
    }));
  };
  return timedNames(
    named(["load", "requests"]),
    journeys(context).flatMap((path) => {
      const name = context.node(...path, "name");
      return name?.kind === "scalar" ? [{ name: name.text, steps: named([...path, "steps"]) }] : [];
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
 * @param isMeant whether it is one of those that are asked for.
 */
function namesIn(
  context: CheckContext,
  path: TreePath,
  isMeant: (at: TreePath) => boolean = () => true,
): readonly string[] | undefined {
  const list = context.node(...path);
  if (list === undefined) return [];
  if (list.kind !== "seq") return undefined;
  const names: string[] = [];
  for (const index of list.items.keys()) {
    const name = nameAt(context, [...path, index]);
    if (name === null) return undefined;
    if (isMeant([...path, index])) names.push(name);
  }
  return names;
}

/** Whether a request, or one of the messages of its conversation, says what a fallback is. */
function tellsDegraded(context: CheckContext, path: TreePath): boolean {
  const { conversation } = requestKindWith(context.names(...path));
  if (conversation === undefined) return !context.lacks(...path, "degraded");
  const list = context.node(...path, ...conversation);
  if (list?.kind !== "seq") return false;
  return [...list.items.keys()].some((index) => !context.lacks(...path, ...conversation, index, "degraded"));
}

/** @returns null when the part that makes the name is malformed. */
function nameAt(context: CheckContext, path: TreePath): string | null {
  const textAt = (at: readonly string[], usual: string) => {
    const value = context.node(...path, ...at);
    return value === undefined ? usual : value.kind === "scalar" ? value.text : null;
  };
  const usual = requestKindWith(context.names(...path)).usualName(textAt);
  return usual === null ? null : textAt(["name"], usual);
}
