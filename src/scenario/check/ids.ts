import { jsonPathMistake } from "../../notation/json-path.js";
import { parseReference, parseTemplate, type Reference } from "../../notation/template.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import type { CheckInput } from "../schema/check.js";
import type { TreePath } from "../text/tree.js";
import type { CheckContext } from "./context.js";
import { capturesOf } from "./load/capture-slots.js";
import { namesOfRequests, placeOfRequest } from "./load/request-names.js";

/** Of a check that holds ids against those that requests have sent. */
export function checkIds(
  context: CheckContext,
  { of, id, ids, when }: ValidParts<CheckInput>,
  at: TreePath,
): void {
  const { diagnostics } = context;
  if (context.has(...at, "expect")) {
    const help = "Each holds the answer against something else: make two checks of it.";
    diagnostics.error("conflict", context.key(...at, "expect"), "a check has `of` or `expect`", help);
  }
  const phase = when?.findIndex((time) => time !== undefined && time !== "end") ?? -1;
  if (phase >= 0 && !context.has(...at, "every")) {
    const message = "ids are asked for while the load goes on only with `every`";
    const help =
      "Add every: 1s. What is there only `within` that time after its answer is not lost. Or leave `when` out: the report says in which fault those were sent that are lost.";
    diagnostics.error("conflict", context.at(...at, "when", phase), message, help);
  }
  for (const key of ["list", "each"] as const) {
    const path = ids?.[key];
    const mistake = path === undefined ? null : jsonPathMistake(path);
    if (mistake !== null) {
      diagnostics.error("wrong-value", context.at(...at, "ids", key), mistake.message, mistake.help);
    }
  }
  if (context.lacks(...at, "id")) {
    diagnostics.error(
      "missing-key",
      context.at(...at),
      "`id` is missing: which id has each request?",
      ID_HELP,
    );
  }
  const names = namesOfRequests(context);
  if (of === undefined || names === undefined) return;
  if (!names.includes(of)) {
    const message = `no request \`${of}\`${didYouMean(of, names)}`;
    diagnostics.error("unknown-name", context.at(...at, "of"), message);
  } else if (id !== undefined) checkId(context, of, id, [...at, "id"]);
}

const ID_HELP =
  "For example id: ${uuid}, where the request sends a `${uuid}`, or id: ${capture.orderId}, which a step of a journey captures.";

function checkId(context: CheckContext, of: string, id: string, at: TreePath): void {
  const { diagnostics } = context;
  const references = referencesIn(id);
  if (references === null) return;
  if (references.length === 0) {
    const message = `every request would have the id \`${id}\``;
    diagnostics.error("wrong-value", context.at(...at), message, ID_HELP);
  }
  const place = placeOfRequest(context, of);
  for (const reference of references) {
    const problem = problemOf(context, reference, place, of);
    if (problem !== null) diagnostics.error("template", context.at(...at), problem.message, problem.help);
  }
}

/** null: it already has a complaint. */
function referencesIn(template: string): readonly Reference[] | null {
  try {
    return parseTemplate(template).flatMap((part) =>
      part.kind === "slot" ? [parseReference(part.expression)] : [],
    );
  } catch {
    return null;
  }
}

interface Problem {
  readonly message: string;
  readonly help: string;
}

/** Why nobody would know the value. @returns null when it is known. */
function problemOf(
  context: CheckContext,
  reference: Reference,
  place: TreePath | null,
  of: string,
): Problem | null {
  const isWithin = (path: TreePath, outer: TreePath) => outer.every((part, index) => path[index] === part);
  const used = (inside: TreePath | null) =>
    context.deferred.filter(
      ({ path, reference: { kind } }) =>
        kind === reference.kind &&
        ((inside !== null && isWithin(path, inside)) || isWithin(path, ["load", "headers"])),
    );
  /** The values of a journey last for all its steps. */
  const journey = place?.[1] === "journeys" ? place.slice(0, 3) : place;
  switch (reference.kind) {
    case "uuid": {
      const places = used(place).length;
      if (places === 1) return null;
      const message =
        places === 0
          ? `no \`\${uuid}\` is sent by \`${of}\``
          : `\`${of}\` sends ${places} of \`\${uuid}\`, and each has another value: which one is the id?`;
      return {
        message,
        help: "Send it in one place, the others may be ${seq}; headers in load.headers count, too.",
      };
    }
    case "seq":
    case "data": {
      const isSent = used(journey).some(
        ({ reference: other }) =>
          reference.kind !== "data" ||
          (other.kind === "data" && other.feed === reference.feed && other.column === reference.column),
      );
      if (isSent) return null;
      return {
        message: `\`${of}\` does not send this value`,
        help: "An id is what the request sends, or what its answer brought.",
      };
    }
    case "capture": {
      if (place !== null && capturedBy(context, place).includes(reference.name)) return null;
      const help =
        "A step of a journey captures it: capture: { orderId: { json: $.id } }, in this step or before it.";
      return { message: `nothing is captured as \`${reference.name}\` up to \`${of}\``, help };
    }
    default:
      return {
        message: "a random number is another one at each place, so nobody knows the one that was sent",
        help: "Use `${uuid}` or `${seq}`.",
      };
  }
}

/** What the step and those before it capture. */
function capturedBy(context: CheckContext, place: TreePath): readonly string[] {
  const step = place.at(-1);
  const ofLogin = capturesOf(context, ["load", "login"]);
  if (place[1] !== "journeys" || typeof step !== "number") return [...ofLogin, ...capturesOf(context, place)];
  const ofSteps = Array.from({ length: step + 1 }, (_, index) =>
    capturesOf(context, [...place.slice(0, -1), index]),
  );
  return [...ofLogin, ...ofSteps.flat()];
}
