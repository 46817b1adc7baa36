import type { LiveStatus } from "../watch/live-model.js";
import { byId, setText } from "./elements.js";

const NAME_KEY = "faultline-name";

/** The box for notes and the button that halts the run. */
export function connectWriting(): void {
  const names = [byId("note-by", HTMLInputElement), byId("halt-by", HTMLInputElement)];
  for (const input of names) {
    input.value = rememberedName();
    input.addEventListener("change", () => {
      rememberName(input.value);
      for (const other of names) other.value = input.value;
    });
  }
  connectNote();
  connectHalt();
}

export function renderWriting({ halted, isOver, run }: LiveStatus): void {
  const goesOn = run > 0 && !isOver;
  byId("halt", HTMLButtonElement).disabled = !goesOn || halted !== null;
  for (const button of byId("note", HTMLFormElement).querySelectorAll("button")) button.disabled = !goesOn;
}

function connectNote(): void {
  const form = byId("note", HTMLFormElement);
  const text = byId("note-text", HTMLInputElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    post("note", byId("note-by", HTMLInputElement).value, text.value).then((refusal) => {
      setText(byId("note-refusal", HTMLElement), refusal ?? "");
      if (refusal === null) text.value = "";
    });
  });
}

function connectHalt(): void {
  const dialog = byId("halt-dialog", HTMLDialogElement);
  byId("halt", HTMLButtonElement).addEventListener("click", () => {
    dialog.showModal();
    byId("halt-now", HTMLButtonElement).focus();
  });
  byId("halt-not", HTMLButtonElement).addEventListener("click", () => dialog.close());
  byId("halt-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const by = byId("halt-by", HTMLInputElement).value;
    post("halt", by, byId("halt-why", HTMLInputElement).value).then((refusal) => {
      setText(byId("halt-refusal", HTMLElement), refusal ?? "");
      if (refusal === null) dialog.close();
    });
  });
}

/** Resolves with the reason why it was refused, or with null. */
async function post(what: "note" | "halt", by: string, text: string): Promise<string | null> {
  try {
    const key = String(JSON.parse(byId("page-key", HTMLScriptElement).textContent ?? ""));
    const answer = await fetch(what, {
      method: "POST",
      headers: { "content-type": "application/json", "x-faultline-key": key },
      body: JSON.stringify({ by, text }),
    });
    return answer.ok ? null : `Not done: ${(await answer.text()).trim()}`;
  } catch {
    return "Not done: faultline cannot be reached. Ctrl-C in its terminal ends the run.";
  }
}

/** Storage may be switched off. */
function rememberedName(): string {
  try {
    return localStorage.getItem(NAME_KEY) ?? "";
  } catch {
    return "";
  }
}

function rememberName(name: string): void {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {}
}
