/**
 * Segments of a 278 request as 005010 defines their elements: data element number, usage, type and lengths.
 * Source: PAS bindings (which spell out segment, position and data element), the published examples and the
 * X12 acknowledgments vocabulary. Code lists are not here: they are licensed.
 */
import { composite, type ElementRule, type SegmentRule, simple } from './definition.ts';

const YES_NO = ['N', 'Y'] as const;
const name = (usage: 'R' | 'S' | 'N', number: string, maximum: number): ElementRule => simple(number, usage, 'AN', 1, maximum);

/** Where the same composite of procedure information stands in SV1, SV2 and SV3. */
const procedure = (usage: 'R' | 'S'): ElementRule =>
  composite(
    'C003',
    usage,
    simple('235', 'R', 'ID', 2, 2),
    simple('234', 'R', 'AN', 1, 48),
    simple('1339', 'S', 'AN', 2, 2),
    simple('1339', 'S', 'AN', 2, 2),
    simple('1339', 'S', 'AN', 2, 2),
    simple('1339', 'S', 'AN', 2, 2),
    simple('352', 'S', 'AN', 1, 80),
    simple('234', 'S', 'AN', 1, 48),
  );

const diagnosis = (usage: 'R' | 'S'): ElementRule =>
  composite(
    'C022',
    usage,
    simple('1270', 'R', 'ID', 1, 3),
    simple('1271', 'R', 'AN', 1, 30),
    simple('1250', 'S', 'ID', 2, 3),
    simple('1251', 'S', 'AN', 1, 35),
    simple('782', 'S', 'R', 1, 18),
    simple('380', 'S', 'R', 1, 15),
    simple('799', 'S', 'AN', 1, 30),
  );

/** Syntax notes P of the segments above. */
const PAIRS: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  NM1: [[8, 9]],
  PER: [[3, 4], [5, 6], [7, 8]],
  DMG: [[1, 2]],
  HSD: [[1, 2]],
  PWK: [[5, 6]],
  PRV: [[2, 3]],
  SV1: [[3, 4]],
  SV2: [[4, 5]],
};

const segment = (id: string, ...elements: ElementRule[]): [string, SegmentRule] => [id, { id, elements, pairs: PAIRS[id] ?? [] }];

/** Segment rules by identifier. */
export const REQUEST_SEGMENTS: ReadonlyMap<string, SegmentRule> = new Map([
  segment('ST', simple('143', 'R', 'ID', 3, 3, ['278']), simple('329', 'R', 'AN', 4, 9), simple('1705', 'R', 'AN', 1, 35)),
  segment(
    'BHT',
    { ...simple('1005', 'R', 'ID', 4, 4, ['0007']), toleratedCodes: ['0078'] },
    simple('353', 'R', 'ID', 2, 2, ['01', '13', '36']),
    simple('127', 'R', 'AN', 1, 50),
    simple('373', 'R', 'DT', 8, 8),
    simple('337', 'R', 'TM', 4, 8),
    simple('640', 'S', 'ID', 2, 2, ['RU']),
  ),
  segment('HL', simple('628', 'R', 'AN', 1, 12), simple('734', 'S', 'AN', 1, 12), simple('735', 'R', 'ID', 1, 2), simple('736', 'S', 'ID', 1, 1, ['0', '1'])),
  segment(
    'NM1',
    simple('98', 'R', 'ID', 2, 3),
    simple('1065', 'R', 'ID', 1, 1, ['1', '2']),
    name('S', '1035', 60),
    name('S', '1036', 35),
    name('S', '1037', 25),
    name('S', '1038', 10),
    name('S', '1039', 10),
    simple('66', 'S', 'ID', 1, 2),
    simple('67', 'S', 'AN', 2, 80),
    simple('706', 'N', 'ID', 2, 2),
    simple('98', 'N', 'ID', 2, 3),
    name('N', '1035', 60),
  ),
  segment('REF', simple('128', 'R', 'ID', 2, 3), simple('127', 'R', 'AN', 1, 50), simple('352', 'S', 'AN', 1, 80), composite('C040', 'S', simple('128', 'R', 'ID', 2, 3), simple('127', 'R', 'AN', 1, 50))),
  segment('N3', simple('166', 'R', 'AN', 1, 55), simple('166', 'S', 'AN', 1, 55)),
  segment(
    'N4',
    simple('19', 'S', 'AN', 2, 30),
    simple('156', 'S', 'ID', 2, 2),
    simple('116', 'S', 'ID', 3, 15),
    simple('26', 'S', 'ID', 2, 3),
    simple('309', 'N', 'ID', 1, 2),
    simple('310', 'N', 'AN', 1, 30),
    simple('1715', 'S', 'ID', 1, 3),
  ),
  segment(
    'PER',
    simple('366', 'R', 'ID', 2, 2),
    name('S', '93', 60),
    ...[0, 1, 2].flatMap(() => [simple('365', 'S', 'ID', 2, 2), simple('364', 'S', 'AN', 1, 256)]),
    simple('443', 'N', 'AN', 1, 20),
  ),
  segment('PRV', simple('1221', 'R', 'ID', 1, 3), simple('128', 'S', 'ID', 2, 3), simple('127', 'S', 'AN', 1, 50), simple('156', 'S', 'ID', 2, 2)),
  segment('DMG', simple('1250', 'S', 'ID', 2, 3, ['D8']), simple('1251', 'S', 'AN', 1, 35), simple('1068', 'S', 'ID', 1, 1)),
  segment(
    'INS',
    simple('1073', 'R', 'ID', 1, 1, YES_NO),
    simple('1069', 'R', 'ID', 2, 2),
    simple('875', 'S', 'ID', 3, 3),
    simple('1203', 'S', 'ID', 2, 3),
    simple('1216', 'S', 'ID', 1, 1),
    composite('C052', 'S', simple('1218', 'S', 'ID', 1, 1)),
    simple('1219', 'S', 'ID', 1, 2),
    simple('584', 'S', 'ID', 2, 2),
    simple('1220', 'S', 'ID', 1, 1),
    simple('1073', 'S', 'ID', 1, 1, YES_NO),
    simple('1250', 'S', 'ID', 2, 3),
    simple('1251', 'S', 'AN', 1, 35),
    simple('1165', 'S', 'ID', 1, 1),
    simple('19', 'S', 'AN', 2, 30),
    simple('156', 'S', 'ID', 2, 2),
    simple('26', 'S', 'ID', 2, 3),
    simple('1470', 'S', 'N0', 1, 9),
  ),
  segment('TRN', simple('481', 'R', 'ID', 1, 2, ['1']), simple('127', 'R', 'AN', 1, 50), { ...simple('509', 'R', 'AN', 10, 10), toleratedLength: true }, simple('127', 'S', 'AN', 1, 50)),
  segment(
    'UM',
    simple('1525', 'R', 'ID', 2, 2, ['AR', 'HS', 'IN', 'SC']),
    simple('1322', 'R', 'ID', 1, 1, ['1', '2', '3', '4', 'I', 'N', 'R', 'S']),
    simple('1365', 'S', 'ID', 1, 2),
    composite('C023', 'S', simple('1331', 'R', 'AN', 1, 2), simple('1332', 'R', 'ID', 1, 2, ['A', 'B']), simple('1325', 'N', 'ID', 1, 1)),
    composite('C024', 'S', simple('1362', 'R', 'ID', 2, 3), simple('1362', 'S', 'ID', 2, 3), simple('1362', 'S', 'ID', 2, 3), simple('156', 'S', 'ID', 2, 2), simple('26', 'S', 'ID', 2, 3)),
    simple('1338', 'S', 'ID', 1, 3),
    simple('1213', 'S', 'ID', 1, 1),
    simple('923', 'S', 'ID', 1, 1),
    simple('1363', 'S', 'ID', 1, 1),
    simple('1514', 'S', 'ID', 1, 2),
  ),
  segment('DTP', simple('374', 'R', 'ID', 3, 3), simple('1250', 'R', 'ID', 2, 3, ['D8', 'RD8']), simple('1251', 'R', 'AN', 1, 35)),
  segment('HI', diagnosis('R'), ...Array.from({ length: 11 }, () => diagnosis('S'))),
  segment(
    'HSD',
    simple('673', 'S', 'ID', 2, 2),
    simple('380', 'S', 'R', 1, 15),
    simple('355', 'S', 'ID', 2, 2),
    simple('1167', 'S', 'R', 1, 6),
    simple('615', 'S', 'ID', 1, 2),
    simple('616', 'S', 'N0', 1, 3),
    simple('678', 'S', 'ID', 1, 2),
    simple('679', 'S', 'ID', 1, 1),
  ),
  segment('CRC', simple('1136', 'R', 'ID', 2, 2), simple('1073', 'R', 'ID', 1, 1, YES_NO), simple('1321', 'R', 'ID', 2, 3), ...Array.from({ length: 4 }, () => simple('1321', 'S', 'ID', 2, 3))),
  segment('CL1', simple('1315', 'S', 'ID', 1, 1), simple('1314', 'S', 'ID', 1, 1), simple('1352', 'S', 'ID', 1, 2), simple('1345', 'S', 'ID', 1, 1)),
  // Ambulance, spinal manipulation and oxygen have no place in PAS: known by name, checked by the unmapped report only.
  segment('CR1'),
  segment('CR2'),
  segment('CR5'),
  segment('CR6', simple('923', 'R', 'ID', 1, 1), simple('373', 'R', 'DT', 8, 8), simple('1250', 'S', 'ID', 2, 3), simple('1251', 'S', 'AN', 1, 35), simple('373', 'S', 'DT', 8, 8)),
  segment(
    'PWK',
    simple('755', 'R', 'ID', 2, 2),
    simple('756', 'R', 'ID', 1, 2),
    simple('757', 'N', 'N0', 1, 2),
    simple('98', 'N', 'ID', 2, 3),
    simple('66', 'S', 'ID', 1, 2, ['AC']),
    simple('67', 'S', 'AN', 2, 80),
    simple('352', 'S', 'AN', 1, 80),
  ),
  segment('MSG', simple('933', 'R', 'AN', 1, 264), simple('934', 'N', 'ID', 2, 2), simple('1470', 'N', 'N0', 1, 9)),
  segment(
    'SV1',
    procedure('R'),
    simple('782', 'S', 'R', 1, 18),
    simple('355', 'S', 'ID', 2, 2),
    simple('380', 'S', 'R', 1, 15),
    simple('1331', 'S', 'AN', 1, 2),
    simple('1365', 'S', 'ID', 1, 2),
    composite('C004', 'S', ...Array.from({ length: 4 }, () => simple('1328', 'S', 'N0', 1, 2))),
    simple('782', 'S', 'R', 1, 18),
    simple('1073', 'S', 'ID', 1, 1),
    simple('1340', 'S', 'ID', 1, 2),
    simple('1073', 'S', 'ID', 1, 1, YES_NO),
    simple('1073', 'S', 'ID', 1, 1),
    simple('1364', 'S', 'ID', 1, 2),
    simple('1341', 'S', 'AN', 1, 2),
    simple('1327', 'S', 'ID', 1, 1),
    simple('1334', 'S', 'ID', 1, 1),
    simple('127', 'S', 'AN', 1, 50),
    simple('116', 'S', 'ID', 3, 15),
    simple('782', 'S', 'R', 1, 18),
    simple('1337', 'S', 'ID', 1, 1),
    simple('1360', 'S', 'ID', 1, 1),
  ),
  segment(
    'SV2',
    simple('234', 'S', 'AN', 1, 48),
    procedure('S'),
    simple('782', 'S', 'R', 1, 18),
    simple('355', 'S', 'ID', 2, 2),
    simple('380', 'S', 'R', 1, 15),
    simple('1371', 'S', 'R', 1, 10),
    simple('782', 'S', 'R', 1, 18),
    simple('1073', 'S', 'ID', 1, 1),
    simple('1345', 'S', 'ID', 1, 1),
    simple('1337', 'S', 'ID', 1, 1),
  ),
  segment('SV3'),
  segment('TOO'),
  segment('SE', simple('96', 'R', 'N0', 1, 10), simple('329', 'R', 'AN', 4, 9)),
]);

/** Segments of other transaction sets that senders are known to put into a 278; anything else is unknown. */
export const FOREIGN_SEGMENTS: ReadonlySet<string> = new Set(['STC', 'QTY', 'CLM', 'LX', 'EB', 'SBR', 'AMT', 'CAS', 'BIN', 'BDS', 'CAT', 'EFI', 'HCR', 'AAA', 'AK1', 'AK2', 'EQ', 'LQ', 'K3', 'NTE', 'DTM', 'PAT']);
