/** Messages for the benches, made from their number: an admission with observations, as large as is asked, and a plain update. */

export interface Wanted {
  /** MSH-15 and MSH-16. */
  readonly accept?: string;
  readonly application?: string;
  /** What fills it up: many results of one number each, or few of a long text. */
  readonly results?: 'numbers' | 'texts';
}

const TEXT = 'Lungs clear on both sides, no wheeze, no crackles; heart sounds regular, no murmur; abdomen soft, not tender. '.repeat(7).trim();

/** A day of birth: people have some 25,000 different ones, and who has the same as another is looked at (operations/match). */
function bornOf(number: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${1930 + number % 73}${two(1 + number % 12)}${two(1 + number % 28)}`;
}

/** ADT A01 with insurance, version 2.5.1, of at least so many bytes. Every control id is another. */
export function admission(number: number, size: number, { accept = '', application = '', results = 'numbers' }: Wanted = {}): Buffer {
  const id = `BENCH${String(number).padStart(10, '0')}`;
  const segments = [
    `MSH|^~\\&|BENCH|LOADER|PRIORA|PLAN|20260302090000+0000||ADT^A01^ADT_A01|${id}|P|2.5.1|||${accept}|${application}||UNICODE UTF-8`,
    'EVN|A01|20260302090000+0000|||OP7^Desk^Front^^^^^^LOADER',
    // Each patient has a visit and a policy of his own, as patients have: messages about one visit wait for each other.
    // Of one name and birth date they would all wait for a person (operations/match).
    `PID|1||${id}^^^LOADER^MR~M${number}^^^PLAN^MB||Sample${number}^Case^Q^Jr||${bornOf(number)}|F||2106-3^White^HL70005|12 Long Street^Suite 4^Springfield^IL^62701^USA^H||^PRN^PH^^1^217^5550100~^NET^Internet^case@example.org||en^English^HL70296|M||A${number}^^^LOADER^AN||||||||||||N`,
    'NK1|1|Sample^Other^R|SPO^Spouse^HL70063|12 Long Street^^Springfield^IL^62701|^PRN^PH^^1^217^5550101',
    `PV1|1|I|W4^401^A^LOADER||||1234567893^Attend^Dora^^^Dr^MD^^NPI|1987654321^Refer^Rolf^^^Dr^MD^^NPI||MED||||7|||1234567893^Attend^Dora|INP|V${number}^^^LOADER^VN|||||||||||||||||||||||||20260302084500+0000`,
    'PV2|||R07.9^Chest pain\\T\\unease^I10',
  ];
  const after = [
    'DG1|1||R07.9^Chest pain, unspecified^I10|||A',
    `IN1|1|PPO^Preferred^PLANS|PLAN01^^^PLAN|Plan of the North|1 Plan Way^^Springfield^IL^62702|||GRP77|Group of the North|||20260101|20261231|||Sample^Case^Q|18^Self^HL70063|${bornOf(number)}|12 Long Street^^Springfield^IL^62701|||1||||||||||||||POL${number}`,
  ];
  let length = [...segments, ...after].reduce((total, segment) => total + segment.length + 1, 0);
  for (let set = 1; length < size; set += 1) {
    const segment = results === 'texts' ? `OBX|${set}|TX|8709-8^Physical findings^LN||${TEXT}||||||F|||20260302090000+0000` : `OBX|${set}|NM|8867-4^Heart rate^LN^HR^Pulse^L||${60 + set % 40}|/min^per minute^UCUM|60-100|N|||F|||20260302090000+0000||1987654321^Nurse^Nina`;
    segments.push(segment);
    length += segment.length + 1;
  }
  return Buffer.from(`${[...segments, ...after].join('\r')}\r`, 'latin1');
}

/** ADT A08 as most systems send it, version 2.5.1, of about 1 kB: a patient, a contact, a visit with its doctor and place. @param person whom it is about */
export function update(number: number, { accept = '', application = '' }: Wanted = {}, person = number): Buffer {
  const [id, record] = [number, person].map((each) => `BENCH${String(each).padStart(10, '0')}`);
  return Buffer.from(`${[
    `MSH|^~\\&|BENCH|LOADER|PRIORA|PLAN|20260302090000+0000||ADT^A08^ADT_A01|${id}|P|2.5.1|||${accept}|${application}||UNICODE UTF-8`,
    'EVN|A08|20260302090000+0000|||OP7^Desk^Front^^^^^^LOADER',
    `PID|1||${record}^^^LOADER^MR~M${person}^^^PLAN^MB||Sample${person}^Case^Q^Jr||${bornOf(person)}|F||2106-3^White^HL70005|12 Long Street^Suite 4^Springfield^IL^62701^USA^H||^PRN^PH^^1^217^5550100~^NET^Internet^case@example.org||en^English^HL70296|M|||||||N^Not Hispanic^HL70189`,
    'NK1|1|Sample^Other^R|SPO^Spouse^HL70063|12 Long Street^^Springfield^IL^62701^USA^H|^PRN^PH^^1^217^5550101',
    `PV1|1|O|CLINIC^^^LOADER||||1234567893^Attend^Dora^^^Dr^MD^^NPI|1987654321^Refer^Rolf^^^Dr^MD^^NPI||MED||||7|||1234567893^Attend^Dora^^^Dr^MD^^NPI|OUT|V${person}^^^LOADER^VN|||||||||||||||||||||||||20260302084500+0000`,
    'DG1|1||R07.9^Chest pain, unspecified^I10|||W',
  ].join('\r')}\r`, 'latin1');
}
