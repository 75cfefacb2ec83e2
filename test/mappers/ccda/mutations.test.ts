/**
 * Documents of the corpora with attributes taken away, changed into something odd, and elements dropped or repeated, by a
 * fixed seed: whatever is still a document gives a Bundle that is valid, claims what holds and refers to what is there.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { parseJson, stringifyJson } from '../../../fhir/json.ts';
import { readClinicalDocument } from '../../../mappers/ccda/index.ts';
import { definitionsOf } from '../../../profiles/packages/in-memory.ts';
import { readPackage } from '../../../profiles/packages/package-reader.ts';
import { createValidator } from '../../../profiles/validator.ts';
import { sharedPackages } from '../../support/packages.ts';
import { corpusDocuments } from './corpus.ts';

const documents = corpusDocuments();
const isAtHand = documents.length > 0 && sharedPackages().includes('hl7.fhir.us.core-7.0.0.tgz');
const odd = ['', ' ', '0', '-1', 'x y  z', '20200230', '2020', '202001011230', '1.5', '99999999999999999999', 'NI', 'true', 'urn:oid:1.2', '2.16.840.1.113883.6.1', '8867-4', 'http://a b', 'é'];
const rates = [0.01, 0.05, 0.2];
const rounds = 250;

/** The numbers of a linear congruential generator, between 0 and 1. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

function damaged(text: string, random: () => number): string {
  const rate = rates[Math.floor(random() * rates.length)]!;
  const withoutSome = text.replaceAll(/ ([A-Za-z:]+)="([^"]*)"/g, (all, name: string) => {
    if (name.startsWith('xmlns') || random() > rate) return all;
    return random() < 0.6 ? '' : ` ${name}="${odd[Math.floor(random() * odd.length)]!}"`;
  });
  return withoutSome.replaceAll(/<[a-zA-Z]+(?: [^<>]*)?\/>/g, (all) => (random() > rate ? all : random() < 0.5 ? '' : all + all));
}

(isAtHand ? test : test.skip)('damaged documents give valid Bundles', async () => {
  const folder = join(process.cwd(), '..', 'shared', 'igs');
  const packages = await Promise.all(['hl7.fhir.r4.core-4.0.1.tgz', 'hl7.fhir.us.core-7.0.0.tgz'].map((name) => readPackage(createReadStream(join(folder, name)))));
  const validate = createValidator(definitionsOf(packages));
  const random = randomOf(20_261_122);
  const wrong: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const { name, bytes } = documents[Math.floor(random() * documents.length)]!;
    const { acknowledgement, bundle } = readClinicalDocument(Buffer.from(damaged(bytes.toString(), random)));
    if (acknowledgement.outcome === 'refused') continue;
    const errors = validate(parseJson(stringifyJson(bundle)), { now: new Date('2026-11-22T00:00:00Z') }).issues.filter(({ severity }) => severity === undefined || severity === 'error');
    for (const { code, expression, details } of errors) wrong.push(`${round} ${name}: ${code} ${expression} ${JSON.stringify(details)}`);
  }
  expect(wrong).toEqual([]);
});
