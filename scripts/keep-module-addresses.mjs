// An esbuild plugin: in a bundle, `import.meta.url` stays the address of the source file it was written in, so that a
// module finds the SQL, YAML and JSON files beside it however it is run.
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

export function keepModuleAddresses() {
  return {
    name: 'keep-module-addresses',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        if (!source.includes('import.meta.url')) return undefined;
        return { contents: source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)), loader: 'ts' };
      });
    },
  };
}
