/**
 * The URL of something below another URL. What the other one asks for (`?tenant=a`) is asked for, too.
 * @param path without a slash at its begin.
 */
export function urlUnder(base: string, path: string, asked: Readonly<Record<string, string>> = {}): string {
  const [place = "", own = ""] = base.split(/\?(.*)/s);
  const query = [own, String(new URLSearchParams(asked))].filter((part) => part !== "").join("&");
  return `${place.replace(/\/+$/, "")}/${path}${query === "" ? "" : `?${query}`}`;
}
