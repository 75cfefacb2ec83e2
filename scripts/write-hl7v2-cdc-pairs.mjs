// Writes docs/reference/hl7v2-cdc-pairs.md: how our Bundles agree with those of CDC's pairs in ../shared/corpora.
import { writeFileSync } from 'node:fs';
import { importSource } from './bundle.mjs';

const { page, pageText } = await importSource('test/mappers/hl7v2/cdc-table.ts');
writeFileSync(new URL(`../${page}`, import.meta.url), pageText());
