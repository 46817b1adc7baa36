/** Environment variables that say which certificates a program trusts. Each runtime reads its own. */

/** The file is trusted as well as what the runtime trusts by itself. */
export const ADDS = ["NODE_EXTRA_CA_CERTS", "DENO_CERT"] as const;

/** The file is trusted instead of what the system trusts. */
export const REPLACES = [
  "SSL_CERT_FILE",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "AWS_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
] as const;

export const TRUST_VARIABLES = [...ADDS, ...REPLACES] as const;
export type TrustVariable = (typeof TRUST_VARIABLES)[number];
