import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

interface FakeProxy {
  readonly upstream: string;
  enabled: boolean;
  toxics: string[];
}

/** The few calls of Toxiproxy's HTTP API that reverting takes; `hang` makes it take connections and answer nothing. */
export async function fakeToxiproxy(proxies: Record<string, FakeProxy>) {
  const state = { proxies, hang: false, hangOnToxics: false, garbage: false, url: "" };
  const server = createServer(async (request, response) => {
    if (state.hang) return;
    if (state.garbage) return void response.end("{ not json");
    if (state.hangOnToxics && request.method === "DELETE" && request.url?.includes("/toxics/")) return;
    if (request.method === "POST" && request.url === "/proxies") {
      const { name, upstream, enabled } = await bodyOf(request);
      state.proxies[name] = { upstream, enabled, toxics: [] };
      return void response.writeHead(201).end("{}");
    }
    const [, , name = "", toxics, toxic] = (request.url ?? "").split("/").map(decodeURIComponent);
    const proxy = state.proxies[name];
    const answer = (status: number, body?: object) => {
      response.statusCode = status;
      response.end(body ? JSON.stringify(body) : undefined);
    };
    if (!proxy) return answer(404, { error: "proxy not found" });
    if (request.method === "DELETE" && toxic) proxy.toxics = proxy.toxics.filter((known) => known !== toxic);
    else if (request.method === "DELETE") delete state.proxies[name];
    else if (toxics) proxy.toxics = [...proxy.toxics, (await bodyOf(request)).name];
    else if (request.method === "POST") proxy.enabled = (await bodyOf(request)).enabled;
    if (request.method === "DELETE") return answer(204);
    answer(200, { ...proxy, name, toxics: proxy.toxics.map((known) => ({ name: known })) });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

async function bodyOf(
  request: IncomingMessage,
): Promise<{ readonly name: string; readonly upstream: string; readonly enabled: boolean }> {
  let text = "";
  for await (const piece of request) text += piece;
  return JSON.parse(text);
}
