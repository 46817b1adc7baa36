/** Keys beside kinds of faults that name what these act on. */
export const TARGET_KEYS = ["proxy", "service"] as const;

export type TargetKey = (typeof TARGET_KEYS)[number];

/** Where a scenario declares what such a key names. */
export const DECLARED_UNDER = {
  proxy: "proxies",
  service: "services",
} as const satisfies Readonly<Record<TargetKey, string>>;

/** What a fault, or a part of it, names as its targets. */
export type NamedTargets = { readonly [Key in TargetKey]?: string | undefined };
