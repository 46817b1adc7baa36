/** Which slots stay in a text until it runs, and where. */

import { TARGET_URLS } from "../../faults/kinds/index.js";
import type { Reference } from "../../notation/template.js";
import { REQUEST_KINDS } from "../../requests/kinds.js";
import { SIGNAL_URLS } from "../signals/kinds.js";
import type { TreePath } from "../text/tree.js";
import { isCommandKey } from "./split-commands.js";

/** What a text holds until it runs. `commands`: of services, checks and signals, and their environment. */
export type Stays = "nothing" | "addresses" | "commands" | "folder" | "load slots" | "trace link";
type Needed = "addresses" | "folder" | "load slots";

/** Why a slot cannot stand where it does, and what to do about it. */
interface Misplaced {
  readonly message: string;
  readonly help: string;
}

const STAYING: Readonly<Record<Stays, readonly Needed[]>> = {
  nothing: [],
  addresses: ["addresses"],
  commands: ["addresses", "folder"],
  folder: ["folder"],
  "load slots": ["load slots"],
  "trace link": [],
};

/** A slot of links to traces. Elsewhere it is the name of a variable, as any other. */
export function isTraceId(expression: string, stays: Stays): boolean {
  return stays === "trace link" && expression === "traceId";
}

/** @returns null when the slot may stay in the text at that place until it runs. */
export function whyMisplaced(
  reference: Reference,
  expression: string,
  stays: Stays,
  path: TreePath,
): Misplaced | null {
  const needed = placeNeededBy(reference);
  if (!STAYING[stays].includes(needed)) {
    return { message: `\`\${${expression}}\` cannot stand here`, help: WHERE[needed] };
  }
  const isPathValue = (reference.kind === "data" || reference.kind === "capture") && reference.isPath;
  if (!isPathValue || path.at(-1) === "path") return null;
  return {
    message: "`| path` is for the path of a request",
    help: "Elsewhere a value goes in as its place wants it: leave `| path` out.",
  };
}

function placeNeededBy({ kind }: Reference): Needed {
  if (kind === "run_folder") return "folder";
  return kind === "service_port" || kind === "proxy_address" ? "addresses" : "load slots";
}

/** Keys of requests whose texts may hold values of each request. */
const VARYING: ReadonlySet<string> = new Set(REQUEST_KINDS.flatMap(({ varying }) => varying));

const WHERE: Readonly<Record<Needed, string>> = {
  addresses: `Ports and proxy addresses are known when it runs: they may stand in services (run, prepare, cleanup, env, ready), proxies (upstream, listen), load.target, checks (run, env, http), signals (${SIGNAL_URLS.join(", ")}, headers, run, env), alerts and faults (${TARGET_URLS.map((way) => way.join(".")).join(", ")}).`,
  folder:
    "The run's folder may stand in services (run, prepare, cleanup, env, ready.command), checks and signals (run, env) and tls of proxies (ca, cert, key).",
  "load slots": `Values for each request may stand in a request's ${[...VARYING].join(", ").replace(/, (?=[^,]*$)/, " and ")}, and in the id of a check.`,
};

function signalStays(key: TreePath[number] | undefined): Stays {
  if (key === "run" || key === "env") return "commands";
  return key === "headers" || SIGNAL_URLS.some((url) => url === key) ? "addresses" : "nothing";
}

const ALERT_TEXTS = new Set(["prometheus", "alertmanager", "headers"]);

/** Which slots are still in the text after loading. The text's place decides. */
export function whatStays(path: TreePath): Stays {
  const [section, second, third, fourth, fifth] = path;
  if (section === "services") {
    if (third === "env" || isCommandKey(third, fourth)) return "commands";
    return third === "ready" && fourth !== "log" ? "addresses" : "nothing";
  }
  if (section === "proxies") return third === "tls" ? tlsStays(fourth) : "addresses";
  if (section === "checks") {
    if (third === "run" || third === "env") return "commands";
    if (third === "id") return "load slots";
    return third === "http" && fourth !== "tls" ? "addresses" : "nothing";
  }
  if (section === "signals") return signalStays(third);
  if (section === "faults") return isTargetUrl(path) ? "addresses" : "nothing";
  if (section === "alerts") return ALERT_TEXTS.has(String(second)) ? "addresses" : "nothing";
  if (section !== "load") return "nothing";
  if (second === "target") return "addresses";
  if (second === "headers" || second === "auth") return "load slots";
  if (second === "tracing") return "trace link";
  if (second === "login" && VARYING.has(String(third))) return "load slots";
  if (second === "requests" && VARYING.has(String(fourth))) return "load slots";
  // load.journeys[0].steps[0].path
  if (second === "journeys" && fourth === "steps" && fifth !== undefined && VARYING.has(String(path[5]))) {
    return "load slots";
  }
  return "nothing";
}

/** In a fault, in a part of its `inject` or in one of its stages. */
function isTargetUrl(path: TreePath): boolean {
  return TARGET_URLS.some((way) => way.every((key, index) => path.at(index - way.length) === key));
}

function tlsStays(key: TreePath[number] | undefined): Stays {
  return key === "ca" || key === "cert" || key === "key" ? "folder" : "nothing";
}
