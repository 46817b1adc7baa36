import { FaultlineError, hasCode } from "../../support/errors.js";
import { hostOf, isAllowedHost, isLoopback } from "../../support/hosts.js";
import { nearest } from "../../support/names/suggestion.js";
import { readRegularFile } from "../../support/read-regular-file.js";
import { isObject, textAt } from "../objects.js";
import { configProblem } from "../problem.js";
import type { ClusterAccess } from "./access.js";
import {
  type ConfigEntry,
  inlineOrFile,
  type Kubeconfig,
  kubeconfigFiles,
  readKubeconfigs,
} from "./kubeconfig.js";
import { tokenFromFile, userCredentials } from "./user-credentials.js";

type Env = Readonly<Record<string, string | undefined>>;

/** Where Kubernetes puts what a pod needs to speak to its API server. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

export interface AccessChoice {
  /** null: the current one, or the service account of the pod. */
  readonly context: string | null;
  readonly env: Env;
  /** Relative paths in KUBECONFIG count from here. */
  readonly cwd: string;
  /** Absolute paths of kubeconfigs, instead of those that `env` names. null: those. */
  readonly files: readonly string[] | null;
  /** The run is to end. See `PluginContext`. */
  readonly stopping?: AbortSignal | undefined;
  /** Whether the service account of the pod is meant, whatever else there is. */
  readonly isPod?: boolean;
  /** For tests. */
  readonly serviceAccount?: string;
}

/**
 * Finds the API server and who asks: in the user's kubeconfig, or in the pod that this runs in.
 * @throws ClusterProblem
 */
export async function findAccess(choice: AccessChoice): Promise<ClusterAccess> {
  const { context, env, cwd, isPod = false } = choice;
  const files = isPod ? [] : (choice.files ?? kubeconfigFiles(env, cwd));
  const config = await readKubeconfigs(files);
  if (config) return accessIn(config, choice);
  if (context === null) {
    const own = await accessOfPod(choice);
    if (own) return own;
  }
  const looked = files.length === 0 ? "KUBECONFIG is not set" : `there is no file ${files.join(", ")}`;
  const pod = context === null ? ", and this is no pod with a service account" : "";
  throw configProblem(`no kubeconfig: ${looked}${pod}`);
}

async function accessIn(
  config: Kubeconfig,
  { context: chosen, env, stopping }: AccessChoice,
): Promise<ClusterAccess> {
  const files = config.files.join(", ");
  const context = chosen ?? config.currentContext;
  if (context === null)
    throw configProblem(`no context is named, and the kubeconfig ${files} has no \`current-context\``);
  const entry = config.contexts.get(context);
  if (!entry) {
    const known = [...config.contexts.keys()];
    const near = nearest(context, known);
    const help = near === null ? `it has: ${known.join(", ") || "none"}` : `did you mean "${near}"?`;
    throw configProblem(`the kubeconfig ${files} has no context "${context}"; ${help}`);
  }
  const cluster = named(config.clusters, entry, "cluster", context);
  const server = serverOf(textAt(cluster.value, "server"), context);
  if (textAt(cluster.value, "proxy-url") !== undefined) {
    throw configProblem(
      `the cluster of context "${context}" is reached through a proxy (\`proxy-url\`), which faultline does not speak to`,
    );
  }
  const ca = await inlineOrFile(cluster, "certificate-authority-data", "certificate-authority");
  const verify = !isObject(cluster.value) || cluster.value["insecure-skip-tls-verify"] !== true;
  const servername = textAt(cluster.value, "tls-server-name") ?? null;
  const user = textAt(entry.value, "user") === undefined ? null : named(config.users, entry, "user", context);
  const about = {
    server: server.href,
    ...(ca === null ? {} : { "certificate-authority-data": Buffer.from(ca).toString("base64") }),
    ...(servername === null ? {} : { "tls-server-name": servername }),
    ...(verify ? {} : { "insecure-skip-tls-verify": true }),
  };
  const nobody: ConfigEntry = { value: {}, folder: entry.folder };
  const credentials = await userCredentials(user ?? nobody, { env, cluster: about, stopping });
  return { context, files: config.files, server, ca, servername, verify, credentials };
}

function named(
  entries: ReadonlyMap<string, ConfigEntry>,
  context: ConfigEntry,
  key: "cluster" | "user",
  of: string,
): ConfigEntry {
  const name = textAt(context.value, key);
  if (name === undefined) throw configProblem(`the context "${of}" of the kubeconfig names no ${key}`);
  const found = entries.get(name);
  if (!found)
    throw configProblem(`the context "${of}" names the ${key} "${name}", which the kubeconfig does not have`);
  return found;
}

function serverOf(text: string | undefined, context: string): URL {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : null;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw configProblem(
      `the cluster of context "${context}" has no \`server\` with an http:// or https:// URL`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw configProblem(
      `the \`server\` of context "${context}" has a user name or password in its URL, which is not used`,
    );
  }
  if (url.protocol === "http:" && !isLoopback(hostOf(url))) {
    throw configProblem(
      `the \`server\` of context "${context}" is asked without TLS, so everyone on the way could read its credentials`,
    );
  }
  return url;
}

/** @returns null when this is no pod with a service account. */
async function accessOfPod({
  env,
  serviceAccount = SERVICE_ACCOUNT,
}: AccessChoice): Promise<ClusterAccess | null> {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "443" } = env;
  if (host === "") return null;
  const token = `${serviceAccount}/token`;
  try {
    const ca = (
      await readRegularFile(`${serviceAccount}/ca.crt`, { mostBytes: 1e6, beyond: "refuse" })
    ).toString("utf8");
    await readRegularFile(token, { mostBytes: 1e6, beyond: "refuse" });
    return {
      context: null,
      files: null,
      server: new URL(`https://${host.includes(":") ? `[${host}]` : host}:${port}/`),
      ca,
      servername: null,
      verify: true,
      credentials: tokenFromFile(token, { cert: null, key: null, headers: {} }),
    };
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
    throw error;
  }
}

/**
 * A cluster elsewhere is disturbed only when whoever runs faultline names its host: the current context may be that of
 * production. A pod's own service account was given to it for this.
 * @throws FaultlineError HOST_NOT_ALLOWED
 */
export function refuseElsewhere(
  { context, server, servername }: ClusterAccess,
  allowedHosts: readonly string[],
): void {
  const direct = hostOf(server);
  // A tunnel ends on this machine, and leads to the host that the certificate is for.
  const host = isAllowedHost(direct, []) ? (servername ?? direct) : direct;
  if (context === null || isAllowedHost(host, allowedHosts)) return;
  throw new FaultlineError(
    "HOST_NOT_ALLOWED",
    `the API server of the context "${context}" is on ${host}, which is not this machine. If that cluster may be disturbed: --allow-host ${host}`,
  );
}
