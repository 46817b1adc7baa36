export type Environment = Readonly<Record<string, string | undefined>>;

/** What programs need to run at all; none of it is a secret. */
const PLAIN = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP|TERM)$/;

/** The environment that services inherit: all of it, or with `names` only those and a few plain ones. */
export function inheritedEnvironment(env: Environment, names: readonly string[] | null): Environment {
  if (names === null) return env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => PLAIN.test(name) || names.includes(name)));
}
