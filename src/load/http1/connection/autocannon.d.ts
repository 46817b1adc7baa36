/** The part of autocannon 9.0.0 that is used. The package has no types of its own. */
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

  /** Starts at once. It throws nothing: the tracker is also a promise, and a bad option rejects it. */
  export default function autocannon(options: Options): EventEmitter & PromiseLike<unknown>;
}
