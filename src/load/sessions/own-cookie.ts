import type { HttpRequest } from "../../requests/http/http-request.js";

const isCookie = (name: string) => name.toLowerCase() === "cookie";

/** Cookies that a request sends itself, beside those of its user. "" when it has none. */
export function ownCookie({ headers }: HttpRequest): string {
  return Object.entries(headers).find(([name]) => isCookie(name))?.[1] ?? "";
}

export function withoutCookie(request: HttpRequest): HttpRequest {
  const others = Object.entries(request.headers).filter(([name]) => !isCookie(name));
  return { ...request, headers: Object.fromEntries(others) };
}
