/**
 * 005010X186: application reporting (824), which tells what an application made of a transaction set beyond its syntax.
 * Source: public companion guides to 005010X186A1; the guide itself is licensed.
 */
import { compileGuide } from './compile.ts';
import { loop, segment } from './definition.ts';

export const APPLICATION_ADVICE = compileGuide({
  versions: ['005010X186A1', '005010X186'],
  set: '824',
  functionalIdentifier: 'AG',
  root: loop('ST', 'Transaction Set', 'R1', [
    segment('ST', 'Transaction Set Header', 'R1'),
    segment('BGN', 'Beginning Segment', 'R1', 'R1'),
    loop('1000A', 'Submitter Name', 'R1', [segment('N1*41', 'Submitter Name', 'R1'), segment('PER', 'Submitter Contact Information', 'S1')]),
    loop('1000B', 'Receiver Name', 'R1', [segment('N1*40', 'Receiver Name', 'R1')]),
    loop('2000', 'Original Transaction Identification', 'R>', [
      segment('OTI', 'Original Transaction Identification', 'R1', 'R3'),
      segment('REF', 'Reference Information', 'S12', 'R2'),
      segment('DTM', 'Date or Time Reference', 'S2'),
      segment('PER', 'Contact Information', 'S3'),
      segment('AMT', 'Monetary Amount Information', 'S10'),
      segment('QTY', 'Quantity Information', 'S10'),
      segment('NM1', 'Individual or Organizational Name', 'S9'),
      loop('2100', 'Technical Error Description', 'S>', [segment('TED', 'Technical Error Description', 'R1'), segment('CTX', 'Context', 'S10'), segment('NTE', 'Special Instruction', 'S100'), segment('RED', 'Error or Informational Message', 'S100')]),
    ]),
    segment('SE', 'Transaction Set Trailer', 'R1'),
  ]),
});
