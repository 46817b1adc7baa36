/** Something that is waited for, and that others bring about. */
export interface Settlement {
  readonly settled: Promise<void>;
  readonly settle: () => void;
}

export function settlement(): Settlement {
  let settle = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { settled, settle };
}
