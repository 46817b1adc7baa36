import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findJsonMistake } from "../../../src/scenario/text/json-mistake.js";
import { rowsOf } from "../../helpers/load-plans.js";
import { checkText, folderWith, scenarioText } from "../../helpers/scenario-files.js";

const TLS = new URL("../../fixtures/tls/", import.meta.url).pathname;

/** The only complaint about a scenario that names these files. */
async function complaint(load: string, files: Readonly<Record<string, string | Uint8Array>>) {
  const text = scenarioText("", `  rate: 100/s\n${load}`).replace("http:", "https:");
  const cwd = folderWith({ ...files, "scenario.yaml": text });
  const { diagnostics } = await checkText(text, { cwd });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  expect(errors.map(({ message }) => message)).toHaveLength(1);
  return { message: errors[0]?.message ?? "", help: errors[0]?.help ?? "" };
}

describe("a data file without usable rows says what is wrong in it and what to do", () => {
  test.each([
    ["d.csv", "", "d.csv has no rows", "a header line with the names of its columns, and at least one row"],
    ["d.csv", "id,secret\n", "d.csv has no rows", "at least one row below it"],
    ["d.csv", "id,id\n1,2\n", 'd.csv has two columns called "id"', "header line"],
    [
      "d.csv",
      "id,x\n1\n",
      "d.csv is not CSV: line 2 has another number of values",
      "as many values as the header line",
    ],
    [
      "d.csv",
      'id,x\n"1,2\n',
      "d.csv is not CSV: line 2 is inside quotes that are never closed",
      'ends with "',
    ],
    ["d.json", "[]", "d.json has no rows", "a list with at least one map"],
    ["d.json", '{"a":1}', "d.json is not a JSON list of maps", "a list with at least one map"],
    ["d.json", '[{"a":1}, 2]', "d.json has a row 2 that is not a map", "a list with at least one map"],
    [
      "d.json",
      '[{"a":1},\n{"b":',
      "d.json is not JSON: line 2, column 6: expected a value, but the file ends there",
      "a list",
    ],
    [
      "d.json",
      "[\n  {'a': 1}]",
      "d.json is not JSON: line 2, column 4: expected a name in double quotes or `}`, found `'`",
      "JSON's quotes are double ones.",
    ],
  ])("%s holding %j", async (name, content, message, help) => {
    const found = await complaint(`  data: { d: { file: ${name} } }`, { [name]: content });
    expect(found.message).toContain(message);
    expect(found.help).toContain(help);
  });

  test("bytes that are no text", async () => {
    const found = await complaint("  data: { d: { file: d.csv } }", {
      "d.csv": Uint8Array.from([0xff, 0xfe]),
    });
    expect(found).toEqual({ message: "d.csv is not UTF-8 text", help: "Save it as UTF-8." });
  });
});

test("values of a JSON file are used as they are written", async () => {
  const load = "  rate: 100/s\n  data: { d: { file: d.json } }\n  requests: [{ path: '/${data.d.id}' }]";
  const row = '{"id":9007199254740993,"price":1.10,"zip":"01","yes":true,"no":null,"lines":[1.0],"id2":7}';
  const text = scenarioText("", load);
  const cwd = folderWith({ "d.json": `[${row}]`, "scenario.yaml": text });
  const { plan } = await checkText(text, { cwd });
  expect(plan?.load.feeds.map(rowsOf)).toEqual([
    [
      {
        id: "9007199254740993",
        price: "1.10",
        zip: "01",
        yes: "true",
        no: "null",
        lines: "[1.0]",
        id2: "7",
      },
    ],
  ]);
});

test("the place of a mistake in JSON: there is one exactly where JSON.parse refuses", () => {
  const mutated = fc
    .tuple(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.nat(3),
      fc.constantFrom("", ",", "]", "}", ":", '"', "x", "1", "\n"),
    )
    .map(([text, at, length, piece]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + piece + text.slice(from + length);
    });
  fc.assert(
    fc.property(mutated, (text) => {
      const { offset, expected } = findJsonMistake(text);
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      expect(offset).toBeLessThanOrEqual(text.length);
      expect(offset === text.length && expected === "nothing more").toBe(isJson);
    }),
    { numRuns: 2000 },
  );
});

describe("a TLS file that is none says what it looks like and how to get one", () => {
  const pem = (name: string) => readFileSync(join(TLS, name));
  const key = createPrivateKey(pem("client.key"));
  const files = {
    "text.pem": "hello",
    "cert.pem": pem("client.pem"),
    "key.pem": pem("client.key"),
    "damaged.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "cert.der": new X509Certificate(pem("client.pem")).raw,
    "key.der": key.export({ type: "pkcs8", format: "der" }),
    // As `openssl pkcs12 -export` begins: a SEQUENCE, version 3, contents of type pkcs7-data.
    "both.p12": Buffer.from("3082097f0201033082093506092a864886f70d010701", "hex"),
    "locked.pem": key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" }),
  };

  test.each([
    [
      "ca",
      "text.pem",
      "is not a PEM certificate: it has no line -----BEGIN",
      "begins with the line -----BEGIN CERT",
    ],
    [
      "ca",
      "key.pem",
      "it holds -----BEGIN PRIVATE KEY-----",
      "begins with the line -----BEGIN CERTIFICATE-----",
    ],
    ["ca", "damaged.pem", "is not a PEM certificate (", "is damaged"],
    ["ca", "cert.der", "it looks like DER", "openssl x509 -inform DER"],
    ["ca", "both.p12", "it looks like PKCS#12", "openssl pkcs12 -in FILE -nokeys"],
  ])("%s: %s", async (key, file, message, help) => {
    const found = await complaint(`  tls: { ${key}: ${file} }`, files);
    expect(found.message).toContain(`${file} is not a PEM certificate`);
    expect(found.message).toContain(message);
    expect(found.help).toContain(help);
  });

  test.each([
    [
      "text.pem",
      "is not an unencrypted PEM private key: it has no line",
      "begins with -----BEGIN PRIVATE KEY-----",
    ],
    ["cert.pem", "it holds -----BEGIN CERTIFICATE-----", "begins with -----BEGIN PRIVATE KEY-----"],
    ["key.der", "it looks like DER", "openssl pkey -inform DER"],
    ["both.p12", "it looks like PKCS#12", "openssl pkcs12 -in FILE -nocerts"],
    ["locked.pem", "is an encrypted private key", "openssl pkey -in"],
  ])("key: %s", async (file, message, help) => {
    const found = await complaint(`  tls: { cert: cert.pem, key: ${file} }`, files);
    expect(found.message).toContain(message);
    expect(found.help).toContain(help);
  });

  test("a key of another certificate", async () => {
    const other = { ...files, "other.pem": pem("server.pem") };
    const found = await complaint("  tls: { cert: other.pem, key: key.pem }", other);
    expect(found.message).toBe("this private key is not that of the certificate");
    expect(found.help).toContain("openssl x509 -in CERT -noout -pubkey");
  });
});

test("a file that several requests send counts for each of them: each load thread has all of these copies", async () => {
  const send = (count: number) =>
    `  requests:\n${Array.from({ length: count }, (_, n) => `    - { name: r${n}, method: POST, path: /, body: { file: big.bin } }`).join("\n")}`;
  const errorsOf = async (count: number) => {
    const text = scenarioText("", `  rate: 100/s\n${send(count)}`);
    const cwd = folderWith({ "scenario.yaml": text, "big.bin": new Uint8Array(15_000_000) });
    const { diagnostics } = await checkText(text, { cwd });
    return diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ line, message }) => ({ line, message }));
  };
  expect(await errorsOf(4)).toEqual([]);
  expect(await errorsOf(5)).toEqual([
    {
      line: 13,
      message: expect.stringContaining("have more than 64 MB together, and one counts for each request"),
    },
  ]);
});
