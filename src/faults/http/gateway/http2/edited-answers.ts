import { fieldOf, type HeaderList } from "../../../between/h2-relay/frames/relayed-blocks.js";
import type { AnswerEdit, EditedAnswer } from "../../../between/h2-relay/relayed-stream.js";
import { Cut } from "../rules/cut.js";

const LENGTH = /^\d{1,15}$/;
/** They are about the body that was there. */
const OF_THE_BODY = /^(?:content-length|content-encoding|trailer)$/;

/** Another body in place of the upstream's, whose length is said anew. */
export function swappedBody(list: HeaderList, text: string): EditedAnswer {
  const bytes = Buffer.from(text);
  const { fields, secrets } = list;
  const kept: string[] = [];
  const keptSecrets: number[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    if (OF_THE_BODY.test(fields[at]!)) continue;
    if (secrets.includes(at)) keptSecrets.push(kept.length);
    kept.push(fields[at]!, fields[at + 1]!);
  }
  let isGiven = false;
  return {
    list: { fields: [...kept, "content-length", String(bytes.length)], secrets: keptSecrets },
    edit: {
      kind: "swap",
      take: () => {
        if (isGiven) return null;
        isGiven = true;
        return { bytes, isWhole: true };
      },
    },
  };
}

/** A share of the body, and the end of the stream. Where its length is not said, it is held until it is known. */
export function cutAnswer(list: HeaderList, share: number): AnswerEdit {
  const length = fieldOf(list, "content-length");
  if (length !== null && LENGTH.test(length)) {
    const cut = new Cut({ kind: "length", bytes: Number(length) }, share);
    return {
      kind: "cut",
      take: (bytes) => {
        const through = cut.take(bytes, false);
        return cut.isDone ? through.length : null;
      },
      cutsEnd: false,
      acted: () => {},
    };
  }
  const cut = new Cut({ kind: "close" }, share);
  return {
    kind: "swap",
    take: (bytes, isOver) => {
      if (cut.isDone) return null;
      const through = cut.take(bytes, isOver);
      return cut.isDone ? { bytes: through, isWhole: false } : null;
    },
  };
}
