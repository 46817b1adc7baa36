import type { ValidParts } from "../../quantities/valid-parts.js";
import {
  conditionComplaints,
  expectationComplaints,
  isConditions,
} from "../../requests/answers/expectation-complaints.js";
import type { CheckInput } from "../schema/check.js";
import type { TreePath } from "../text/tree.js";
import type { CheckContext } from "./context.js";
import { checkIds } from "./ids.js";
import { checkReference } from "./references.js";
import { checkServersTls } from "./tls.js";

type CheckParts = ValidParts<CheckInput>;

/** What `checks:` ask, when, and what is expected. Their addresses and commands are checked with all others. */
export function checkChecks(context: CheckContext): void {
  const names = new Set<string>();
  for (const [index, check] of (context.parts.valid.checks ?? []).entries()) {
    if (!check) continue;
    const at = ["checks", index];
    if (check.name !== undefined) {
      if (names.has(check.name)) {
        const message = `\`${check.name}\` is the name of two checks`;
        context.diagnostics.error("duplicate", context.at(...at, "name"), message);
      }
      names.add(check.name);
    }
    checkAsking(context, check, at);
    checkTimes(context, check, at);
    if (!context.has(...at, "of")) checkExpected(context, check, at);
    else if (check.kubernetes === undefined) checkIds(context, check, at);
  }
}

/** Ways to ask, with the keys that only they take, and the parts of `expect` that only they have. */
const WAYS = [
  {
    key: "run",
    form: "`run: COMMAND`, which prints the answer",
    beside: ["shell", "env", "cwd"],
    expects: ["exit"],
  },
  { key: "http", form: "`http: URL`", beside: [], expects: ["status"] },
  { key: "kubernetes", form: "`kubernetes: k8s://NAMESPACE/KIND/NAME`", beside: [], expects: [] },
] as const;

function checkAsking(
  context: CheckContext,
  { run, shell, http, kubernetes }: CheckParts,
  at: TreePath,
): void {
  const { diagnostics } = context;
  const used = WAYS.filter(({ key }) => !context.lacks(...at, key));
  const [first, second] = used;
  if (first === undefined) {
    const help = `Give ${anyOf(WAYS.map(({ form }) => form))}.`;
    diagnostics.error("missing-key", context.at(...at), "the check asks nobody", help);
  } else if (second !== undefined && context.has(...at, second.key)) {
    const help = "Each asks in its own way: make two checks of it.";
    const message = `a check asks by \`${first.key}\` or by \`${second.key}\``;
    diagnostics.error("conflict", context.key(...at, second.key), message, help);
  }
  if (shell === true && run !== undefined && typeof run !== "string") {
    const message = "with `shell: true` the command is one text";
    diagnostics.error("conflict", context.at(...at, "run"), message);
  }
  if (typeof http === "object") checkServersTls(context, [...at, "http"], http.tls, [http.url]);
  if (kubernetes !== undefined) checkObject(context, kubernetes, at);
  for (const { key, beside } of first === undefined ? [] : WAYS) {
    const foreign = beside.find((name) => context.has(...at, name));
    if (foreign && context.lacks(...at, key))
      diagnostics.error("conflict", context.key(...at, foreign), `\`${foreign}\` is for \`${key}\``);
  }
}

/** "a, b or c" */
function anyOf(words: readonly string[]): string {
  return [words.slice(0, -1).join(", "), ...words.slice(-1)].join(" or ");
}

/** One object, of which a path names what is looked at. */
function checkObject(context: CheckContext, text: string, at: TreePath): void {
  const { diagnostics } = context;
  const object = checkReference(context, text, [...at, "kubernetes"]);
  if (object?.name === null) {
    const help = "Make a check for each, or ask what makes them: k8s://shop/deployment/cart.";
    diagnostics.error("conflict", context.at(...at, "kubernetes"), "a check asks for one object", help);
  }
  if (context.has(...at, "of")) {
    diagnostics.error("conflict", context.key(...at, "of"), "an object of a cluster is no set of ids");
    return;
  }
  const other = (["number", "text"] as const).find((key) => context.has(...at, "expect", key));
  if (other === undefined) return;
  const help = 'For example expect: { json: { $.status.availableReplicas: ">= 2" } }.';
  const message = `of an object \`json\` is expected, not \`${other}\``;
  diagnostics.error("conflict", context.key(...at, "expect", other), message, help);
}

function checkTimes(context: CheckContext, { when, every, within }: CheckParts, at: TreePath): void {
  const { diagnostics } = context;
  if (when === undefined) return;
  const isAsked = (time: string) => when.some((each) => each === time);
  const phases = ["baseline", "fault", "recovery"].filter(isAsked);
  const twice = when.findIndex((time, index) => time !== undefined && when.indexOf(time) !== index);
  if (twice >= 0) {
    diagnostics.error("duplicate", context.at(...at, "when", twice), `\`${when[twice]}\` stands there twice`);
  }
  const isOnIds = context.has(...at, "of");
  if (every && phases.length === 0 && !isOnIds) {
    const help = "Add the phases during which it is asked: when: [fault, recovery].";
    const message = "`every` is for checks that are asked during phases";
    diagnostics.error("conflict", context.key(...at, "every"), message, help);
  } else if (every && every.ms < SHORTEST_EVERY_MS) {
    const message = `expected at least ${SHORTEST_EVERY_MS}ms: asking is load, too`;
    diagnostics.error("wrong-value", context.at(...at, "every"), message);
  }
  if (within && !isAsked("end") && !isOnIds) {
    const help = "Add it: when: [end].";
    const message = "`within` is for checks at the end";
    diagnostics.error("conflict", context.key(...at, "within"), message, help);
  }
  const faults = context.node("faults");
  const hasFaults = faults?.kind === "seq" ? faults.items.length > 0 : !context.lacks("faults");
  const never = when.findIndex((time) => time === "fault" || time === "recovery");
  if (never >= 0 && !hasFaults) {
    const message = `there is no ${when[never]}: the scenario has no fault`;
    diagnostics.error("conflict", context.at(...at, "when", never), message, "Ask at the end: when: [end].");
  }
}

/** Each ask is a process, or a connection. */
const SHORTEST_EVERY_MS = 100;

const OF_IDS = ["id", "ids", "lost", "duplicated", "unexpected"] as const;

const EXPECTED = ["number", "text", "json", "exit", "status"] as const;

function checkExpected(context: CheckContext, { expect }: CheckParts, at: TreePath): void {
  const { diagnostics } = context;
  const ofIds = OF_IDS.find((key) => context.has(...at, key));
  if (ofIds) {
    const help = "Add `of: NAME`, the name of the requests whose ids they are.";
    diagnostics.error("conflict", context.key(...at, ofIds), `\`${ofIds}\` goes with \`of\``, help);
    return;
  }
  const path = [...at, "expect"];
  if (context.lacks(...path)) {
    const help = 'For example expect: { number: 0 }, or expect: { json: { $.min: ">= 0" } }.';
    diagnostics.error("missing-key", context.at(...at), "the check expects nothing", help);
    return;
  }
  if (!EXPECTED.some((key) => !context.lacks(...path, key))) {
    const message = `expected a map with one or more of ${EXPECTED.join(", ")}`;
    diagnostics.error("wrong-value", context.at(...path), message);
  }
  for (const { key: needed, expects } of WAYS) {
    const [key] = expects;
    if (key === undefined || !context.has(...path, key) || !context.lacks(...at, needed)) continue;
    const message = `\`${key}\` is for checks that ask by \`${needed}\``;
    diagnostics.error("conflict", context.key(...path, key), message);
  }
  if (isConditions(expect?.text)) context.complain(conditionComplaints(expect.text, ["text"]), path);
  const { json } = expect ?? {};
  context.complain(expectationComplaints(json === undefined ? {} : { json }, []), path);
}
