/** Where a text stops being JSON, and what should be there. */
export interface JsonMistake {
  /** In UTF-16 units. */
  readonly offset: number;
  readonly expected: string;
  /** Only a name in double quotes, or the end of the map, can stand there. */
  readonly isName: boolean;
}

const BLANK = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a JSON text holds none (RFC 8259, section 7)
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y;

type State = "value" | "first item" | "first key" | "key" | "colon" | "after";

const EXPECTED: Readonly<Record<State, string>> = {
  value: "a value",
  "first item": "a value or `]`",
  "first key": "a name in double quotes or `}`",
  key: "a name in double quotes",
  colon: "`:` after the name",
  after: "",
};

/** The first mistake in a text that `JSON.parse` refuses. Its own messages name a place only in some cases. */
export function findJsonMistake(text: string): JsonMistake {
  const open: ("[" | "{")[] = [];
  let state: State = "value";
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at += match[0].length;
    return match !== null;
  };
  for (;;) {
    take(BLANK);
    const sign = text[at];
    const within = open.at(-1);
    const closing = within === "[" ? "]" : "}";
    const mayClose = within !== undefined && (state === "after" || state.startsWith("first"));
    if (mayClose && sign === closing) {
      open.pop();
      at += 1;
      state = "after";
    } else if (state === "after" && within !== undefined && sign === ",") {
      at += 1;
      state = within === "[" ? "value" : "key";
    } else if ((state === "key" || state === "first key") && take(STRING)) {
      state = "colon";
    } else if (state === "colon" && sign === ":") {
      at += 1;
      state = "value";
    } else if ((state === "value" || state === "first item") && (sign === "[" || sign === "{")) {
      open.push(sign);
      at += 1;
      state = sign === "[" ? "first item" : "first key";
    } else if ((state === "value" || state === "first item") && (take(STRING) || take(LITERAL))) {
      state = "after";
    } else {
      const after = within === undefined ? "nothing more" : `\`,\` or \`${closing}\``;
      const isName = state === "key" || state === "first key";
      return { offset: at, expected: state === "after" ? after : EXPECTED[state], isName };
    }
  }
}
