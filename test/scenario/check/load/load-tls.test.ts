import { expect, test } from "vitest";
import { checkText, scenarioText } from "../../../helpers/scenario-files.js";

const withTls = (target: string) =>
  checkText(
    scenarioText("", "  rate: 5/s\n  tls: { verify: false }").replace("http://127.0.0.1:3000", target),
  );

test.each(["http://127.0.0.1:3000", "HTTP://127.0.0.1:3000"])("tls does not go with %s", async (target) => {
  const { plan, diagnostics } = await withTls(target);
  expect(plan).toBeNull();
  expect(diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`)).toContain(
    "8:3 `tls` needs an https:// target",
  );
});

test.each(["https://127.0.0.1:3000", "HTTPS://127.0.0.1:3000"])("tls is planned for %s", async (target) => {
  const { plan } = await withTls(target);
  expect(plan?.load.target).toMatchObject({ url: "https://127.0.0.1:3000", tls: { verify: false } });
});
