import { builtFrom, sourceHash } from "../../scripts/source-hash.mjs";

/** Tests run what is in dist/: one that was made from other sources would be tested in their place. */
export default async function setup() {
  const [built, now] = await Promise.all([builtFrom(), sourceHash()]);
  if (built === now) return;
  const what = built === null ? "dist/ is missing" : "dist/ was built from other sources than those in src/";
  throw new Error(`${what}: run \`npm run build\` first, or \`npm test\`, which does.`);
}
