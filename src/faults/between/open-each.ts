/** What listens until it is closed. */
export interface Closing {
  close(): void;
}

/**
 * Opens one for each place, in their order. @returns them by proxy.
 * Rejects when one cannot be opened. Those before it are closed then: what listens would keep its thread alive.
 */
export async function openEach<Place extends { readonly proxy: string }, Opened extends Closing>(
  places: readonly Place[],
  open: (place: Place, at: number) => Promise<Opened>,
): Promise<ReadonlyMap<string, Opened>> {
  const opened = new Map<string, Opened>();
  try {
    for (const [at, place] of places.entries()) opened.set(place.proxy, await open(place, at));
  } catch (error) {
    for (const each of opened.values()) each.close();
    throw error;
  }
  return opened;
}
