/** Messages of made-up people for measuring. */
export const messages: Readonly<Record<string, readonly string[]>> = {
  'adt-a01': [
    'MSH|^~\\&|REGADT|MCM|PRIORA|PLAN|20261012113000-0400||ADT^A01^ADT_A01|A000001|P|2.5.1',
    'EVN|A01|20261012113000-0400|||1001^Reed^Alma^^^^^^MCM^L^^^EI',
    'PID|1||77231^^^MCM&2.16.840.1.113883.19.3&ISO^MR~943-11-0001^^^SSA^SS||Marlow^Jo^Ann^^Ms.||19710304|F||2106-3^White^CDCREC|12 Elm St^Apt 4^Springfield^IL^62701^USA^H||^PRN^PH^^1^217^5550100|^WPN^PH^^1^217^5550101|eng^English^ISO639|M|||||||N^Not Hispanic^HL70189',
    'PD1||||4004^Okafor^Ben^^^Dr.^^^NPI&2.16.840.1.113883.4.6&ISO^L^^^NPI',
    'NK1|1|Marlow^Sam|SPO^Spouse^HL70063|12 Elm St^^Springfield^IL^62701|^PRN^PH^^1^217^5550102',
    'PV1|1|I|W4^401^B^MCM|E|||4004^Okafor^Ben^^^Dr.^^^NPI&2.16.840.1.113883.4.6&ISO^L^^^NPI|4005^Silva^Rui^^^Dr.|||MED||||7|||4004^Okafor^Ben^^^Dr.^^^NPI&2.16.840.1.113883.4.6&ISO^L^^^NPI|IP|V88123^^^MCM&2.16.840.1.113883.19.3&ISO^VN|||||||||||||||||||||||||20261012104500-0400',
    'PV2|||^Chest pain',
    'AL1|1|DA|70618^Penicillin^RXNORM|SV|Hives',
    'DG1|1||R07.9^Chest pain, unspecified^I10C|||A',
    'GT1|1||Marlow^Jo^Ann||12 Elm St^^Springfield^IL^62701|^PRN^PH^^1^217^5550100||19710304|F|||943-11-0001',
    'IN1|1|PPO^Preferred Plan|60054^^^NAIC^NIIP|Example Health Plan|1 Plan Way^^Hartford^CT^06101||^WPN^PH^^1^860^5550111|G4471|Acme|||20260101|20261231|||Marlow^Jo^Ann|SEL|19710304|12 Elm St^^Springfield^IL^62701|||||||||||||||||M1122334|||||||F||||||M1122334',
  ],
  'oru-r01': [
    'MSH|^~\\&|LAB|MCM|PRIORA|PLAN|20261012113000-0400||ORU^R01^ORU_R01|R000001|P|2.5.1',
    'PID|1||77231^^^MCM&2.16.840.1.113883.19.3&ISO^MR||Marlow^Jo^Ann||19710304|F',
    'ORC|RE|P100^MCM|F200^LAB|||||||||4004^Okafor^Ben^^^Dr.^^^NPI&2.16.840.1.113883.4.6&ISO^L^^^NPI',
    'OBR|1|P100^MCM|F200^LAB|24323-8^Comprehensive metabolic panel^LN|||20261012090000-0400|||||||||4004^Okafor^Ben^^^Dr.^^^NPI&2.16.840.1.113883.4.6&ISO^L^^^NPI||||||20261012110000-0400||CH|F',
    ...Array.from({ length: 14 }, (_, at) => `OBX|${at + 1}|NM|${2300 + at}-${at % 10}^Analyte ${at}^LN||${90 + at}|mg/dL^milligram per deciliter^UCUM|70-99|H|||F|||20261012090000-0400||||||20261012105900-0400`),
    'NTE|1||Specimen slightly hemolyzed.',
  ],
};
