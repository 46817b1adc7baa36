import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const dist = new URL("../../dist/", import.meta.url);

/**
 * Makes of a worker thread's file in TypeScript one that Node can run. What it imports from src/ stays outside: it is
 * what was built.
 * @param folder for the built file
 */
export async function buildThread(file: URL, folder: string): Promise<URL> {
  const bundle = await rolldown({
    input: fileURLToPath(file),
    platform: "node",
    plugins: [
      {
        name: "built-sources",
        resolveId: (id) => {
          const [, path] = /^(?:\.\.\/)+src\/(.*)$/.exec(id) ?? [];
          return path === undefined ? null : { id: new URL(path, dist).href, external: true };
        },
      },
    ],
  });
  const { output } = await bundle.write({ dir: folder, entryFileNames: "thread.mjs" });
  await bundle.close();
  return new URL(output[0].fileName, `${pathToFileURL(folder).href}/`);
}
