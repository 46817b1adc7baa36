// JSON Web Tokens, signed with RS256. A service of yours has a library for it, such as jose.
import { createPublicKey, sign, verify } from "node:crypto";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const decode = (text) => JSON.parse(Buffer.from(text, "base64url"));

export function signedToken(claims, privateKey, keyId) {
  const content = `${encode({ alg: "RS256", typ: "JWT", kid: keyId })}.${encode(claims)}`;
  return `${content}.${sign("RSA-SHA256", Buffer.from(content), privateKey).toString("base64url")}`;
}

/** The claims of a bearer token, or null when none of the keys has signed it, or when it has ended. */
export function claimsOf(authorization = "", keys) {
  try {
    const [head, claims, signature] = authorization.replace(/^Bearer /, "").split(".");
    const { alg, kid } = decode(head);
    const jwk = keys.find((key) => key.kid === kid);
    if (alg !== "RS256" || jwk === undefined) return null;
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const signed = Buffer.from(`${head}.${claims}`);
    if (!verify("RSA-SHA256", signed, key, Buffer.from(signature, "base64url"))) return null;
    const known = decode(claims);
    return known.exp * 1000 > Date.now() ? known : null;
  } catch {
    // It is no token at all.
    return null;
  }
}
