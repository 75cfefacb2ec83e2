/**
 * The loops of the 005010X215 inquiry: the levels of the request, with less in them that must be there. An inquiry asks
 * by example, so every value below the member is a search value, and an inquiry that stops at the member asks for all.
 *
 * The guide is licensed and was not at hand. What stands here comes from the PAS 2.2.1 inquiry profile (which search
 * values there are), published inquiries to two payers (BHT02 28; events without UM and without TRN) and a published
 * mapping (TRN at the subscriber and the dependent, certification dates, UM02 left out). What a request may say beyond
 * that is let through and told as unmapped. Unverified are maximum counts, the places of HCR and of the certification
 * dates, and whether several patients or events may stand in one inquiry: this reader takes one of each.
 */
import { type LevelLoop, type SegmentRule, type SegmentSlot, simple, slot, type TransactionGrammar } from './definition.ts';
import { dateSlot, REQUEST_GRAMMAR } from './request-278.ts';
import { REQUEST_SEGMENTS } from './segments.ts';

export const INQUIRY_GUIDE = '005010X215';

/** Dates of a certification: issued, expires, effective. */
const CERTIFICATION_DATES: SegmentSlot[] = [dateSlot('Certification Issue Date', '102'), dateSlot('Certification Expiration Date', '036'), dateSlot('Certification Effective Date', '007')];

/** The request's places, none of them required, with HCR behind UM and the certification dates behind the last date. */
function searchSlots(slots: readonly SegmentSlot[]): SegmentSlot[] {
  const lastDate = slots.findLastIndex(({ id }) => id === 'DTP');
  return slots.flatMap((each, index): SegmentSlot[] => {
    const own: SegmentSlot = { ...each, usage: 'S' };
    if (each.id === 'UM') return [own, slot('HCR', 'Health Care Services Review')];
    return index === lastDate ? [own, ...CERTIFICATION_DATES] : [own];
  });
}

function inquiryLevel(level: LevelLoop): LevelLoop {
  switch (level.id) {
    case '2000C':
      return { ...level, slots: [slot('TRN', 'Subscriber Trace Number', { maximum: 2 })] };
    case '2000D':
      return { ...level, slots: [slot('TRN', 'Dependent Trace Number', { maximum: 2 })] };
    case '2000E':
    case '2000F':
      return { ...level, usage: 'S', slots: searchSlots(level.slots) };
    default:
      return level;
  }
}

const segment = (id: string, elements: SegmentRule['elements']): [string, SegmentRule] => [id, { id, elements, pairs: [] }];
const requestUm = REQUEST_SEGMENTS.get('UM')!.elements;
const requestBht = REQUEST_SEGMENTS.get('BHT')!.elements;

/** The request's segments, and what differs: the purpose, certification type no longer required, and HCR as a search value. */
const INQUIRY_SEGMENTS: ReadonlyMap<string, SegmentRule> = new Map([
  ...REQUEST_SEGMENTS,
  // 13, a request, is what some senders write.
  segment('BHT', [...requestBht.slice(0, 1), { ...simple('353', 'R', 'ID', 2, 2, ['28']), toleratedCodes: ['13'] }, ...requestBht.slice(2, 5), simple('640', 'S', 'ID', 2, 2)]),
  segment('UM', [requestUm[0]!, { ...requestUm[1]!, usage: 'S' }, ...requestUm.slice(2)]),
  segment('HCR', [simple('306', 'R', 'ID', 1, 2), simple('127', 'S', 'AN', 1, 50), simple('1271', 'S', 'AN', 1, 30), simple('1073', 'S', 'ID', 1, 1, ['N', 'Y'])]),
]);

export const INQUIRY_GRAMMAR: TransactionGrammar = { guide: INQUIRY_GUIDE, header: REQUEST_GRAMMAR.header, levels: REQUEST_GRAMMAR.levels.map(inquiryLevel), segments: INQUIRY_SEGMENTS };
