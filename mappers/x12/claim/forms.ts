/**
 * 2440: the questions and answers of a form that goes along with a line, such as a certificate of medical necessity for
 * equipment, as a QuestionnaireResponse. The form is named by its code list and number; its text is not sent.
 */
import { decimalOf } from '../decimal.ts';
import { toFhirDate } from '../grammar/dates.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { x12System } from '../pas.ts';
import type { Frame } from './frame.ts';
import { loopsOf, pieceOf, piecesOf } from '../reading/piece.ts';

/** Maps the forms of a line; gives the sequences of the supportingInfo that name them. */
export function mapForms(frame: Frame, line: LoopOccurrence): number[] {
  return loopsOf(line, '2440').flatMap((form) => {
    const lq = pieceOf(frame.draft, form, 'LQ');
    const frm = piecesOf(frame.draft, form, 'FRM');
    if (lq === undefined || frm.length === 0) return [];
    const url = frame.urns.ofPlace('form', lq.segment);
    const response = frame.draft.resource('QuestionnaireResponse', url);
    response.set('status', 'completed').set('subject', { reference: frame.patient });
    const list = lq.qualifier(1);
    lq.put(response, 'questionnaire', 2, undefined, (code) => `${x12System('1270')}/${encodeURIComponent(list)}/${encodeURIComponent(code)}`);
    const byLink = new Map<string, ReturnType<typeof response.another>>();
    for (const answer of frm) {
      const link = answer.text(1);
      // A question answered twice is one question with two answers.
      const item = byLink.get(link) ?? response.another('item');
      byLink.set(link, item);
      answer.put(item, 'linkId', 1);
      const yes = answer.text(2);
      if (yes === 'Y' || yes === 'N') answer.put(item.another('answer'), 'valueBoolean', 2, undefined, () => yes === 'Y');
      else if (yes !== '') answer.put(item.another('answer').within('valueCoding').set('system', x12System('1073')), 'code', 2);
      answer.put(item.another('answer'), 'valueString', 3);
      answer.put(item.another('answer'), 'valueDate', 4, undefined, toFhirDate);
      answer.put(item.another('answer'), 'valueDecimal', 5, undefined, decimalOf);
    }
    return [frame.information.add({ system: x12System('1270'), code: list }, (info) => info.set('valueReference', { reference: url }).exists)!];
  });
}
