import { createServer, request } from "node:http";

/** A server in front of another one that leaves some requests without an answer, as a real Toxiproxy can. */
export async function hangingInFront(
  url: string,
  hangs: (method: string, path: string) => boolean,
): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((incoming, outgoing) => {
    const { method = "", url: path = "", headers } = incoming;
    if (hangs(method, path)) {
      incoming.resume();
      return;
    }
    const onward = request(new URL(path, url), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${typeof bound === "object" && bound ? bound.port : 0}`, close };
}
