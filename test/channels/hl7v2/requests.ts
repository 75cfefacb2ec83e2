/** Requests for authorization (RQA) of the demo's members. */

export interface Asked {
  readonly id: string;
  /** MSH-9; `RQA^I08^RQA_I08` unless told otherwise. */
  readonly type?: string;
  /** MSH-15 and MSH-16. */
  readonly accept?: string;
  readonly application?: string;
  /** RF1-6. */
  readonly number?: string;
  readonly time?: string;
  /** The member's number, name and birth date. */
  readonly member?: readonly [number: string, family: string, given: string, born: string];
  /** PR1-3 of each procedure; the day is in PR1-5. */
  readonly services?: readonly string[];
  readonly diagnosis?: string;
  /** Oxygen saturation in percent. */
  readonly saturation?: number;
  /** When that was measured. */
  readonly measured?: string;
  /** AUT-8. */
  readonly quantity?: string;
  /** AUT-6, the number of the authorization that is meant. */
  readonly authorization?: string;
  /** RF1-11, the plan's own number for it. */
  readonly reference?: string;
  /** Segments in place of all after MSH. */
  readonly segments?: readonly string[];
}

export const amara = ['PD1000001', 'Okafor', 'Amara', '19510309'] as const;
export const daniel = ['PD1000002', 'Reyes', 'Daniel', '19681123'] as const;
export const lena = ['PD1000003', 'Fischer', 'Lena', '19900702'] as const;
export const oxygen = 'E1390^Oxygen concentrator^HCPCS';
export const excluded = 'A9270^Non-covered item^HCPCS';

export function rqa({ id, type = 'RQA^I08^RQA_I08', accept = '', application = '', number = `RQ-${id}`, time = '20260302085500+0000', member = amara, services = [oxygen], diagnosis = 'J44.9', saturation, measured = '20260301120000+0000', quantity = '', authorization = '', reference = '', segments }: Asked): string {
  const [memberNumber, family, given, born] = member;
  return [
    `MSH|^~\\&|EHR|CLINIC|PRIORA|PLAN|${time}||${type}|${id}|P|2.5.1|||${accept}|${application}`,
    ...(segments ?? [
      `RF1||R||||${number === '' ? '' : `${number}^EHR`}|20260305|20260605${reference === '' ? '' : `|||${reference}`}`,
      'PRD|RP|Moore^Ada|||||1999999984^NPI', 'PRD|RT|Fair^Air|||||1888888885^NPI',
      `PID|1||${memberNumber}^^^PLAN^MB||${family}^${given}||${born}|F`,
      `IN1|1|DEMO^Demo|1234567893^^^CMS^NPI|Demo Health Plan|||||||||||||SEL|||||||||||||||||||${memberNumber}`,
      `DG1|1||${diagnosis}^^I10C`,
      ...services.flatMap((service, at) => [`PR1|${at + 1}||${service}||20260305`, ...(quantity === '' && authorization === '' ? [] : [`AUT||1234567893||||${authorization}||${quantity}`])]),
      ...(saturation === undefined ? [] : [`OBR|1|O1^EHR|O2^EHR|59408-5^Oxygen saturation^LN|||${measured}`, `OBX|1|NM|59408-5^Oxygen saturation^LN||${saturation}|%^percent^UCUM|||||F|||${measured}`]),
    ]),
  ].join('\r') + '\r';
}
