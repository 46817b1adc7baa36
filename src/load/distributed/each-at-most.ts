/**
 * Does the work for each item, in their order, for so many of them at once.
 * @throws what the first work that fails throws. No other is begun after it.
 */
export async function eachAtMost<Item>(
  most: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values();
  let hasFailed = false;
  const takeTurns = async () => {
    for (const item of left) {
      if (hasFailed) return;
      await work(item);
    }
  };
  const turns = Array.from({ length: Math.min(most, items.length) }, () =>
    takeTurns().catch((error) => {
      hasFailed = true;
      throw error;
    }),
  );
  await Promise.all(turns);
}
