#!/usr/bin/env -S node --max-semi-space-size=48
// The command `priora`.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Priora needs Node.js 20.19 or newer; this is ${process.version}.`);
  process.exit(1);
}

const { CannotBundleError, importSource } = await import('../scripts/bundle.mjs');
let commands;
try {
  commands = await importSource('server/command-line/run.ts');
} catch (error) {
  if (!(error instanceof CannotBundleError)) throw error;
  console.error(`priora: ${error.message}`);
  process.exit(1);
}
await commands.run(process.argv.slice(2));
