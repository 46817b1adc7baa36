/** Where something listens on TCP. */
export interface Address {
  /** A name or an IP address, without the brackets of IPv6. */
  readonly host: string;
  readonly port: number;
}

/** The two sides of an address in a text. Neither has been checked yet. */
export interface AddressParts {
  readonly host: string;
  readonly isBracketed: boolean;
  readonly port: string;
}

/** Takes "host:port" or "[v6]:port" apart. Either side may be empty. @returns null when the text has another form. */
export function splitAddress(text: string): AddressParts | null {
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(text);
  if (!match) return null;
  const [, bracketed, plain = "", port = ""] = match;
  return { host: bracketed ?? plain, isBracketed: bracketed !== undefined, port };
}

/** As "host:port", IPv6 in brackets. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether the text is a URL of http: or https:. */
export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** A host as URLs and addresses write it, without the brackets of IPv6. */
export function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

/** Where a URL points. Without a port: that of its protocol (80 for all but https and wss). */
export function addressOf({ hostname, port, protocol }: URL): Address {
  const standardPort = protocol === "https:" || protocol === "wss:" ? 443 : 80;
  return { host: bareHost(hostname), port: port === "" ? standardPort : Number(port) };
}
