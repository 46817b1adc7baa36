/** A text in double quotes for YAML, whatever is in it: JSON's strings are YAML's. */
export function quotedYaml(text: string): string {
  return JSON.stringify(text);
}

/** A literal block under a key, indented. Its last line break is kept as it is. */
export function yamlBlock(text: string, indent: string): string {
  // A block can hold neither characters that YAML does not print nor a text that begins with its own blanks.
  if (!/^[\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]*$/.test(text) || /^\s/.test(text))
    return ` ${quotedYaml(text)}`;
  const chomp = text.endsWith("\n\n") ? "+" : text.endsWith("\n") ? "" : "-";
  const lines = text.replace(/\n$/, "").split("\n");
  return ` |${chomp}\n${lines.map((line) => (line === "" ? "" : indent + line)).join("\n")}`;
}
