import { askedOfKind } from "./asking.js";
import {
  apiVersionOf,
  type ClusterObject,
  isClusterObject,
  listAt,
  type ResourceKind,
  textAt,
} from "./objects.js";
import { clusterProblemOf, isProblem } from "./problem.js";
import type { Sender, Sent } from "./sender.js";
import { pathOfKind } from "./wire/api-paths.js";
import { type ListedPart, type WatchEvent, type WatchMore, watchList } from "./wire/watch-list.js";

/** Which objects of a kind. */
export interface ListWhere {
  /** null: those of all namespaces, or of a kind that is in none. */
  readonly namespace: string | null;
  /** A label selector: "app=cart,tier!=test". */
  readonly labels?: string;
  /** A field selector: "spec.nodeName=worker-2". */
  readonly fields?: string;
}

const PAGE = 500;

/** All of them, page by page. A namespace that is missing has none. */
export async function listAll(
  sender: Sender,
  kind: ResourceKind,
  where: ListWhere,
  sent: Sent,
): Promise<ListedPart> {
  try {
    return await pagesOf(sender, kind, where, sent);
  } catch (error) {
    // The server keeps the state of a first page for minutes. Whoever comes later begins anew.
    if (isProblem(error, "gone")) return pagesOf(sender, kind, where, sent);
    throw error;
  }
}

/**
 * First what is there as ADDED, then each change. It goes on after cuts, and lists anew when the server has forgotten where it
 * was. Ends with `signal`.
 * @throws ClusterProblem for a right or kind that is missing.
 */
export function watchAll(
  sender: Sender,
  kind: ResourceKind,
  where: ListWhere,
  signal: AbortSignal,
  more: WatchMore = {},
): AsyncIterable<WatchEvent> {
  const asked = askedOfKind("watch", kind, where.namespace);
  const path = pathOfKind(kind, where.namespace);
  return watchList({
    signal,
    ...more,
    list: () => listAll(sender, kind, where, { signal }),
    follow: async (query, limits, onLine) => {
      const request = {
        method: "GET",
        path,
        query: { ...selectors(where), ...query },
        ...limits,
        signal,
      } as const;
      const answer = await sender.wire.follow(request, onLine);
      if (answer.status !== 200) throw clusterProblemOf(answer.status, answer.body, asked, sender.words);
    },
  });
}

async function pagesOf(
  sender: Sender,
  kind: ResourceKind,
  where: ListWhere,
  sent: Sent,
): Promise<ListedPart> {
  const items: ClusterObject[] = [];
  const asked = askedOfKind("list", kind, where.namespace);
  for (let more: string | undefined; ; ) {
    const query = {
      ...selectors(where),
      limit: String(PAGE),
      ...(more === undefined ? {} : { continue: more }),
    };
    const path = pathOfKind(kind, where.namespace);
    const page = await sender.send(asked, { method: "GET", path, query }, sent);
    // Items of a list say no kind of their own.
    const of = { apiVersion: apiVersionOf(kind), kind: kind.kind };
    items.push(
      ...listAt(page, "items").flatMap((item) => (isClusterObject(item) ? [{ ...of, ...item }] : [])),
    );
    more = textAt(page, "metadata", "continue");
    if (more === undefined || more === "") {
      return { items, resourceVersion: textAt(page, "metadata", "resourceVersion") ?? "" };
    }
  }
}

function selectors({ labels, fields }: ListWhere): Record<string, string> {
  return {
    ...(labels === undefined ? {} : { labelSelector: labels }),
    ...(fields === undefined ? {} : { fieldSelector: fields }),
  };
}
