/** $.a.b[0]["c d"] */
export function isJsonPath(text: string): boolean {
  return /^\$(?:\.[A-Za-z_$][\w$-]*|\[\d+\]|\["[^"\]]+"\]|\['[^'\]]+'\])*$/.test(text);
}

export const JSON_PATH_HELP = 'For example $.access_token, $.items[0].id or $["odd name"].';
