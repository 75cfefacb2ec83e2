/**
 * The concepts of the SNOMED CT model component to which keywords of the language are bound
 * (ECL 2.2, 6.8 to 6.11 and appendix C).
 */

export const descriptionTypes = { fsn: '900000000000003001', syn: '900000000000013009', def: '900000000000550004' } as const;
export const definitionStatuses = { primitive: '900000000000074008', defined: '900000000000073002' } as const;
export const acceptabilities = { prefer: '900000000000548007', accept: '900000000000549004' } as const;
export const isA = '116680003';
export const root = '138875005';

/** Historical association reference sets, each profile with those of the one before (ECL 2.2, 6.11). */
const sameAs = '900000000000527005';
const moderate = [sameAs, '900000000000526001', '900000000000528000', '1186924009'] as const;
export const historyRefsets = {
  min: [sameAs],
  mod: moderate,
  /** All below the foundation concept of historical associations. */
  max: '900000000000522004',
} as const;

/** Aliases of language reference sets. */
export const dialects: Readonly<Record<string, string>> = {
  'da-dk': '554461000005103', 'en-au': '32570271000036106', 'en-ca': '19491000087109', 'en-gb': '900000000000508004', 'en-ie': '21000220103',
  'en-nz': '271000210107', 'en-us': '900000000000509007', es: '448879004', 'es-ar': '450828004', 'es-uy': '5641000179103', 'fr-be': '21000172104',
  'fr-ca': '20581000087109', 'nb-no': '61000202103', 'nl-be': '31000172101', 'nl-nl': '31000146106', 'nn-no': '91000202106', 'sv-se': '46011000052107',
};
