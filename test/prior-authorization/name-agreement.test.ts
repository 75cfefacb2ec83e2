/** Whether a stated name is the known one: what must not pass, what must, and what holds for all names. */
import type { HumanName } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { compareNames } from '../../operations/prior-authorization/name-agreement.ts';

const known: HumanName[] = [{ family: 'Núñez Smith', given: ['Joe', 'Allan'] }];

test.each<[string, HumanName[], string]>([
  ['another text', [{ text: 'Completely Other' }], 'differs'],
  ['a wrong family name beside a text that says nothing', [{ family: 'Wrong' }, { text: 'x' }], 'differs'],
  ['a wrong family name beside an empty entry', [{ family: 'Wrong' }, {}], 'differs'],
  ['a wrong family name beside the right given name', [{ family: 'Wrong' }, { given: ['Joe'] }], 'differs'],
  ['the given name in a text', [{ text: 'Joe' }], 'differs'],
  ['a part of the family name', [{ text: 'Joe Smith' }], 'differs'],
  ['the family name inside a text', [{ text: 'Someone Nunez Smith Other' }], 'differs'],
  ['another given name in the text', [{ text: 'Mary Nunez Smith' }], 'differs'],
  ['another given name', [{ family: 'Nunez Smith', given: ['Mary'] }], 'differs'],
  ['another given name alone', [{ given: ['Mary'] }], 'differs'],
  ['the given name alone', [{ given: ['Joe'] }], 'not compared'],
  ['nothing', [], 'not compared'],
  ['an entry without a name', [{ use: 'official', text: ' , ' }], 'not compared'],
  ['the text, given name first', [{ text: 'JOE NUNEZ SMITH' }], 'agrees'],
  ['the text, family name first', [{ text: 'Nuñez Smith, Joe A.' }], 'agrees'],
  ['the text with a title', [{ text: 'Mr. Joe Núñez Smith Jr.' }], 'agrees'],
  ['the second given name', [{ family: 'nunez smith', given: ['Allan'] }], 'agrees'],
  ['an initial', [{ family: 'NUNEZ SMITH', given: ['J.'] }], 'agrees'],
  ['the family name', [{ family: 'Nunez Smith' }], 'agrees'],
  ['a former name beside the usual one', [{ use: 'old', family: 'Wrong' }, { use: 'official', family: 'Nunez Smith', given: ['Joe'] }], 'agrees'],
])('%s', (_, asked, result) => {
  expect(compareNames(asked, known)).toBe(result);
});

test('a record that knows the name as a text only', () => {
  expect(compareNames([{ family: 'Smith', given: ['Joe'] }], [{ text: 'Smith, Joe' }])).toBe('agrees');
  expect(compareNames([{ family: 'Smith', given: ['Ann'] }], [{ text: 'Joe Smith' }])).toBe('differs');
  expect(compareNames([{ text: 'Joe Smith' }], [{ text: 'Smith Joe' }])).toBe('agrees');
  expect(compareNames([{ family: 'Smith' }], [])).toBe('not compared');
});

// Letters without a decomposition of their own, so that "another name" is another name.
const word = fc.stringMatching(/^[bcfghk][aeou][bcfghk]{1,6}$/);
const entry = fc.record({ family: word, given: fc.array(word, { maxLength: 2 }), text: fc.option(word, { nil: undefined }) }, { requiredKeys: [] }) as fc.Arbitrary<HumanName>;

test('names of which no family name and no text has a word of the known family name never agree', () => {
  fc.assert(fc.property(fc.array(entry, { maxLength: 4 }), word, (asked, given) => {
    expect(compareNames(asked, [{ family: 'Zyl', given: [given] }])).not.toBe('agrees');
  }));
});

test('a name agrees with itself, in either order, in any case, and with whatever stands beside it', () => {
  fc.assert(fc.property(word, word, fc.array(entry, { maxLength: 3 }), fc.boolean(), (family, given, others, first) => {
    const record: HumanName[] = [{ family, given: [given] }];
    for (const same of [{ family: family.toUpperCase(), given: [given] }, { text: `${given} ${family}` }, { text: `${family.toUpperCase()}, ${given}` }]) {
      expect(compareNames(first ? [same, ...others] : [...others, same], record)).toBe('agrees');
    }
  }));
});
