// `npm run bench -- NAME`: measurements, one JSON line per case on standard output.
import { importSource } from './bundle.mjs';

const { bench } = await importSource('bench/run.ts');
process.exitCode = await bench(process.argv.slice(2));
