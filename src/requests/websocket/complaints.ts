import type { Complaint } from "../../notation/complaint.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import { authComplaints } from "../authentication/auth-complaints.js";
import type { RequestSaid } from "../request-said.js";
import { roundedComplaints } from "../rounded-numbers.js";
import { hasSlots, literalText } from "../template-text.js";
import type { WebSocketRequestInput } from "./keys.js";
import { type MessageParts, receivedComplaints } from "./received-complaints.js";

type Path = Complaint["path"];

/** What is wrong with an exchange, or suspicious. */
export function websocketComplaints(
  { websocket, auth }: ValidParts<WebSocketRequestInput>,
  said: RequestSaid,
): readonly Complaint[] {
  const { headers = {}, subprotocols = [], messages = [] } = websocket ?? {};
  return [
    ...websocketHeaderComplaints(headers).map((complaint) => ({
      ...complaint,
      path: ["websocket", "headers", ...complaint.path],
    })),
    ...authComplaints(auth, {
      headers,
      has: (...path) => said.has(...path),
      isUnclear: (...path) => said.isUnclear(...path),
      rowsOf: (feed) => said.rowsOf(feed),
    }).map((complaint) =>
      complaint.path[0] === "headers" ? { ...complaint, path: ["websocket", ...complaint.path] } : complaint,
    ),
    ...subprotocols.flatMap((one, index) =>
      one !== undefined && hasSlots(one) ? [fixed(["websocket", "subprotocols", index])] : [],
    ),
    ...messages.flatMap((message, index) =>
      message === undefined ? [] : messageComplaints(message, ["websocket", "messages", index], said),
    ),
    ...orderComplaints(messages, said),
  ];
}

const FORMS = ["send", "expect", "until"] as const;

/** What can only come last, and what had better not. */
function orderComplaints(
  messages: readonly (MessageParts | undefined)[],
  said: RequestSaid,
): readonly Complaint[] {
  const at = (index: number, ...path: readonly string[]) => ["websocket", "messages", index, ...path];
  const early = messages.slice(0, -1).flatMap((_, index) =>
    FORMS.map((form) => at(index, form, "close"))
      .filter((path) => said.has(...path))
      .map((path): Complaint => {
        const message =
          "`close` is the end of the connection: the messages behind it would never be sent or come";
        const help = "Make it the last entry, and what follows an exchange of its own.";
        return { code: "conflict", path, at: "key", message, help };
      }),
  );
  const last = messages.length - 1;
  if (last < 0 || !said.has(...at(last, "send"))) return early;
  const message =
    "nothing has to come behind this message: the exchange is good when the system has taken it, whether or not it gets there";
  const help = "Add an entry with `expect` or `until` for what the server answers.";
  return [...early, { code: "suspicious", path: at(last, "send"), at: "key", message, help }];
}

/** Headers that the handshake itself makes. */
const OWN = /^(?:connection|upgrade|sec-websocket-.*|content-length|transfer-encoding)$/i;

/** What is wrong with headers of the handshake. */
export function websocketHeaderComplaints(
  headers: ValidParts<Readonly<Record<string, string>>>,
): readonly Complaint[] {
  return Object.entries(headers).flatMap(([name, value]): readonly Complaint[] => {
    if (OWN.test(name)) {
      const help = /protocol$/i.test(name) ? "Write subprotocols: [NAME]." : "Leave it out.";
      return [
        {
          code: "conflict",
          path: [name],
          at: "key",
          message: `\`${name}\` is set by faultline itself`,
          help,
        },
      ];
    }
    // A value of undefined is malformed.
    if (value === undefined || !/[^\t\x20-\x7e\x80-\xff]/.test(value.replace(/\$\{[^}]*\}/g, ""))) return [];
    const message = "a header's value is one line of Latin-1 characters";
    return [{ code: "wrong-value", path: [name], at: "value", message }];
  });
}

function fixed(path: Path): Complaint {
  const message = "values of each request cannot stand here";
  const help = "They may stand in `path`, `headers` and `send`.";
  return { code: "wrong-value", path, at: "value", message, help };
}

function messageComplaints(message: MessageParts, at: Path, said: RequestSaid): readonly Complaint[] {
  const given = FORMS.filter((form) => said.has(...at, form));
  const [form, second] = given;
  if (second !== undefined || (form === undefined && !said.isUnclear(...at))) {
    const text = "each entry has one of `send`, `expect` and `until`";
    const path = second === undefined ? at : [...at, second];
    return [{ code: "conflict", path, at: "key", message: text }];
  }
  return form === "send" || form === undefined
    ? sentComplaints(message, at, said)
    : receivedComplaints(message, form, at, said);
}

function sentComplaints({ send }: MessageParts, at: Path, said: RequestSaid): readonly Complaint[] {
  const complaints: Complaint[] = ["count", "capture", "degraded"]
    .filter((key) => said.has(...at, key))
    .map((key) => ({
      code: "conflict",
      path: [...at, key],
      at: "key",
      message: `\`${key}\` is for messages that come, not for those that are sent`,
    }));
  if (typeof send !== "object") return complaints;
  const place = [...at, "send"];
  const [hasJson, hasBytes] = [said.has(...place, "json"), said.has(...place, "base64")];
  if (hasJson === hasBytes && !said.isUnclear(...place)) {
    complaints.push({
      code: "conflict",
      path: place,
      at: "key",
      message: "a message has either `json` or `base64`",
    });
  }
  const { base64 } = send;
  if (base64 !== undefined && !hasSlots(base64) && !isBase64(literalText(base64))) {
    complaints.push({
      code: "wrong-value",
      path: [...place, "base64"],
      at: "value",
      message: "this is no base64",
    });
  }
  const help = "A text sends JSON as it is written: send: '{\"id\":9007199254740993}'.";
  return [...complaints, ...roundedComplaints(said, [...place, "json"], help)];
}

function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text);
}
