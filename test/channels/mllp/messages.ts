/** Messages for tests of the rail: small, valid, each field that matters can be said. */

export interface Said {
  readonly id?: string;
  readonly type?: string;
  readonly sender?: string;
  readonly receiver?: string;
  readonly version?: string;
  /** MSH-15 and MSH-16. */
  readonly accept?: string;
  readonly application?: string;
  readonly characterSet?: string;
  readonly family?: string;
  /** Segments in place of PID and PV1. */
  readonly segments?: readonly string[];
}

export function adt({ id = 'MSG00001', type = 'ADT^A01^ADT_A01', sender = 'ADT1|GENERAL', receiver = 'PRIORA|PLAN', version = '2.5.1', accept = '', application = '', characterSet = '', family = 'Sample', segments }: Said = {}): string {
  return [
    `MSH|^~\\&|${sender}|${receiver}|20260302085500+0000||${type}|${id}|P|${version}|||${accept}|${application}||${characterSet}`,
    ...(segments ?? ['EVN|A01|20260302085500+0000', `PID|1||4711^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR||${family}^Case||19700214|F`, 'PV1|1|I|W4^401^A|||||||||||||||||V100^^^GENERAL&2.16.840.1.113883.19.5&ISO^VN']),
  ].join('\r') + '\r';
}

/** Segments of a message by name; fields as they stand. */
export function segmentsOf(text: string): readonly (readonly string[])[] {
  return text.split('\r').filter((line) => line !== '').map((line) => line.split('|'));
}

export function segment(text: string, id: string): readonly string[] | undefined {
  return segmentsOf(text).find(([name]) => name === id);
}

/** MSA-1. */
export function codeOf(text: string): string | undefined {
  return segment(text, 'MSA')?.[1];
}
