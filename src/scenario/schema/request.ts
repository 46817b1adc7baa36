import { z } from "zod";
import { choice, duration, list, positiveDuration, shownName, text } from "../../quantities/schema.js";
import type { Duration } from "../../quantities/units.js";
import { VALUE_FORMS } from "../../quantities/value-form.js";
import { REQUEST_KINDS } from "../../requests/kinds.js";
import type { RequestKind } from "../../requests/request-kind.js";

/** Requests, and journeys of them. What a request says of itself is up to its kind. */

const requestName = () =>
  shownName(100)
    .regex(/^[^()\r\n]+$/, { error: "a name without brackets" })
    .meta({
      description: "Name in the report and in SLOs: p99(checkout). Default: method and path.",
      samples: ["checkout"],
    });

const weight = () =>
  z
    .number({ error: "a number of at least 0" })
    .min(0, { error: "a number of at least 0" })
    .max(1e9, { error: "a number of at most 1000000000" })
    .meta({ description: "Share of the mix, relative to the others; 0 never sends it.", default: 1 })
    .prefault(1);

/** Only its kind knows its other keys. */
interface OwnKeys {
  readonly name?: string | undefined;
  readonly [key: string]: unknown;
}

export interface RequestInput extends OwnKeys {
  readonly weight: number;
}

export interface StepInput extends OwnKeys {
  readonly thinkTime: Duration;
}

/** A request of any kind, with the keys that `shape` gives those of a kind. */
function ofAnyKind<Input extends OwnKeys>(shape: (kind: RequestKind) => z.ZodRawShape): z.ZodType<Input> {
  const [first, ...others] = REQUEST_KINDS;
  const form = (kind: RequestKind) =>
    z
      .strictObject(shape(kind), { error: `a map with \`${kind.key}\`` })
      .register(VALUE_FORMS, { mainKey: kind.key });
  const keys = REQUEST_KINDS.map(({ key }) => `\`${key}\``).join(" or ");
  const schema =
    others.length === 0
      ? form(first)
      : z.union([form(first), ...others.map(form)], { error: `a map with ${keys}` });
  // zod cannot tell the types of keys that are put together here.
  return schema as z.ZodType<Input>;
}

/** An entry of `load.requests`. */
export const weightedRequest = ofAnyKind<RequestInput>(({ keys }) => ({
  name: requestName().optional(),
  weight: weight(),
  ...keys,
}));

const step = ofAnyKind<StepInput>(({ keys, stepKeys }) => ({
  name: requestName().optional(),
  ...keys,
  ...stepKeys,
  thinkTime: duration()
    .meta({ description: "Wait before the next step; none after the last one.", samples: ["500ms"] })
    .prefault("0ms"),
}));

export interface LoginInput extends OwnKeys {
  readonly once: "run" | "user";
  readonly lifetime?: Duration | string | undefined;
  readonly refreshBefore: Duration;
}

/** `load.login`. */
export const login = ofAnyKind<LoginInput>(({ keys, stepKeys: { until: _, ...stepKeys } }) => ({
  name: requestName().optional(),
  ...keys,
  ...stepKeys,
  once: choice(["run", "user"])
    .meta({
      description:
        "run: all users of a load thread share one login. user: each connection of the closed model has its own.",
      default: "run",
    })
    .prefault("run"),
  lifetime: z
    .union([positiveDuration(), text("a JSON path").regex(/^\$/, { error: "a JSON path" })], {
      error: "a duration such as 5m, or the JSON path of a number of seconds such as $.expires_in",
    })
    .meta({
      description:
        "How long a login is good: a duration, or where its answer says so, in seconds. Default: as long as the load lasts.",
      samples: ["$.expires_in", "5m"],
    })
    .optional(),
  refreshBefore: duration()
    .meta({
      description: "So long before its end a login is made anew; the old one is used meanwhile.",
      samples: ["30s"],
    })
    .prefault("0s"),
}));

/** An entry of `load.journeys`. */
export const journey = z.strictObject(
  {
    name: requestName().meta({ description: "Names the journey.", samples: ["buy"] }),
    weight: weight(),
    steps: list(step, "a list of steps").min(1, { error: "at least one step" }).meta({
      description: "Requests in their order, by one virtual user. A step that fails ends the journey.",
    }),
  },
  { error: "a map with `name` and `steps`" },
);
