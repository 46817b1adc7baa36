/** An element of this page, which is known to exist. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${id}`);
  return found;
}

/** Changes nothing when the text is right already: a screen reader would begin to read anew. */
export function setText(place: Element, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

export function element(
  tag: string,
  { className = "", text = "" }: { readonly className?: string; readonly text?: string } = {},
  ...children: readonly Node[]
): HTMLElement {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  if (text !== "") made.append(text);
  made.append(...children);
  return made;
}
