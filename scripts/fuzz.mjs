// `npm run fuzz`: broken input of every format for as long as one likes, from seeds that repeat what was found.
import { importSource } from './bundle.mjs';

const { fuzz } = await importSource('test/fuzz/run.ts');
process.exitCode = fuzz(process.argv.slice(2));
