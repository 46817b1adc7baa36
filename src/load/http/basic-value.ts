import type { NameAndPassword } from "../../requests/authentication/name-and-password.js";
import { basicValue } from "../../requests/authentication/plan-auth.js";
import { type CompiledPart, renderTemplate } from "../mix/request-template.js";
import type { Values } from "../mix/values.js";
import { compileEncoded } from "./encodings.js";

/** The value of an Authorization header whose user varies. @throws SCENARIO_INVALID for unknown expressions. */
export function compileBasic({ username, password }: NameAndPassword, values: Values): CompiledPart[] {
  const [name, secret] = [username, password].map((text) => compileEncoded(text, "none", values));
  return [(scope) => basicValue(renderTemplate(name!, scope), renderTemplate(secret!, scope))];
}
