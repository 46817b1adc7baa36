import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ToxiproxyApi } from "../../../../src/faults/toxiproxy/client/toxiproxy-api.js";
import { ToxiproxySilence } from "../../../../src/faults/toxiproxy/client/toxiproxy-transport.js";

/** Some of those that fetch refuses: https://fetch.spec.whatwg.org/#port-blocking */
const PORTS_BROWSERS_AVOID = [6665, 6666, 6667, 6668, 6669, 6000, 6566, 10_080, 5060, 5061];

async function version(port = 0, answer = '{"version": "2.13.0"}') {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`);
    if (answer === "") return;
    if (answer.startsWith("http")) return void response.writeHead(302, { location: answer }).end();
    response.end(answer);
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("a Toxiproxy on a port that browsers avoid is talked to", async () => {
  for (const port of PORTS_BROWSERS_AVOID) {
    const server = await version(port).catch(() => null);
    if (!server) continue;
    expect(await new ToxiproxyApi(server.url).version()).toBe("2.13.0");
    return;
  }
  throw new Error("none of these ports is free");
});

test("no redirect is followed: another server would be asked", async () => {
  const other = await version();
  const server = await version(0, `${other.url}/version`);
  await expect(new ToxiproxyApi(server.url).version()).rejects.toMatchObject({
    code: "TOXIPROXY_UNREACHABLE",
  });
  expect(other.seen).toEqual([]);
});

test("the path and the user of the URL are kept, the password is not shown", async () => {
  const server = await version();
  const url = server.url.replace("//", "//me:secret@");
  expect(await new ToxiproxyApi(`${url}/toxi/`).version()).toBe("2.13.0");
  const basic = Buffer.from("me:secret").toString("base64");
  expect(server.seen).toEqual([`GET /toxi/version Basic ${basic}`]);
  const html = await version(0, "<html>");
  const other = new ToxiproxyApi(html.url.replace("//", "//me:secret@"));
  await expect(other.version()).rejects.toThrow(
    /^http:\/\/127\.0\.0\.1:\d+ does not answer as a Toxiproxy does/,
  );
});

test("a call without an answer is told from one that was refused a connection", async () => {
  const { url } = await version(0, "");
  const api = new ToxiproxyApi(url, { deadlineMs: 100 });
  await expect(api.version()).rejects.toBeInstanceOf(ToxiproxySilence);
  expect(api.leftUnanswered).toBe(true);
});

test("a listing of another form is not a Toxiproxy's", async () => {
  for (const answer of ["[]", '{"cache": {}}', '{"cache": {"name": "cache", "toxics": null}}', "5", ""]) {
    const { url } = await version(0, answer || " ");
    await expect(new ToxiproxyApi(url).proxies()).rejects.toMatchObject({ code: "TOXIPROXY_UNREACHABLE" });
  }
});
