/** Yarn's Plug'n'Play has no node_modules: these two files, which it names in NODE_OPTIONS, tell Node where packages are. */
const PLUG_AND_PLAY =
  /(?:^|\s)(--(?:require|import|loader|experimental-loader)[ =](?:"(?:[^"\\]|\\.)*\.pnp\.(?:cjs|loader\.mjs)"|\S*\.pnp\.(?:cjs|loader\.mjs)))(?=\s|$)/g;

/** What of NODE_OPTIONS a process of our own needs to find packages: all else could load anything into it. */
export function packageOptions(nodeOptions: string): string {
  return [...nodeOptions.matchAll(PLUG_AND_PLAY)].map(([, option]) => option).join(" ");
}
