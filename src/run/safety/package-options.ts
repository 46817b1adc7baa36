/**
 * Yarn's Plug'n'Play has no node_modules. These two files, which it names in NODE_OPTIONS, tell Node where packages
 * are.
 */
const PLUG_AND_PLAY =
  /(?:^|\s)(--(?:require|import|loader|experimental-loader)[ =](?:"(?:[^"\\]|\\.)*\.pnp\.(?:cjs|loader\.mjs)"|\S*\.pnp\.(?:cjs|loader\.mjs)))(?=\s|$)/g;

/** The part of NODE_OPTIONS that a process of our own needs to find packages. The rest could load anything into it. */
export function packageOptions(nodeOptions: string): string {
  return [...nodeOptions.matchAll(PLUG_AND_PLAY)].map(([, option]) => option).join(" ");
}
