/** A concept of SNOMED CT from its fragments: which description it is shown by, and in which dialects each is used. */
import { dialects, descriptionTypes } from '../ecl/metadata.ts';
import type { Designation } from '../concepts.ts';
import { designationOf } from './assemble.ts';
import type { Assembled, Description, DesignationFragment, Fragment } from './release.ts';

export const snomed = 'http://snomed.info/sct';

/** Of several preferred synonyms the one in the first of these is the display. */
const displayDialects = [dialects['en-us'], dialects['en-gb']];

interface Ranked {
  readonly fragment: DesignationFragment;
  readonly preferred: readonly string[];
  readonly acceptable: readonly string[];
}

export function assembleSnomed(fragments: readonly Fragment[], acceptabilities: ReadonlyMap<string, readonly Fragment[]>): Assembled {
  const told = fragments.find((fragment) => fragment.kind === 'concept')!;
  const described = fragments.filter((fragment) => fragment.kind === 'designation').map((fragment): Ranked => {
    const list = (acceptabilities.get(fragment.description?.id ?? '') ?? []).filter((one) => one.kind === 'acceptability');
    return { fragment, preferred: list.filter(({ preferred }) => preferred).map(({ target }) => target), acceptable: list.filter(({ preferred }) => !preferred).map(({ target }) => target) };
  }).toSorted((a, b) => rankOf(a) - rankOf(b));
  const display = described[0]?.fragment.value;
  const definition = described.find(({ fragment }) => fragment.use?.code === descriptionTypes.def)?.fragment.value;
  return {
    concept: {
      code: told.code, inactive: told.inactive ?? false, abstract: false,
      ...(display !== undefined && { display }),
      ...(definition !== undefined && { definition }),
      designations: described.map(({ fragment }): Designation => designationOf(fragment)),
      properties: [
        ...told.properties ?? [],
        ...fragments.flatMap((fragment) => (fragment.kind === 'attribute' ? [propertyOf(fragment)] : [])),
      ],
    },
    descriptions: described.flatMap(({ fragment: { description }, preferred, acceptable }, position): Description[] => (description === undefined ? [] : [{ position, ...description, preferred, acceptable }])),
  };
}

/** The display first: a synonym that is preferred, else any synonym, else the full name; definitions last. */
function rankOf({ fragment: { use, language }, preferred, acceptable }: Ranked): number {
  const byType = use?.code === descriptionTypes.syn ? 0 : use?.code === descriptionTypes.fsn ? 100 : 200;
  const dialect = displayDialects.findIndex((one) => one !== undefined && preferred.includes(one));
  const inUse = dialect >= 0 ? dialect : preferred.length > 0 ? 10 : acceptable.length > 0 ? 20 : 30;
  return byType + inUse + (language === 'en' ? 0 : 5);
}

function propertyOf({ attribute, target, concrete }: Extract<Fragment, { kind: 'attribute' }>): { code: string; type: 'code' | 'decimal' | 'string'; value: string } {
  if (!concrete) return { code: attribute, type: 'code', value: target };
  return target.startsWith('"') ? { code: attribute, type: 'string', value: target.slice(1, -1) } : { code: attribute, type: 'decimal', value: target };
}
