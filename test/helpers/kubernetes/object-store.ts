import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { apiVersionOf, type ClusterObject, type ResourceKind } from "../../../src/kubernetes/objects.js";

export interface StoredEvent {
  readonly version: number;
  readonly kind: ResourceKind;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: ClusterObject;
}

/** What etcd is to an API server: objects, and a version that counts all changes. */
export class ObjectStore {
  version = 100;
  /** Changes before this version are forgotten. */
  historyFrom = 0;
  readonly history: StoredEvent[] = [];
  readonly #objects = new Map<string, ClusterObject>();
  readonly #kinds = new Map<string, ResourceKind>();
  readonly #listeners = new Set<(event: StoredEvent) => void>();

  get(kind: ResourceKind, namespace: string | null, name: string): ClusterObject | undefined {
    return this.#objects.get(keyOf(kind, namespace, name));
  }

  /** null: of all namespaces. */
  list(kind: ResourceKind, namespace: string | null): ClusterObject[] {
    const prefix = `${kind.group}/${kind.plural}/`;
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([, object]) => object)
      .filter(({ metadata }) => namespace === null || !kind.isNamespaced || metadata.namespace === namespace);
  }

  /** Adds it, or replaces the one of this name. A change of `spec` counts `generation` up. */
  put(kind: ResourceKind, object: ClusterObject): ClusterObject {
    const namespace = kind.isNamespaced ? (object.metadata.namespace ?? "default") : null;
    const key = keyOf(kind, namespace, object.metadata.name);
    const before = this.#objects.get(key);
    this.version += 1;
    const generation =
      (before?.metadata.generation ?? 0) + (isDeepStrictEqual(before?.spec, object.spec) ? 0 : 1);
    const stored: ClusterObject = {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      ...object,
      metadata: {
        creationTimestamp: new Date().toISOString(),
        uid: randomUUID(),
        ...(before === undefined
          ? {}
          : { uid: before.metadata.uid ?? "", creationTimestamp: before.metadata.creationTimestamp ?? "" }),
        ...object.metadata,
        ...(namespace === null ? {} : { namespace }),
        generation: Math.max(1, generation),
        resourceVersion: String(this.version),
      },
    };
    this.#objects.set(key, stored);
    this.#kinds.set(key, kind);
    this.#tell({
      version: this.version,
      kind,
      type: before === undefined ? "ADDED" : "MODIFIED",
      object: stored,
    });
    return stored;
  }

  remove(kind: ResourceKind, namespace: string | null, name: string): ClusterObject | undefined {
    const key = keyOf(kind, namespace, name);
    const object = this.#objects.get(key);
    if (object === undefined) return undefined;
    this.#objects.delete(key);
    this.version += 1;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
    this.#tell({ version: this.version, kind, type: "DELETED", object: last });
    return last;
  }

  onEvent(listener: (event: StoredEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whoever watches from before now has to list anew. */
  forget(): void {
    this.version += 1;
    this.historyFrom = this.version;
    this.history.length = 0;
  }

  #tell(event: StoredEvent): void {
    this.history.push(event);
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function keyOf(
  { group, plural, isNamespaced }: ResourceKind,
  namespace: string | null,
  name: string,
): string {
  return `${group}/${plural}/${isNamespaced ? (namespace ?? "default") : ""}/${name}`;
}
