/** Which of Toxiproxy's operations a request is for. */
export type Route =
  | {
      readonly kind: "operation";
      readonly operation: Operation;
      readonly proxy: string;
      readonly toxic: string;
    }
  | { readonly kind: "redirect"; readonly location: string }
  | { readonly kind: "method_not_allowed" }
  | { readonly kind: "not_found" }
  | { readonly kind: "malformed" };

export type Operation =
  | "proxy.index"
  | "proxy.create"
  | "proxy.show"
  | "proxy.update"
  | "proxy.remove"
  | "toxic.index"
  | "toxic.create"
  | "toxic.show"
  | "toxic.update"
  | "toxic.remove"
  | "populate"
  | "reset"
  | "version"
  | "metrics"
  | "counters";

type Methods = Readonly<Partial<Record<string, Operation>>>;

const PATHS: readonly (readonly [path: RegExp, methods: Methods])[] = [
  [/^\/proxies$/, { GET: "proxy.index", POST: "proxy.create" }],
  [
    /^\/proxies\/([^/]+)$/,
    { GET: "proxy.show", POST: "proxy.update", PATCH: "proxy.update", DELETE: "proxy.remove" },
  ],
  [/^\/proxies\/([^/]+)\/toxics$/, { GET: "toxic.index", POST: "toxic.create" }],
  [
    /^\/proxies\/([^/]+)\/toxics\/([^/]+)$/,
    { GET: "toxic.show", POST: "toxic.update", PATCH: "toxic.update", DELETE: "toxic.remove" },
  ],
  [/^\/populate$/, { POST: "populate" }],
  [/^\/reset$/, { POST: "reset" }],
  [/^\/version$/, { GET: "version" }],
  [/^\/faultline\/counters$/, { GET: "counters" }],
];

/**
 * `target` is the request line's: a path with a query, or a whole URL. `%2F` in it separates, as on the real server.
 */
export function route(method: string, target: string): Route {
  const [, rawPath = "", query = ""] = /^(?:[a-z]+:\/\/[^/?]*)?([^?#]*)(\?.*)?/i.exec(target) ?? [];
  if (/%(?![0-9a-f]{2})/i.test(rawPath)) return { kind: "malformed" };
  const path = percentDecoded(rawPath);
  const clean = cleanPath(path);
  if (clean !== path)
    return { kind: "redirect", location: encodeURI(clean).replace(/[?#]/g, encodeURIComponent) + query };
  if (path === "/metrics") return { kind: "operation", operation: "metrics", proxy: "", toxic: "" };
  for (const [pattern, methods] of PATHS) {
    const match = pattern.exec(path);
    if (!match) continue;
    const operation = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!operation) return { kind: "method_not_allowed" };
    return { kind: "operation", operation, proxy: match[1] ?? "", toxic: match[2] ?? "" };
  }
  return { kind: "not_found" };
}

/** Escapes stand for bytes. Bytes that are not UTF-8 become U+FFFD, so that they match no name. */
function percentDecoded(text: string): string {
  const bytes = text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return text.includes("%") ? Buffer.from(bytes, "latin1").toString("utf8") : text;
}

/** Without empty segments, "." and "..". A slash at the end stays. */
function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const clean = `/${kept.join("/")}`;
  return path.endsWith("/") && clean !== "/" ? `${clean}/` : clean;
}
