/** Where a text names a service of the compose file as a host. */

export interface Mention {
  /** Of host and port in the text. */
  readonly start: number;
  readonly end: number;
  /** null: the text does not say. */
  readonly port: number | null;
  /** "postgres" of "postgres://db:5432/shop". null: it is no URL. */
  readonly scheme: string | null;
}

/** Variables that hold nothing but a host. A name such as POSTGRES_DB may hold the same word and means another thing. */
const HOST_VARIABLE = /(HOST|HOSTNAME|HOSTS|SERVER|SERVERS|ADDR|ADDRESS|ENDPOINT|NODES?|BROKERS?)$/i;

/** All mentions of the host `name` in the value of the variable `key`, in their order. */
export function mentionsOf(name: string, key: string, text: string): readonly Mention[] {
  const found = [...inUrls(name, text), ...withPort(name, text)];
  if (found.length > 0) return found.sort((one, other) => one.start - other.start);
  const bare = { start: 0, end: text.length, port: null, scheme: null };
  if (text === name && HOST_VARIABLE.test(key)) return [bare];
  return asParameter(name, text);
}

/** Every host after `scheme://`, behind the user's name and password. */
function inUrls(name: string, text: string): Mention[] {
  return [...text.matchAll(/([a-z][a-z0-9+.-]*):\/\/([^\s/?#"']*)/gi)].flatMap((match) => {
    const [whole, scheme = "", authority = ""] = match;
    const user = authority.lastIndexOf("@") + 1;
    let start = match.index + whole.length - authority.length + user;
    return authority
      .slice(user)
      .split(",")
      .flatMap((address) => {
        const end = start + address.length;
        const mention = { start, end, scheme, port: null };
        start = end + 1;
        const [host, port] = address.split(":");
        if (host !== name) return [];
        return [{ ...mention, port: port === undefined || port === "" ? null : Number(port) }];
      });
  });
}

/** "db:5432", also as "tcp(db:3306)" and "a:9092,b:9092". */
function withPort(name: string, text: string): Mention[] {
  const pattern = new RegExp(`(?<![\\w./:-])${literally(name)}:(\\d{1,5})(?![\\w.@-])`, "g");
  return [...text.matchAll(pattern)].flatMap((match) => {
    const start = match.index;
    return isInUrl(text, start)
      ? []
      : [{ start, end: start + match[0].length, port: Number(match[1]), scheme: null }];
  });
}

/** Whether the place belongs to the host of a URL, which `inUrls` has seen. */
function isInUrl(text: string, at: number): boolean {
  return [...text.matchAll(/:\/\/[^\s/?#"']*/g)].some(
    ({ index, 0: whole }) => at >= index && at < index + whole.length,
  );
}

/** "Host=db;Database=shop". */
function asParameter(name: string, text: string): Mention[] {
  const pattern = new RegExp(
    `\\b(?:host|server|data source|addr|address)\\s*=\\s*${literally(name)}(?![\\w.-])`,
    "gi",
  );
  return [...text.matchAll(pattern)].map((match) => {
    const end = match.index + match[0].length;
    return { start: end - name.length, end, port: null, scheme: null };
  });
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
