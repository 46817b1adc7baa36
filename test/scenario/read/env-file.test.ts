import { expect, test } from "vitest";
import { readEnvFile } from "../../../src/scenario/read/env-file.js";

test("lines of NAME=value, as other tools write them", () => {
  const text = `\ufeff# settings
PORT=3000
export REGION = eu-west-1   # where it runs
EMPTY=
COLOUR=#ff0000
URL=https://shop.example/#cart
SPACED=  two words\t
PLAIN_QUOTES=it's "fine"
SINGLE='a # b $HOME \\n'
DOUBLE="a # b \\"c\\" \\\\ \\n\\tend" # comment
KEY="-----BEGIN
second line"

PORT=3001
LAST=\${PORT}`;
  expect(readEnvFile(text)).toEqual({
    PORT: "3001",
    REGION: "eu-west-1",
    EMPTY: "",
    COLOUR: "#ff0000",
    URL: "https://shop.example/#cart",
    SPACED: "two words",
    PLAIN_QUOTES: `it's "fine"`,
    SINGLE: "a # b $HOME \\n",
    DOUBLE: `a # b "c" \\ \n\tend`,
    KEY: "-----BEGIN\nsecond line",
    LAST: "${PORT}",
  });
});

test("lines may end as on Windows, and the file may be empty", () => {
  expect(readEnvFile("A=1\r\nB='2'\r\n")).toEqual({ A: "1", B: "2" });
  expect(readEnvFile("")).toEqual({});
  expect(readEnvFile("\n \n# only a comment")).toEqual({});
});

test.each([
  ["A=1\nhunter2\n", "line 2 is not NAME=value"],
  ["A=1\n\n=hunter2", "line 3 is not NAME=value"],
  ["2FA=hunter2", "line 1 is not NAME=value"],
  ["my-key: hunter2", "line 1 is not NAME=value"],
  ["A=1\nB='hunter2\nC=2", "line 2 opens a quote that is never closed"],
  ['A="hunter2', "line 1 opens a quote that is never closed"],
  ["A='hunter2'x", "line 1 goes on after the value's closing quote"],
  ['A="x\ny" z', "line 2 goes on after the value's closing quote"],
])("%j is refused, and nothing of it is shown", (text, message) => {
  expect(() => readEnvFile(text)).toThrow(new RegExp(`^${message}$`));
  expect(() => readEnvFile(text)).not.toThrow(/hunter2/);
});
