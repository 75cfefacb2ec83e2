/** The guides that the engine walks, by transaction set (ST01) and the version that ST03 or GS08 names. */
import { APPLICATION_ADVICE } from './application-advice-824.ts';
import { ATTACHMENT } from './attachment-275.ts';
import { CLAIM_ACKNOWLEDGMENT } from './claim-acknowledgment-277.ts';
import type { CompiledGuide } from './compile.ts';
import { DENTAL } from './dental-837.ts';
import { ELIGIBILITY_INQUIRY, ELIGIBILITY_RESPONSE } from './eligibility-270.ts';
import { ENROLLMENT } from './enrollment-834.ts';
import { INQUIRY } from './inquiry-278.ts';
import { INSTITUTIONAL } from './institutional-837.ts';
import { NOTIFICATION } from './notification-278.ts';
import { PROFESSIONAL } from './professional-837.ts';
import { REMITTANCE } from './remittance-835.ts';
import { REQUEST } from './request-278.ts';

const ALL: readonly CompiledGuide[] = [PROFESSIONAL, INSTITUTIONAL, DENTAL, ELIGIBILITY_INQUIRY, ELIGIBILITY_RESPONSE, ENROLLMENT, REMITTANCE, ATTACHMENT, CLAIM_ACKNOWLEDGMENT, APPLICATION_ADVICE, REQUEST, INQUIRY, NOTIFICATION];

const BY_NAME: ReadonlyMap<string, CompiledGuide> = new Map(ALL.flatMap((guide) => guide.versions.map((version) => [`${guide.set} ${version}`, guide] as const)));

/** The guide of a transaction set; undefined for one that is not read. */
export function guideOf(set: string, version: string): CompiledGuide | undefined {
  return BY_NAME.get(`${set} ${version}`);
}
