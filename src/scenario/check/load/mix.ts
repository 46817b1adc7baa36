import { usualRequest } from "../../../requests/kinds.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext, LoadParts } from "../context.js";
import { capturesOf, checkCaptureSlots } from "./capture-slots.js";
import { checkLogin } from "./login.js";
import { checkRequest } from "./request.js";

/** Requests and journeys: what is sent, in which shares, under which names. */
export function checkMix(context: CheckContext, load: LoadParts): void {
  const { diagnostics } = context;
  if (context.has("load", "requests") && context.has("load", "journeys")) {
    const help = "A single request can be a journey of one step.";
    diagnostics.error(
      "conflict",
      context.key("load", "journeys"),
      "`requests` and `journeys` are given; give one",
      help,
    );
  }
  for (const list of ["requests", "journeys"] as const) {
    const items = load[list] ?? [];
    if (items.length > 0 && items.every((item) => item?.weight === 0)) {
      diagnostics.error(
        "wrong-value",
        context.key("load", list),
        "all weights are 0, so nothing would be sent",
        `Give at least one of the ${list} a weight above 0.`,
      );
    }
  }
  checkSaysWhat(context, load);
  const names = new Names(context, "requests");
  const fromLogin = checkLogin(context, load, (name, path) => names.add(name, path));
  for (const [index, request] of (load.requests ?? []).entries()) {
    if (!request) continue;
    const path = ["load", "requests", index];
    names.add(checkRequest(context, request, path), path);
    checkCaptureSlots(context, path, fromLogin, null);
  }
  const journeyNames = new Names(context, "journeys");
  for (const [index, journey] of (load.journeys ?? []).entries()) {
    if (!journey) continue;
    const path = ["load", "journeys", index];
    journeyNames.add(journey.name, path);
    const captured = new Set(fromLogin);
    for (const [number, step] of (journey.steps ?? []).entries()) {
      if (!step) continue;
      const at = [...path, "steps", number];
      names.add(checkRequest(context, step, at), at);
      checkCaptureSlots(context, at, captured, journey.name ?? "");
      for (const name of capturesOf(context, at)) captured.add(name);
    }
  }
}

/** Only some targets have something that can be asked of them without a request. */
function checkSaysWhat(context: CheckContext, { target }: LoadParts): void {
  if (target === undefined || usualRequest(target, "/") !== null) return;
  if (!context.lacks("load", "requests") || !context.lacks("load", "journeys")) return;
  const message = "`requests` or `journeys` is missing in load: nothing says what is sent to this target";
  context.diagnostics.error("missing-key", context.key("load"), message);
}

/** Complains about a name that is given twice. */
class Names {
  readonly #context: CheckContext;
  readonly #of: string;
  readonly #seen = new Set<string>();

  constructor(context: CheckContext, of: "requests" | "journeys") {
    this.#context = context;
    this.#of = of;
  }

  add(name: string | undefined, path: TreePath): void {
    if (name === undefined) return;
    if (!this.#seen.has(name)) {
      this.#seen.add(name);
      return;
    }
    const named = this.#context.has(...path, "name");
    this.#context.diagnostics.error(
      "duplicate",
      named ? this.#context.at(...path, "name") : this.#context.key(...path),
      `\`${name}\` is the name of two ${this.#of}`,
      "Statistics and SLOs are kept by name: give each a `name` of its own.",
    );
  }
}
