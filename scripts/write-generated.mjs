// Writes what is made from the code: the JSON Schema and the tables in the docs. Run by `npm run schema`.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { reportJsonSchemaText } from "../dist/analysis/document/report-json-schema.js";
import { verdictJsonSchemaText } from "../dist/analysis/document/verdict-document.js";
import { reasonReference } from "../dist/analysis/reasons/reason-reference.js";
import { actionsJsonSchemaText } from "../dist/gameday/actions/actions-json-schema.js";
import { gameDayJsonSchemaText } from "../dist/gameday/game-day-json-schema.js";
import { gameDayReportJsonSchemaText } from "../dist/gameday/report/game-day-report-json-schema.js";
import { scenarioJsonSchemaText } from "../dist/scenario/generate/json-schema.js";
import { scenarioReference } from "../dist/scenario/generate/reference.js";
import { errorReference } from "../dist/support/error-reference.js";

const root = new URL("..", import.meta.url);
await writeFile(new URL("schema/scenario.schema.json", root), scenarioJsonSchemaText());
await writeFile(new URL("schema/actions.schema.json", root), actionsJsonSchemaText());
await writeFile(new URL("schema/gameday.schema.json", root), gameDayJsonSchemaText());
await writeFile(new URL("schema/report.schema.json", root), reportJsonSchemaText());
await writeFile(new URL("schema/verdict.schema.json", root), verdictJsonSchemaText());
await writeFile(new URL("schema/gameday-report.schema.json", root), gameDayReportJsonSchemaText());
await replaceGenerated("docs/scenario.md", scenarioReference());
await replaceGenerated("docs/errors.md", errorReference());
await replaceGenerated("docs/reasons.md", reasonReference(await proofNotes()));

/** What proofs of each driver of faults say: a driver may have a file proof-notes.js anywhere in its folder. */
async function proofNotes() {
  const faults = new URL("dist/faults/", root);
  const files = (await readdir(faults, { recursive: true })).filter((file) =>
    file.endsWith("/proof-notes.js"),
  );
  const found = files.sort().map(async (file) => {
    const { proofNotes } = await import(new URL(file, faults));
    return [file.split("/")[0], proofNotes];
  });
  return Object.fromEntries(await Promise.all(found));
}

/** Between the two markers; what stands around them is written by hand. */
async function replaceGenerated(file, text) {
  const url = new URL(file, root);
  const old = await readFile(url, "utf8");
  const [before, rest] = old.split("<!-- generated: npm run schema -->\n");
  const after = rest?.split("<!-- end of generated -->")[1];
  if (after === undefined) throw new Error(`${file} has no markers for its generated part`);
  await writeFile(
    url,
    `${before}<!-- generated: npm run schema -->\n${text}<!-- end of generated -->${after}`,
  );
}
