import { InvalidArgumentError } from "commander";
import {
  PROXY_TOKEN_VARIABLE,
  proxyTokenOf,
  TOXIPROXY_TOKEN_VARIABLE,
  toxiproxyTokenOf,
} from "../faults/toxiproxy/client/token-variable.js";
import { EXIT, FaultlineError } from "../support/errors.js";
import { isLoopback } from "../support/hosts.js";
import type { RegisterCommand } from "./command.js";
import { collect, wholeNumberOption } from "./options/option-values.js";
import { interruptOf } from "./process/interrupt.js";
import type { Io } from "./process/io.js";

interface ProxyOptions {
  readonly host: string;
  readonly port: number;
  readonly config?: string;
  readonly metrics?: boolean;
  readonly requireToken?: boolean;
  readonly allowHost?: readonly string[];
  readonly seed: number;
}

export const registerProxy: RegisterCommand = (program, io, done) => {
  program
    .command("proxy")
    .summary("run the embedded Toxiproxy on its own, for any Toxiproxy client")
    .description(
      "Runs the embedded Toxiproxy server on its own until it is told to stop (Ctrl-C, SIGTERM). It answers as\n" +
        "Toxiproxy 2.13 does: toxiproxy-cli and every client library work with it. As there, requests need the token of\n" +
        `the environment's ${TOXIPROXY_TOKEN_VARIABLE}, where that is set.`,
    )
    .option(
      "--host <host>",
      "address of the API; beyond loopback anybody who reaches it can redirect it",
      "127.0.0.1",
    )
    .option("--port <port>", "port of the API; 0 lets the system choose", wholeNumberOption(0, 65_535), 8474)
    .option(
      "--config <file>",
      "make these proxies first: Toxiproxy's JSON, where an entry may also have toxics",
    )
    .option("--metrics", "answer GET /metrics, for Prometheus")
    .option(
      "--require-token",
      `refuse requests without "Authorization: Bearer TOKEN"; the token is the environment's ${PROXY_TOKEN_VARIABLE} or ${TOXIPROXY_TOKEN_VARIABLE}`,
    )
    .option(
      "--allow-host <name>",
      "a name with dots that clients call the API's host by, such as toxiproxy.example.com; may be repeated",
      hostNames,
    )
    .option("--seed <n>", "for jitter and toxicity", wholeNumberOption(0, 2 ** 32 - 1), 1)
    .addHelpText(
      "after",
      `
Examples:
  faultline proxy
  faultline proxy --port 0 --config proxies.json --metrics
  toxiproxy-cli create -l 127.0.0.1:6391 -u 127.0.0.1:6390 cache
  toxiproxy-cli toxic add -t latency -a latency=300 cache
`,
    )
    .action(async (options: ProxyOptions) => {
      await serve(options, io);
      done(EXIT.ok);
    });
};

async function serve(options: ProxyOptions, io: Io): Promise<void> {
  const { host, port, config, metrics = false, seed, allowHost = [] } = options;
  const token = options.requireToken ? requiredTokenOf(io.env) : givenTokenOf(io.env);
  const interrupt = interruptOf(io, { first: "closing all proxies", second: "the proxies end with it" });
  const stopped = new Promise<void>((resolve) => {
    interrupt.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const { startStandalone } = await import("../faults/toxiproxy/embedded/standalone.js");
  const server = await startStandalone(
    { host, port, metrics, seed, ...(token === null ? {} : { token }), allowHosts: allowHost },
    config,
    io.cwd,
  );
  io.stdout.write(`Toxiproxy API on ${server.url}, ${countOf(server.proxyCount)}\n`);
  if (token === null && !isLoopback(host)) {
    io.stderr.write(
      `warning: whoever reaches ${server.url} can redirect its proxies. Set ${TOXIPROXY_TOKEN_VARIABLE}, and requests need that token.\n`,
    );
  }
  await stopped;
  await server.close();
  interrupt.release();
}

function hostNames(value: string, before?: readonly string[]): readonly string[] {
  if (/^[a-z\d]([\w.-]*[a-z\d])?$/i.test(value)) return collect(value, before);
  throw new InvalidArgumentError("It must be a name alone, without a scheme, a port or a path.");
}

function requiredTokenOf(env: Io["env"]): string {
  const token = proxyTokenOf(env) ?? "";
  if (/^[\x21-\x7e]{16,}$/.test(token)) return token;
  const variable = env[PROXY_TOKEN_VARIABLE] ? PROXY_TOKEN_VARIABLE : TOXIPROXY_TOKEN_VARIABLE;
  throw new FaultlineError(
    "USAGE",
    token === ""
      ? `--require-token takes the token from ${PROXY_TOKEN_VARIABLE} or ${TOXIPROXY_TOKEN_VARIABLE}, and neither is set.`
      : `${variable} must have at least 16 characters, and none but those of ASCII that can be seen.`,
  );
}

/** As on the real server: without the option, Toxiproxy's own variable alone decides, and any length will do. */
function givenTokenOf(env: Io["env"]): string | null {
  const token = toxiproxyTokenOf(env);
  if (token === null || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new FaultlineError(
    "USAGE",
    `${TOXIPROXY_TOKEN_VARIABLE} must have no characters but those of ASCII that can be seen.`,
  );
}

function countOf(proxies: number): string {
  return `${proxies} ${proxies === 1 ? "proxy" : "proxies"}`;
}
