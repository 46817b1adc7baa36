/** The part of autocannon 9.0.0 that is used; the package has no types of its own. */
declare module "autocannon" {
  import type { EventEmitter } from "node:events";
  import type { AutocannonClient } from "./autocannon-client.js";

  interface Options {
    readonly url: string;
    readonly socketPath?: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    readonly tlsOptions?: object;
    readonly servername?: string;
    readonly setupClient: (client: AutocannonClient) => void;
  }

  /** Starts at once; throws nothing, a bad option rejects the promise that the tracker also is. */
  export default function autocannon(options: Options): EventEmitter & PromiseLike<unknown>;
}
