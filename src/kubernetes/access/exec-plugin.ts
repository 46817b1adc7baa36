import { monotonicMs } from "../../support/clock.js";
import { askForText } from "../../support/outside/ask-command.js";
import { isObject, listAt, textAt } from "../objects.js";
import { configProblem } from "../problem.js";
import { bearer, type CredentialSource, type Credentials } from "./access.js";
import { type ConfigEntry, pathIn } from "./kubeconfig.js";

const TIMEOUT_MS = 20_000;
const MOST_BYTES = 1_000_000;
/** Credentials are renewed this long before they end, and more than a plug-in may take. They hold as long as that takes. */
const EARLY_MS = 30_000;
/** A plug-in may keep credentials itself, and give the same ones until they end. */
const AGAIN_MS = 5_000;

const VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

export interface PluginContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a plug-in is told of its cluster when it asks for it. */
  readonly cluster: unknown;
  readonly timeoutMs?: number;
  /**
   * The run is to end: a plug-in that is at work is ended, too. One that is asked after that is needed to undo something, and
   * may take its time.
   */
  readonly stopping?: AbortSignal | undefined;
  /** Between two renewals, at least. */
  readonly againMs?: number;
}

/**
 * A program that prints credentials, as the cloud providers have them. It is a command of the user's kubeconfig, and gets
 * no terminal: it cannot ask anything.
 */
export class ExecPlugin implements CredentialSource {
  readonly #spec: unknown;
  readonly #folder: string;
  readonly #context: PluginContext;
  #known: { readonly credentials: Credentials; readonly untilMs: number | null } | null = null;
  #asking: Promise<Credentials> | null = null;
  #askedAtMs = 0;
  readonly #ending = new AbortController();
  /** Until their programs are gone. */
  readonly #running = new Set<Promise<unknown>>();

  /** @throws ClusterProblem for one that cannot be run. */
  constructor({ value, folder }: ConfigEntry, context: PluginContext) {
    this.#spec = value;
    this.#folder = folder;
    this.#context = context;
    const version = textAt(value, "apiVersion") ?? "";
    if ((textAt(value, "command") ?? "") === "")
      throw configProblem("the `exec` of a user in the kubeconfig has no `command`");
    if (!VERSIONS.includes(version)) {
      throw configProblem(
        `the \`exec\` of a user in the kubeconfig has the apiVersion "${version}"; ${VERSIONS.join(" or ")} is known`,
      );
    }
    if (textAt(value, "interactiveMode") === "Always") {
      throw configProblem(
        "the `exec` of a user in the kubeconfig wants a terminal (interactiveMode: Always), and faultline gives it none",
      );
    }
  }

  async get(isRefused: boolean): Promise<Credentials> {
    const known = this.#known;
    const leftMs = known === null ? 0 : (known.untilMs ?? Number.POSITIVE_INFINITY) - Date.now();
    if (known === null || isRefused || leftMs <= 0) return this.#renew();
    const { againMs = AGAIN_MS } = this.#context;
    // Whoever asks now does not wait for it. That it failed is said when these have ended.
    if (leftMs < EARLY_MS && monotonicMs() - this.#askedAtMs >= againMs) this.#renew().catch(() => {});
    return known.credentials;
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled(this.#running);
  }

  #renew(): Promise<Credentials> {
    this.#askedAtMs = monotonicMs();
    if (this.#asking !== null) return this.#asking;
    const { stopping } = this.#context;
    const asking = this.#ask();
    // One that is being ended gives nothing any more. Whoever asks now is to get an answer.
    const forget = () => {
      if (this.#asking === asking) this.#asking = null;
    };
    stopping?.addEventListener("abort", forget, { once: true });
    const over = asking
      .catch(() => {})
      .finally(() => {
        forget();
        stopping?.removeEventListener("abort", forget);
        this.#running.delete(over);
      });
    this.#running.add(over);
    this.#asking = asking;
    return asking;
  }

  async #ask(): Promise<Credentials> {
    const { env, timeoutMs = TIMEOUT_MS, stopping } = this.#context;
    const mayStop = stopping === undefined || stopping.aborted ? [] : [stopping];
    const command = textAt(this.#spec, "command") ?? "";
    const program = command.includes("/") ? pathIn(this.#folder, command) : command;
    const args = listAt(this.#spec, "args").map(String);
    const own = listAt(this.#spec, "env").flatMap((each) => {
      const name = textAt(each, "name");
      return name === undefined ? [] : [[name, textAt(each, "value") ?? ""] as const];
    });
    const { end, body } = await askForText(
      {
        command: [program, ...args],
        shell: false,
        env: { ...Object.fromEntries(own), KUBERNETES_EXEC_INFO: JSON.stringify(this.#info()) },
        cwd: this.#folder,
      },
      MOST_BYTES,
      {
        env,
        timeoutMs,
        signal: AbortSignal.any([this.#ending.signal, ...mayStop]),
        starting: (start) => start(),
      },
    );
    const who = `the \`exec\` plug-in ${command} of the kubeconfig`;
    if (end.kind === "unasked") throw configProblem(`${who} gave no credentials: ${end.reason}`);
    if (end.exitCode !== 0)
      throw configProblem(`${who} gave no credentials: it exited with code ${end.exitCode}`);
    return this.#take(body.toString("utf8"), who);
  }

  #info(): unknown {
    const wantsCluster = isObject(this.#spec) && this.#spec.provideClusterInfo === true;
    return {
      apiVersion: textAt(this.#spec, "apiVersion"),
      kind: "ExecCredential",
      spec: { interactive: false, ...(wantsCluster ? { cluster: this.#context.cluster } : {}) },
    };
  }

  /** What it printed is never shown: it is a secret. */
  #take(printed: string, who: string): Credentials {
    let answer: unknown;
    try {
      answer = JSON.parse(printed);
    } catch {
      throw configProblem(`${who} printed no JSON`);
    }
    const token = textAt(answer, "status", "token") ?? null;
    const cert = textAt(answer, "status", "clientCertificateData") ?? null;
    const key = textAt(answer, "status", "clientKeyData") ?? null;
    if (token === null && (cert === null || key === null)) {
      throw configProblem(`${who} printed neither a token nor a client's certificate with its key`);
    }
    const credentials = { cert, key, headers: token === null ? {} : bearer(token) };
    const untilMs = Date.parse(textAt(answer, "status", "expirationTimestamp") ?? "");
    this.#known = { credentials, untilMs: Number.isNaN(untilMs) ? null : untilMs };
    return credentials;
  }
}
