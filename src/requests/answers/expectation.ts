import type { ExpectationInput } from "./expectation-schema.js";

/**
 * What counts as good when a scenario does not say. A redirect does not: nobody follows it, and a system that sends
 * everybody to its login page would look healthy. 304 does: what the client has is still right.
 */
export const DEFAULT_STATUSES: Expectation["status"] = ["2xx", 304];

/** What makes an answer `ok`. Any other answer is `http_error`. */
export interface Expectation {
  /** Single values (200) or classes ("2xx"). Default: DEFAULT_STATUSES. */
  readonly status: readonly (number | `${1 | 2 | 3 | 4 | 5}xx`)[];
  /** Header name (lower case) → text that its value must contain, or conditions. */
  readonly headers: Readonly<Record<string, string | Conditions>>;
  /** Text that the body must contain, or conditions. null: anything. */
  readonly body: string | Conditions | null;
  /** JSON path ($.a.b[0]) → the value it must have, or conditions. */
  readonly json: Readonly<Record<string, PlainValue | Conditions>>;
}

export type PlainValue = string | number | boolean | null;

/** Conditions on one value. All of them must hold. Bounds compare texts of headers and bodies as numbers. */
export interface Conditions {
  /** false: it must not be there. */
  readonly exists?: boolean | undefined;
  readonly equals?: PlainValue | undefined;
  /**
   * For a value in JSON: the value that it must not have. For a header or a body: text that it must not contain. It
   * must be there.
   */
  readonly not?: PlainValue | undefined;
  /** Found somewhere in it. */
  readonly regex?: string | undefined;
  readonly "<"?: number | undefined;
  readonly "<="?: number | undefined;
  readonly ">"?: number | undefined;
  readonly ">="?: number | undefined;
}

/** What a good answer is. Also for requests that are no load. */
export function buildExpectation(expect: ExpectationInput | undefined): Expectation {
  return {
    status: expect?.status === undefined ? DEFAULT_STATUSES : [expect.status].flat(),
    headers: lowerCaseKeys(expect?.headers ?? {}),
    body: expect?.body ?? null,
    json: expect?.json ?? {},
  };
}

function lowerCaseKeys<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
