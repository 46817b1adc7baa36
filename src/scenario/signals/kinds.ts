import type { z } from "zod";
import { text } from "../../quantities/schema.js";
import { jsonPage } from "./json-page.js";
import { metricsPage } from "./metrics-page.js";
import { prometheus } from "./prometheus.js";
import type { SignalKind } from "./signal-kind.js";

/** Where signals may be read by a URL. The order is that of the reference. */
export const SIGNAL_KINDS = [prometheus, metricsPage, jsonPage] as const;

export type SignalUrlKey = (typeof SIGNAL_KINDS)[number]["key"];

export const SIGNAL_URLS: readonly SignalUrlKey[] = SIGNAL_KINDS.map(({ key }) => key);

/** Their keys, as the schema of a signal has them. */
export const SIGNAL_URL_KEYS: { readonly [Key in SignalUrlKey]: z.ZodOptional<z.ZodString> } = Object.assign(
  {},
  ...SIGNAL_KINDS.map(({ key, description, sample }) => ({
    [key]: text("a URL")
      .meta({ description, samples: [sample] })
      .optional(),
  })),
);

/** @returns undefined for a source that is no URL. */
export function signalKindOf(key: string): SignalKind | undefined {
  return SIGNAL_KINDS.find((kind) => kind.key === key);
}
