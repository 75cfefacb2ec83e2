/** Documents of the corpora, read, written and read again: the declared fields come back. */
import { expect, test } from '@jest/globals';
import { parseTree, defaultXmlLimits } from '../../../mappers/ccda/xml/parse.ts';
import { readClinicalDocument, writeClinicalDocument } from '../../../mappers/ccda/index.ts';
import { corpusDocuments } from './corpus.ts';
import { declaredFields } from './inverse-fields.ts';

const documents = corpusDocuments();
const withCorpus = documents.length > 0 ? test : test.skip;
const options = { type: 'ccd', id: { root: '2.16.840.1.113883.19.5', extension: 'W1' }, time: '2026-01-01T00:00:00Z' } as const;

/** Vital signs without a time within a panel that has one: read back they have that time. */
const timedByPanel = ['urn:oid:2.16.840.1.113883.6.1|29463-7', 'urn:oid:2.16.840.1.113883.6.1|8302-2'];

withCorpus('what the documents of the corpora say is in the document written from it, or told', () => {
  const lost: string[] = [];
  let compared = 0;
  for (const { name, bytes } of documents) {
    const first = readClinicalDocument(bytes);
    if (first.acknowledgement.outcome === 'refused') continue;
    const written = writeClinicalDocument(first.bundle, options);
    parseTree(written.document, defaultXmlLimits);
    const second = readClinicalDocument(Buffer.from(written.document));
    const errors = second.issues.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) lost.push(`${name}: ${errors.map(({ code }) => code).join()}`);
    const told = new Set(written.issues.map(({ source }) => source));
    const kept = { ...first.bundle, entry: first.bundle.entry!.filter((_, at) => !told.has(`Bundle.entry[${at}].resource`)) };
    const found = declaredFields(second.bundle);
    for (const line of declaredFields(kept)) {
      compared++;
      const at = found.indexOf(line);
      if (at >= 0) found.splice(at, 1);
      else if (!timedByPanel.some((code) => line.includes(code))) lost.push(`${name}: ${line}`);
    }
  }
  expect(lost).toEqual([]);
  expect(compared).toBeGreaterThan(2000);
});

withCorpus('the same Bundle gives the same document', () => {
  for (const { bytes } of documents.slice(0, 40)) {
    const [one, other] = [readClinicalDocument(bytes), readClinicalDocument(bytes)].map(({ bundle }) => writeClinicalDocument(bundle, options));
    expect(one!.document === other!.document).toBe(true);
    expect(one).toEqual(other);
  }
});
