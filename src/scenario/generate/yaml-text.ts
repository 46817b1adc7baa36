/** Plain when YAML reads it as this very text, else in quotes. */
export function yamlText(text: string): string {
  const plain =
    /^[A-Za-z/][\w./@-]*(?::[\w./@-]+)*(?: [\w./@-]+)*$/.test(text) &&
    !/^(true|false|null|yes|no|on|off)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}
