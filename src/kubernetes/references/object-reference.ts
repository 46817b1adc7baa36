/** Objects of a cluster, as scenarios name them: "k8s://shop/deployment/cart". */

import { nearest } from "../../support/names/suggestion.js";
import { parseLabels } from "../label-selector.js";
import type { ResourceKind } from "../objects.js";
import { KIND_WORDS, kindOfWord, wordOfKind } from "./known-kinds.js";

export interface ObjectReference {
  readonly namespace: string;
  readonly kind: ResourceKind;
  /** null: all that `labels` choose. */
  readonly name: string | null;
  /** A label selector. null: the one that `name` names. */
  readonly labels: string | null;
}

export interface ReferenceMistake {
  readonly message: string;
  readonly help: string;
}

const FORM = /^k8s:\/\/([^/?#]*)\/([^/?#]*)(?:\/([^/?#]*))?(?:\?(.*))?$/;
/** RFC 1123. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

const HELP = "For example k8s://shop/deployment/cart, or k8s://shop/pod?app=cart.";

export function isNamespaceName(text: string): boolean {
  return LABEL.test(text);
}

/** Whether a text is meant to be a reference. */
export function isReferenceText(text: string): boolean {
  return text.startsWith("k8s:");
}

export function parseObjectReference(text: string): ObjectReference | ReferenceMistake {
  const [, namespace = "", word = "", name, labels] = FORM.exec(text) ?? [];
  if (word === "") return { message: "expected k8s://NAMESPACE/KIND/NAME", help: HELP };
  if (!isNamespaceName(namespace))
    return { message: `\`${namespace}\` is no name of a namespace`, help: HELP };
  const kind = kindOfWord(word);
  // Whoever may read one may read what every service there knows.
  if (/^secrets?(?:\.|$)/i.test(word)) {
    const help = "Ask the service that uses it, or look at an object that does not hold it.";
    return { message: "secrets are not read", help };
  }
  if (kind === null) {
    const near = nearest(word, KIND_WORDS);
    const known = near === null ? `Known: ${KIND_WORDS.join(", ")}.` : `Did you mean \`${near}\`?`;
    return {
      message: `\`${word}\` is no kind of objects that is known`,
      help: `${known} Any other is written in full, as PLURAL.VERSION.GROUP: certificates.v1.cert-manager.io.`,
    };
  }
  if (name === undefined && labels !== undefined) {
    if (parseLabels(labels) === null)
      return { message: `\`${labels}\` is no label selector`, help: "For example app=cart,tier!=test." };
    return { namespace, kind, name: null, labels };
  }
  if (name === undefined || labels !== undefined || !SUBDOMAIN.test(name))
    return { message: `which ${wordOfKind(kind)}? Expected one name`, help: HELP };
  return { namespace, kind, name, labels: null };
}

export function isMistake(parsed: ObjectReference | ReferenceMistake): parsed is ReferenceMistake {
  return "message" in parsed;
}

/** Of a scenario whose checks have found it right. */
export function referenceIn(text: string): ObjectReference {
  const parsed = parseObjectReference(text);
  if (isMistake(parsed)) throw new Error(`${text}: ${parsed.message}`);
  return parsed;
}

/** As a scenario writes it. */
export function referenceText({ namespace, kind, name, labels }: ObjectReference): string {
  const known = kindOfWord(wordOfKind(kind));
  // "services" is also the plural of kinds of other groups.
  const isKnown =
    known?.group === kind.group && known.version === kind.version && known.plural === kind.plural;
  const word = isKnown ? wordOfKind(kind) : `${kind.plural}.${kind.version}.${kind.group}`;
  return `k8s://${namespace}/${word}${name === null ? `?${labels}` : `/${name}`}`;
}
