import { expect, test } from "vitest";
import { proxyTokenOf, toxiproxyTokenOf } from "../../../../src/faults/toxiproxy/client/token-variable.js";
import { secretsIn } from "../../../../src/scenario/values/secrets.js";

test.each([
  [{}, null],
  [{ FAULTLINE_PROXY_TOKEN: "", TOXIPROXY_AUTH_TOKEN: "" }, null],
  [{ TOXIPROXY_AUTH_TOKEN: "theirs" }, "theirs"],
  [{ FAULTLINE_PROXY_TOKEN: "ours", TOXIPROXY_AUTH_TOKEN: "theirs" }, "ours"],
])("the token that %j gives to a server is %s, and no output shows it", (env, token) => {
  expect(proxyTokenOf(env)).toBe(token);
  expect(secretsIn(env)).toEqual(Object.values(env).filter((value) => value !== ""));
});

test("what Toxiproxy's own programs take is theirs alone", () => {
  expect(toxiproxyTokenOf({ FAULTLINE_PROXY_TOKEN: "ours" })).toBeNull();
  expect(toxiproxyTokenOf({ FAULTLINE_PROXY_TOKEN: "ours", TOXIPROXY_AUTH_TOKEN: "theirs" })).toBe("theirs");
});
