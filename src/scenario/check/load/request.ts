import { isClusterTarget } from "../../../notation/cluster-target.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import { kindsFor, requestKindWith, schemeOf, usualNameOf } from "../../../requests/kinds.js";
import type { RequestKind } from "../../../requests/request-kind.js";
import type { RequestSaid, WrittenScalar } from "../../../requests/request-said.js";
import type { RequestInput, StepInput } from "../../schema/request.js";
import { mapScalars, pathText, type ScalarNode, type TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";
import { rowsOf } from "./feed-rows.js";

/** A request as far as it is well formed. */
type RequestParts = ValidParts<RequestInput> | ValidParts<StepInput>;

/**
 * Checks one request, as its kind asks for. @returns its name. undefined: not known, because the part that makes the
 * name is malformed.
 */
export function checkRequest(
  context: CheckContext,
  request: RequestParts,
  path: TreePath,
): string | undefined {
  const kind = requestKindWith(context.names(...path));
  checkFits(context, kind, path);
  context.complain(
    kind.check(request, saidAt(context, path), context.files.requests.get(pathText(path)) ?? null),
    path,
  );
  if (request.name !== undefined) return request.name;
  if (!context.lacks(...path, "name")) return undefined;
  return usualNameOf(request) ?? undefined;
}

/** Whether requests of this kind can be sent to the target. */
function checkFits(context: CheckContext, kind: RequestKind, path: TreePath): void {
  const { target } = context.parts.valid.load ?? {};
  if (target === undefined || kindsFor(target).includes(kind)) return;
  const wanted = kind.schemes.map(({ name }) => `${name}://`).join(" or ");
  context.diagnostics.error(
    "conflict",
    context.key(...path, kind.key),
    `a request with \`${kind.key}\` needs a target with ${wanted}, and this one has ${schemeOf(target)?.name}://`,
  );
}

function saidAt(context: CheckContext, at: TreePath): RequestSaid {
  const { target } = context.parts.valid.load ?? {};
  return {
    has: (...path) => context.has(...at, ...path),
    lacks: (...path) => context.lacks(...at, ...path),
    isUnclear: (...path) => context.isUnclear(...at, ...path),
    scalars: (...path) => scalarsAt(context, at, path),
    target: target !== undefined && isKnownUrl(target) ? target : null,
    rowsOf: (feed) => rowsOf(context, feed),
  };
}

/** Where a target in a cluster is reached is known only when it runs. */
function isKnownUrl(target: string): boolean {
  return !target.includes("${") && !isClusterTarget(target) && URL.canParse(target);
}

function scalarsAt(context: CheckContext, at: TreePath, path: TreePath): readonly WrittenScalar[] {
  const node = context.node(...at, ...path);
  const found: WrittenScalar[] = [];
  if (node === undefined) return found;
  mapScalars(node, (scalar: ScalarNode, inner) => {
    const { value, text, written } = scalar;
    found.push({ path: [...path, ...inner], value, text, written });
    return scalar;
  });
  return found;
}
