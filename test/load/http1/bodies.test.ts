import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkAndPlan } from "../../../src/plan/check-and-plan.js";
import type { LoadPlan } from "../../../src/plan/load-plan.js";
import { runLoad, runLoadUntil, sum, totals } from "../../helpers/load-plans.js";
import { folderWith } from "../../helpers/scenario-files.js";

interface Uploaded {
  readonly type: string;
  readonly body: Buffer;
}

/** Keeps what was sent to it. A path that begins with /go leads to /there. */
async function startReceiver(version: "http1" | "h2") {
  const uploads: Uploaded[] = [];
  const receive = async (
    request: AsyncIterable<Buffer> & {
      readonly url?: string;
      readonly headers: NodeJS.Dict<string | string[]>;
    },
    end: (status: number, headers: Record<string, string>) => void,
  ) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    uploads.push({ type: String(request.headers["content-type"]), body: Buffer.concat(chunks) });
    if (request.url?.startsWith("/go")) end(307, { location: "/there" });
    else end(201, {});
  };
  const server =
    version === "http1"
      ? createServer((request, response) =>
          receive(request, (status, headers) => response.writeHead(status, headers).end()),
        )
      : createHttp2Server((request, response) =>
          receive(request, (status, headers) => {
            response.writeHead(status, headers);
            response.end();
          }),
        );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  // Listening on a port, so an address is an object.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, uploads };
}

async function planOf(
  target: string,
  load: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<LoadPlan> {
  const text = `faultline: 1\nname: Test\nload:\n  target: ${target}\n  rate: 40/s\n${load}\nslos: [availability >= 99%]\n`;
  const cwd = folderWith({ ...files, "scenario.yaml": text });
  const { plan, diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return plan.load;
}

/** As another implementation reads it: that of fetch. */
const formOf = ({ type, body }: Uploaded) =>
  new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();

const PHOTO = Buffer.concat([Buffer.from("\r\n--\r\n${seq}$${uuid}\r\n--faultline-"), randomBytes(70_000)]);
const FORM = `  requests:
    - name: upload
      method: POST
      path: /
      multipart:
        - { name: sku, value: 007 }
        - { name: "a \\"b\\"", value: "line\\r\\nline" }
        - { name: photo, file: photo.jpg }
        - { name: photo, file: notes.bin, filename: "ü-\${uuid}.txt", type: "text/plain; charset=utf-8" }
        - { name: empty, file: nothing.txt }
        - { name: made, value: "\${seq},x", filename: 'q".csv', type: text/csv }
      expect: { status: 201 }
`;
const FILES = { "photo.jpg": PHOTO, "notes.bin": "notes", "nothing.txt": "" };

describe.each(["http1", "h2"] as const)("over %s", (version) => {
  test("a form is what fetch reads", async () => {
    const receiver = await startReceiver(version);
    const plan = await planOf(receiver.url, `  protocol: ${version}\n${FORM}`, FILES);
    const measured = await runLoadUntil(plan, () => receiver.uploads.length > 10);
    const counts = totals(measured.all);
    expect(counts.scheduled).toBeGreaterThan(10);
    expect(counts.ok).toBe(counts.scheduled);
    expect(receiver.uploads).toHaveLength(counts.ok);
    const numbers: string[] = [];
    for (const upload of receiver.uploads) {
      const form = await formOf(upload);
      const files = [...form.getAll("photo"), form.get("empty"), form.get("made")];
      expect(form.get("sku")).toBe("007");
      expect(form.get('a "b"')).toBe("line\r\nline");
      const [photo, notes, empty, made] = files.map((file) => {
        if (!(file instanceof File)) throw new Error("no file");
        return file;
      });
      expect(photo).toMatchObject({ name: "photo.jpg", type: "image/jpeg", size: PHOTO.length });
      expect(Buffer.from(await photo!.arrayBuffer()).equals(PHOTO)).toBe(true);
      expect(notes!.name).toMatch(/^ü-[\da-f-]{36}\.txt$/);
      expect(notes!.type).toBe("text/plain; charset=utf-8");
      expect(empty).toMatchObject({ name: "nothing.txt", type: "text/plain", size: 0 });
      expect(made).toMatchObject({ name: 'q".csv', type: "text/csv" });
      numbers.push(await made!.text());
    }
    expect(new Set(numbers).size).toBe(counts.ok);
    // One boundary for the whole run.
    expect(new Set(receiver.uploads.map(({ type }) => type)).size).toBe(1);
  });

  test("a file is sent as it is, with the type of its ending or that of a header", async () => {
    const receiver = await startReceiver(version);
    const load = `  protocol: ${version}
  requests:
    - { name: plain, method: POST, path: /, body: { file: photo.jpg } }
    - { name: typed, method: POST, path: /, body: { file: notes.bin }, headers: { content-type: text/x } }
    - { name: bare, method: POST, path: "/\${seq}", body: { file: notes.bin } }
`;
    const measured = await runLoad(await planOf(receiver.url, load, FILES), 400);
    expect(totals(measured.all).ok).toBe(totals(measured.all).scheduled);
    const sent = new Map(receiver.uploads.map(({ type, body }) => [type, body]));
    expect([...sent.keys()].sort()).toEqual(["application/octet-stream", "image/jpeg", "text/x"]);
    expect(sent.get("image/jpeg")?.equals(PHOTO)).toBe(true);
    expect(String(sent.get("text/x"))).toBe("notes");
  });
});

test("a redirect that keeps the body sends the file again", async () => {
  const receiver = await startReceiver("http1");
  const load = `  follow: 1
  requests: [{ name: go, method: PUT, path: /go, body: { file: photo.jpg } }]
`;
  const { all } = await runLoad(await planOf(receiver.url, load, FILES), 300);
  expect(totals(all).ok).toBe(totals(all).scheduled);
  expect(sum(all.redirects ?? [])).toBe(totals(all).scheduled);
  expect(receiver.uploads).toHaveLength(2 * totals(all).scheduled);
  for (const { body } of receiver.uploads) expect(body.equals(PHOTO)).toBe(true);
});
