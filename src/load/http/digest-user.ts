import type { NameAndPassword } from "../../requests/authentication/name-and-password.js";
import type { DigestUser } from "../authentication/digest-answer.js";
import { renderTemplate } from "../mix/request-template.js";
import type { ValueScope, Values } from "../mix/values.js";
import { compileEncoded } from "./encodings.js";

/** Who answers the challenges of a request. @throws SCENARIO_INVALID for unknown expressions. */
export function compileDigestUser(
  { username, password }: NameAndPassword,
  values: Values,
): (scope: ValueScope) => DigestUser {
  const [name, secret] = [username, password].map((text) => compileEncoded(text, "none", values));
  return (scope) => ({
    username: renderTemplate(name!, scope),
    password: renderTemplate(secret!, scope),
  });
}
