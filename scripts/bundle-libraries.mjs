// The last step of `npm run build`. Node opens, links and compiles some 170 small files for commander, yaml and zod,
// which takes longer than all that `faultline validate` does with them. So what is used of these libraries goes into
// one file each, dist/libraries/<name>.js, and our own files in dist/ import that instead.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { isAbsolute, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/**
 * Those that stand between the command line and a scenario that has been checked. The package depends on them all the
 * same: the lock file and the users' audits see them there.
 */
const LIBRARIES = ["commander", "yaml", "zod"];

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const folderOf = (library) => join(root, "node_modules", library) + sep;

const bundle = await rolldown({
  input: await importers(),
  platform: "node",
  // Its modules for browsers are the same code without a wrapper around each, but for two: binary.js has atob where the
  // others have Buffer (`!!binary` alone needs it), and log.js console.warn where they have process.emitWarning.
  resolve: { alias: { yaml: join(folderOf("yaml"), "browser", "dist", "index.js") } },
  // Our own files stay as they are, one by one: worker threads, tests and lazy imports name them.
  external: (id, importer) =>
    importer?.startsWith(dist) === true && !isAbsolute(id) && !LIBRARIES.includes(id),
  preserveEntrySignatures: "strict",
});
await bundle.write({
  dir: dist,
  chunkFileNames: "libraries/[name].js",
  codeSplitting: {
    groups: LIBRARIES.map((name) => ({ name, test: (id) => id.startsWith(folderOf(name)) })),
  },
});
await bundle.close();
await writeFile(join(dist, "libraries", "LICENSES.txt"), await licenses());

/** Name without ".js" → path of each file in dist/ that imports one of the libraries. */
async function importers() {
  const imports = new RegExp(` from "(?:${LIBRARIES.join("|")})";$`, "m");
  const files = (await readdir(dist, { recursive: true })).filter((file) => file.endsWith(".js"));
  const found = {};
  for (const file of files) {
    const path = join(dist, file);
    if (imports.test(await readFile(path, "utf8"))) found[file.slice(0, -".js".length)] = path;
  }
  // Every file of it imports the copies: bundling them once more would leave dist/libraries without a source.
  if (Object.keys(found).length === 0) {
    throw new Error(
      `nothing in ${dist} imports ${LIBRARIES.join(", ")}: it is bundled already; run \`npm run build\``,
    );
  }
  return found;
}

/** Their licences ask that the text goes along with every copy. */
async function licenses() {
  const texts = LIBRARIES.map(async (library) => {
    const { version } = JSON.parse(await readFile(join(folderOf(library), "package.json"), "utf8"));
    return `${library} ${version}\n\n${await readFile(join(folderOf(library), "LICENSE"), "utf8")}`;
  });
  return (await Promise.all(texts)).join("\n----\n\n");
}
