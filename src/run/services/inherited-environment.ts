export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that programs need to run at all. None of them is a secret. */
const PLAIN = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP|TERM)$/;

/** The environment that services inherit. With `names` it is reduced to these and a few plain ones. */
export function inheritedEnvironment(env: Environment, names: readonly string[] | null): Environment {
  if (names === null) return env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => PLAIN.test(name) || names.includes(name)));
}
