import fc from "fast-check";
import { expect, test } from "vitest";
import { redact } from "../../src/support/redact.js";
import { SecretMask } from "../../src/support/secrets/secret-mask.js";

const SECRET = "Zp@ss w/ü\"rd\\x<b>&Q'7";
const mask = new SecretMask([SECRET]);
const percent = encodeURIComponent(SECRET);
const json = JSON.stringify(SECRET).slice(1, -1);

/** Every byte, however harmless. */
const wholly = [...Buffer.from(SECRET)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
const ascii = json.replace(
  /[\u0080-\uffff]/g,
  (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
);
const html = SECRET.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

test.each([
  ["as it is", SECRET],
  ["in capitals", SECRET.toUpperCase()],
  ["in small letters", SECRET.toLowerCase()],
  ["percent-encoded", percent],
  ["percent-encoded in small letters", percent.replace(/%[\dA-F]{2}/g, (code) => code.toLowerCase())],
  ["percent-encoded byte by byte", wholly],
  ["percent-encoded with what others leave", percent.replaceAll("'", "%27").replaceAll("%40", "@")],
  ["form-encoded", new URLSearchParams({ a: SECRET }).toString().slice(2)],
  ["in JSON", json],
  ["in JSON of ASCII", ascii],
  ["in JSON within JSON", JSON.stringify(json).slice(1, -1)],
  ["in HTML", html],
  ["in HTML with numbers", SECRET.replace(/[^a-z]/gi, (letter) => `&#${letter.codePointAt(0)};`)],
  [
    "in HTML with hexadecimal numbers",
    SECRET.replace(/[^a-z]/gi, (c) => `&#x${c.charCodeAt(0).toString(16)};`),
  ],
  [
    "in JSON within HTML",
    JSON.stringify(SECRET).slice(1, -1).replaceAll('"', "&quot;").replaceAll("&Q", "&amp;Q"),
  ],
  ["in hex", Buffer.from(SECRET).toString("hex")],
  ["in hex, in capitals", Buffer.from(SECRET).toString("hex").toUpperCase()],
  [
    "as a dump of bytes",
    Buffer.from(SECRET)
      .toString("hex")
      .replace(/..(?=.)/g, "$& "),
  ],
  [
    "as bytes of a string of C",
    [...Buffer.from(SECRET)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
  ],
  ["in quotes of a shell", SECRET.replaceAll("'", "'\\''")],
  ["read as another encoding", Buffer.from(SECRET, "utf8").toString("latin1")],
  ["cut by a colour", `${SECRET.slice(0, 3)}\u001b[31m${SECRET.slice(3)}`],
  ["cut by a byte of 0", `${SECRET.slice(0, 3)}\0${SECRET.slice(3)}`],
  ["cut by a space without width", `${SECRET.slice(0, 3)}\u200b${SECRET.slice(3)}`],
])("a secret is found %s", (_, form) => {
  expect(mask.mask(`before ${form} after`)).toBe("before ••• after");
});

test("a secret is found in base64 whatever stands around it, also in the alphabet of URLs", () => {
  for (const around of ["", "u", "us", "usr", "user:"]) {
    for (const encoding of ["base64", "base64url"] as const) {
      const text = Buffer.from(`${around}hunter2-s3cr3t>>>???${around}`).toString(encoding);
      const masked = redact(text, ["hunter2-s3cr3t>>>???"]);
      expect(masked).toContain("•••");
      // What is left decodes to nothing of it.
      for (const piece of masked.split("•••")) {
        expect(Buffer.from(piece, encoding).toString()).not.toMatch(/[h>?]/);
      }
    }
  }
  const basic = `Basic ${Buffer.from("user:hunter2-s3cr3t").toString("base64")}`;
  expect(redact(basic, ["hunter2-s3cr3t"])).toBe("Basic dXNlcj•••==");
});

test("each line of a key is one of its secrets; what all keys begin and end with is not", () => {
  const key = "-----BEGIN KEY-----\nMIIBVwIBADANBgkq\nEFAASCAT8wggE7Ag\n}\n-----END KEY-----\n";
  const log = "[1] -----BEGIN KEY-----\n[2] MIIBVwIBADANBgkq\n[3] EFAASCAT8wggE7Ag\n[4] }";
  expect(redact(log, [key])).toBe("[1] -----BEGIN KEY-----\n[2] •••\n[3] •••\n[4] }");
  expect(redact(JSON.stringify({ key }), [key])).toBe('{"key":"•••"}');
});

test("a short secret in other letters is another word", () => {
  expect(redact("Ann wrote to ann and ANN", ["ann1"])).toBe("Ann wrote to ann and ANN");
  expect(redact("hunt, Hunt", ["hunt"])).toBe("•••, Hunt");
});

test("the longer one of two secrets is masked as a whole, and none leaves half of another", () => {
  expect(redact("a secret-longer b", ["secret", "secret-longer"])).toBe("a ••• b");
  expect(redact("abcdefgh", ["abcdef", "cdefgh"])).toBe("•••");
});

test("nothing of a secret is left in any text", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, unit: "binary" }), fc.array(fc.string()), (secret, texts) => {
      fc.pre(!"•••".includes(secret));
      expect(redact(texts.join(secret), [secret]).includes(secret)).toBe(false);
    }),
  );
});

test("a text without secrets stays as it is, escapes and all", () => {
  const text = "50% of 100%25 \\u0041 &amp; \u001b[1m✓\u001b[0m";
  expect(redact(text, ["hunter2-s3cr3t"])).toBe(text);
  expect(redact(text, [])).toBe(text);
});

test("hundreds of secrets in megabytes of output take no noticeable time", () => {
  const secrets = Array.from({ length: 300 }, (_, at) => `s3cr3t-${at}-${"abcdef".repeat(1 + (at % 9))}`);
  const line =
    'level=info path=/a%20b json={"a":"b\\n"} html=&lt;b&gt; the quick brown fox jumps over a lazy dog\n';
  const text = `${line.repeat(25_000)}${secrets[77]}\n${line}`;
  const many = new SecretMask(secrets);
  const before = performance.now();
  const masked = many.mask(text);
  // 2.5 MB take a second or two on a machine that is busy with other things; a quadratic search takes hours.
  expect(performance.now() - before).toBeLessThan(20_000);
  expect(masked).toBe(`${line.repeat(25_000)}•••\n${line}`);
}, 30_000);
