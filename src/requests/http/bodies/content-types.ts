import path from "node:path";

/** By the ending of a file's name (IANA media types). */
const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  [".json", "application/json"],
  [".xml", "application/xml"],
  [".yaml", "application/yaml"],
  [".yml", "application/yaml"],
  [".txt", "text/plain"],
  [".csv", "text/csv"],
  [".html", "text/html"],
  [".svg", "image/svg+xml"],
  [".png", "image/png"],
  [".jpg", "image/jpeg"],
  [".jpeg", "image/jpeg"],
  [".gif", "image/gif"],
  [".webp", "image/webp"],
  [".pdf", "application/pdf"],
  [".zip", "application/zip"],
  [".gz", "application/gzip"],
  [".mp4", "video/mp4"],
  [".mp3", "audio/mpeg"],
]);

/** What a file is sent as when the scenario does not say. */
export function contentTypeOf(file: string): string {
  return CONTENT_TYPES.get(path.extname(file).toLowerCase()) ?? "application/octet-stream";
}
