import { isObject, listAt, textAt } from "../objects.js";
import { configProblem } from "../problem.js";
import { bearer, type CredentialSource, type Credentials, fixedCredentials } from "./access.js";
import { ExecPlugin, type PluginContext } from "./exec-plugin.js";
import { type ConfigEntry, inlineOrFile, pathIn, readConfigFile } from "./kubeconfig.js";

/** A token in a file is read again after this time: whoever wrote it renews it. */
const TOKEN_FILE_MS = 60_000;

/** Who asks, by an entry under `users` of a kubeconfig. @throws ClusterProblem */
export async function userCredentials(user: ConfigEntry, context: PluginContext): Promise<CredentialSource> {
  const { value, folder } = user;
  const said = isObject(value) ? value : {};
  if (said["auth-provider"] !== undefined) {
    throw configProblem(
      "a user of the kubeconfig has an `auth-provider`, which kubectl does not know any more either; use `exec`",
    );
  }
  const [cert, key] = [
    await inlineOrFile(user, "client-certificate-data", "client-certificate"),
    await inlineOrFile(user, "client-key-data", "client-key"),
  ];
  if ((cert === null) !== (key === null)) {
    throw configProblem(
      "a user of the kubeconfig has a client's certificate without its key, or a key without its certificate",
    );
  }
  const fixed = { cert, key, headers: impersonation(value) };
  // As client-go: the file wins, as somebody renews it.
  const tokenFile = textAt(value, "tokenFile") ?? "";
  if (tokenFile !== "") return tokenFromFile(pathIn(folder, tokenFile), fixed);
  const token = textAt(value, "token") ?? "";
  if (token !== "") return fixedCredentials({ ...fixed, headers: { ...fixed.headers, ...bearer(token) } });
  const [name, password] = [textAt(value, "username"), textAt(value, "password")];
  if (name !== undefined && password !== undefined) {
    const Authorization = `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
    return fixedCredentials({ ...fixed, headers: { ...fixed.headers, Authorization } });
  }
  if (said.exec === undefined || said.exec === null) return fixedCredentials(fixed);
  const plugin = new ExecPlugin({ value: said.exec, folder }, context);
  return {
    async get(isRefused) {
      const given = await plugin.get(isRefused);
      return {
        cert: given.cert ?? cert,
        key: given.key ?? key,
        headers: { ...fixed.headers, ...given.headers },
      };
    },
    end: () => plugin.end(),
  };
}

/** A token that somebody keeps renewing in a file. */
export function tokenFromFile(path: string, others: Credentials): CredentialSource {
  let known: { readonly token: string; readonly atMs: number } | null = null;
  return {
    async get(isRefused) {
      if (known === null || isRefused || performance.now() - known.atMs > TOKEN_FILE_MS) {
        known = { token: await readConfigFile(path, "tokenFile"), atMs: performance.now() };
      }
      return { ...others, headers: { ...others.headers, ...bearer(known.token) } };
    },
  };
}

/** @throws ClusterProblem for what would be left out without a word. */
function impersonation(user: unknown): Credentials["headers"] {
  const as = textAt(user, "as");
  const [groups, uid, extra] = [listAt(user, "as-groups").map(String), textAt(user, "as-uid"), extraOf(user)];
  if (as === undefined) {
    if (groups.length === 0 && uid === undefined && extra.length === 0) return {};
    throw configProblem(
      "a user of the kubeconfig has `as-groups`, `as-uid` or `as-user-extra` without `as`: whom it acts as is not said",
    );
  }
  return {
    "Impersonate-User": as,
    ...(groups.length === 0 ? {} : { "Impersonate-Group": groups }),
    ...(uid === undefined ? {} : { "Impersonate-Uid": uid }),
    ...Object.fromEntries(extra),
  };
}

function extraOf(user: unknown): readonly (readonly [string, readonly string[]])[] {
  const extra = isObject(user) && isObject(user["as-user-extra"]) ? user["as-user-extra"] : {};
  return Object.keys(extra).map(
    (key) => [`Impersonate-Extra-${encodeURIComponent(key)}`, listAt(extra, key).map(String)] as const,
  );
}
