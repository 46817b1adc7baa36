import type { PlaceholderValues } from "../../plan/placeholders.js";

const LISTEN = /^proxies\.([\w-]+)\.listen$/;

/**
 * Variables that say where a run's proxies and files are and what it loads.
 * @param folder the run's own. null: nothing is written.
 */
export function runEnvironment(
  values: PlaceholderValues,
  targetUrl: string,
  folder: string | null,
): Record<string, string> {
  const proxies = [...values].flatMap(([name, address]) => {
    const proxy = LISTEN.exec(name)?.[1];
    return proxy === undefined ? [] : [[`FAULTLINE_PROXY_${variableName(proxy)}`, address] as const];
  });
  return {
    FAULTLINE_TARGET: targetUrl,
    ...(folder === null ? {} : { FAULTLINE_REPORT_DIR: folder }),
    ...Object.fromEntries(proxies),
  };
}

/** "order-db" → "ORDER_DB" */
function variableName(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}
