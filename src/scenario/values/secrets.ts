/** Which values are kept out of all output. */

import { metricNames } from "../../slo/metrics/index.js";

/** Words of the scenario format. Masking them would ruin every sentence and protect nothing. */
const FORMAT_WORDS = new Set([
  ...metricNames(),
  ...(
    "true false null auto http https tcp unix localhost observed interval even poisson open closed " +
    "upstream downstream both cycle once random shared unique latency jitter down partition close resume " +
    "bandwidth timeout " +
    "get head post put patch delete options baseline fault recovery warmup"
  ).split(" "),
]);

/** Such as 30%, 500ms, 1m30s, 200/s, 64KB, 1Mbit/s and 0ms..2s. */
const QUANTITY =
  /^[\d.,]+ ?(?:%|us|ms|s|m|h|x|[KMG]i?B|B|[kKMG]?bit)?(?:\/(?:s|min|m|h))?(?:[\d.]+(?:ms|s|m))*(?:\.\.[\d.]+ ?\S{0,6})?$/;

/** An address of this machine, with or without a port. */
const OWN_ADDRESS =
  /^(?:(?:https?|tcp):\/\/)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[?::1?\]?)(?::\d{1,5})?\/?$/;

/** Shorter values are in any text. */
const LEAST_LENGTH = 4;
/** A password that is no word is nowhere by accident, however short. */
const SHORT_PASSWORD = /^(?=.*[^a-z\d]).{3}$/i;
/** A longer number may be a PIN or a customer's. */
const MOST_DIGITS = 5;

/**
 * Whether a value from outside the scenario, from a variable of this name, is kept out of all output. Ports, counts,
 * quantities, switches, words of the format and this machine's addresses are settings, and not secrets.
 */
export function isSecretWorthy(value: string, name = ""): boolean {
  if (SHORT_PASSWORD.test(value) && isSecretName(name)) return true;
  if (value.length < LEAST_LENGTH || FORMAT_WORDS.has(value.toLowerCase())) return false;
  if (/^\d+$/.test(value)) return value.length > MOST_DIGITS;
  return !QUANTITY.test(value) && !OWN_ADDRESS.test(value);
}

/** Ends of names that say it, whatever comes before: PGPASSWORD, NPM_TOKEN, oauthToken. */
const TELLING_END =
  /(?:token|secret|passwd|password|passphrase|credentials?|api_?key|(?:secret|private|access|signing|encryption)_?key)$/i;
/** Short words that say it only as words of their own: DB_PASS, but neither BYPASS nor COMPASS. */
const TELLING_WORD = /(?:^|[_.-])(?:pass|pwd?|pw|psk|pat|jwt|auth|cookie|bearer)$/i;
const KEY_WORD = /(?:^|[_.-])key$/i;
/** Folders, whatever their names end with. */
const FOLDER_NAMES = new Set(["PWD", "OLDPWD", "INIT_CWD"]);

/** Whether a variable's name says that its value is a secret. */
export function isSecretName(name: string): boolean {
  return !FOLDER_NAMES.has(name) && (TELLING_END.test(name) || TELLING_WORD.test(name));
}

/** user:password@ in a URL. */
const IN_URL = /^[a-z][a-z\d+.-]*:\/\/[^/?#\s:@]*:([^/?#\s@]+)@/i;

/** How tokens of GitHub, GitLab, Slack, Stripe, npm and AWS begin, and JSON web tokens (JWT), and private keys. */
const KNOWN_FORM =
  /^(?:gh[oprsu]_|github_pat_|glpat-|xox[a-z]-|[rs]k_live_|npm_|AKIA|eyJ)[\w.-]{12,}$|^-+BEGIN [A-Z ]*PRIVATE KEY/;

/**
 * Secrets among environment variables, which services inherit. They are found by their names, by known forms of tokens,
 * and as passwords in URLs. When a name ends with KEY, the value decides: SORT_KEY and SSL_KEY may hold a column's name
 * or a path.
 */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const found = new Set<string>();
  for (const [name, value = ""] of Object.entries(env)) {
    const isKey = KNOWN_FORM.test(value) || (KEY_WORD.test(name) && looksLikeKey(value));
    const password = IN_URL.exec(value)?.[1] ?? "";
    const all = [...(isSecretName(name) || isKey ? [value] : []), password, percentDecoded(password)];
    for (const secret of all) if (isSecretWorthy(secret, name)) found.add(secret);
  }
  return [...found];
}

/** Neither a word nor a path. */
function looksLikeKey(value: string): boolean {
  const isPath = /^(?:~|\.{1,2})?\//.test(value);
  return !isPath && value.length >= 8 && (value.length >= 20 || /\d/.test(value));
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
