/**
 * Every message of the corpora, whatever its type: a Bundle that is valid against R4, without a reference that leads
 * nowhere, with a ledger that tells of values that are there; and the same again when it is mapped again.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { mappedShare } from '../../../mappers/ledger.ts';
import { createValidator } from '../../../profiles/validator.ts';
import type { Validate } from '../../../profiles/validation.ts';
import { definitionsFor, packagesAreHere } from '../../support/definitions.ts';
import { corporaAreHere, mapFile, messageFiles, valueAtPath } from './corpora.ts';

const now = new Date('2026-11-01T00:00:00Z');
const files = corporaAreHere ? messageFiles() : [];

const areHere = corporaAreHere && packagesAreHere;

(areHere ? describe : describe.skip)(areHere ? `${files.length} messages` : '../shared/corpora/hl7v2 or ../shared/igs is absent: no messages to map', () => {
  let validate: Validate;
  beforeAll(async () => {
    validate = createValidator(await definitionsFor([]));
  });

  test('are mapped, each to a Bundle that is valid against R4', () => {
    const faults = files.flatMap((file) => validate(mapFile(file).bundle, { now }).issues.filter(({ severity }) => severity === 'error').map((issue) => `${file}: ${JSON.stringify(issue)}`));
    expect(faults).toEqual([]);
  });

  test('refer only to what is in their Bundle, each entry once', () => {
    for (const file of files) {
      const { bundle } = mapFile(file);
      const urls = bundle.entry!.map(({ fullUrl }) => fullUrl!);
      expect(new Set(urls).size).toBe(urls.length);
      const references = [...JSON.stringify(bundle).matchAll(/"reference":"([^"]*)"/g)].map(([, url]) => url!);
      expect({ file, dangling: references.filter((url) => !urls.includes(url)) }).toEqual({ file, dangling: [] });
    }
  });

  test('have a ledger of values that are there, and no value both mapped and unmapped', () => {
    for (const file of files) {
      const { bundle, ledger, unmapped } = mapFile(file);
      expect({ file, absent: ledger.filter(({ path }) => valueAtPath(bundle, path) === undefined) }).toEqual({ file, absent: [] });
      const mapped = new Set(ledger.map(({ source, segment }) => `${segment}|${source}`));
      expect(unmapped.filter(({ source, segment }) => mapped.has(`${segment}|${source}`))).toEqual([]);
    }
  });

  test('come out the same when they are mapped again', () => {
    for (const file of files) expect(JSON.stringify(mapFile(file))).toBe(JSON.stringify(mapFile(file)));
  });

  test('have most of their values mapped', () => {
    const shares = files.map((file) => mappedShare(mapFile(file)));
    const [mapped, sent] = [shares.reduce((sum, share) => sum + share.mapped, 0), shares.reduce((sum, share) => sum + share.sent, 0)];
    expect(mapped / sent).toBeGreaterThan(0.58);
  });
});
