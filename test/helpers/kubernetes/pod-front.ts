import http from "node:http";
import type { AddressInfo } from "node:net";
import { fieldAt, NETWORK_POLICY, POD } from "../../../src/kubernetes/objects.js";
import type { ApiDouble } from "./api-double.js";
import { isReady } from "./controllers.js";

/** What a Service is: answers as long as a ready pod has the label app, and no policy cuts them off (where they are enforced). */
export class PodFront {
  readonly #server: http.Server;

  private constructor(server: http.Server) {
    this.#server = server;
  }

  static async start(double: ApiDouble, app: string, { enforces = false } = {}): Promise<PodFront> {
    const server = http.createServer((_, response) => {
      const ready = double.store
        .list(POD, "shop")
        .filter((pod) => pod.metadata.labels?.app === app && isReady(pod));
      const isCut =
        enforces &&
        double.store
          .list(NETWORK_POLICY, "shop")
          .some((policy) => fieldAt(policy, ["spec", "podSelector", "matchLabels", "app"]) === app);
      response.writeHead(ready.length > 0 && !isCut ? 200 : 503).end(ready[0]?.metadata.name ?? "none");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new PodFront(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
