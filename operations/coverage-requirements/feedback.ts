/**
 * What became of cards, as a client tells it.
 * Source: CDS Hooks 2.0, "Feedback" (https://cds-hooks.hl7.org/2.0/#feedback).
 */
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import { asObject, asText, type Loose } from '../../review/facts/loose.ts';
import type { CoverageFeedbackRow } from '../../store/write/changes.ts';
import { services } from './services.ts';

export type ToldFeedback = Pick<CoverageFeedbackRow, 'card' | 'outcome' | 'outcomeAt' | 'detail'>;

const mostTold = 100;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/**
 * @param id of the service
 * @throws {Problem} `cds-service-unknown`, `cds-request-invalid`
 */
export function readFeedback(id: string, body: unknown): ToldFeedback[] {
  if (!services.some((service) => service.id === id)) throw new Problem('cds-service-unknown');
  const list: unknown = asObject(body)?.['feedback'];
  if (!Array.isArray(list) || list.length === 0 || list.length > mostTold) throw new Problem('cds-request-invalid', { element: 'feedback', reason: `a list of 1 to ${mostTold} entries is expected` }, 'feedback');
  const notes: ProblemIssue[] = [];
  const told = list.flatMap((entry: unknown, index): ToldFeedback[] => {
    const path = `feedback[${index}]`;
    const note = (name: string, reason: string): [] => {
      notes.push({ code: 'cds-request-invalid', details: { element: `${path}.${name}`, reason }, expression: `${path}.${name}` });
      return [];
    };
    const one = asObject(entry) ?? {};
    const card = asText(one['card']);
    if (card === undefined || !uuid.test(card)) return note('card', 'the uuid of a card is expected');
    const outcome = one['outcome'];
    if (outcome !== 'accepted' && outcome !== 'overridden') return note('outcome', 'accepted or overridden is expected');
    const at = asText(one['outcomeTimestamp']);
    const outcomeAt = new Date(at !== undefined && instant.test(at) ? at : Number.NaN);
    if (Number.isNaN(outcomeAt.getTime())) return note('outcomeTimestamp', 'an instant is expected, such as 2026-03-02T09:00:00Z');
    const accepted: unknown = one['acceptedSuggestions'];
    if (outcome === 'accepted' && accepted !== undefined && !(Array.isArray(accepted) && accepted.every((each) => uuid.test(String(asObject(each)?.['id']))))) return note('acceptedSuggestions', 'entries with the uuid of a suggestion as their id are expected');
    return [{ card, outcome, outcomeAt, detail: JSON.stringify(detailOf(outcome, one)) }];
  });
  const [first, ...more] = notes;
  if (first) throw Problem.of([first, ...more]);
  return told;
}

/** Which suggestions, or why not: as codes. What somebody wrote may be about a patient, and is not kept. */
function detailOf(outcome: 'accepted' | 'overridden', told: Loose): object {
  if (outcome === 'accepted') return { acceptedSuggestions: (Array.isArray(told['acceptedSuggestions']) ? told['acceptedSuggestions'] : []).map((each: unknown) => asObject(each)?.['id']) };
  const reason = asObject(asObject(told['overrideReason'])?.['reason']);
  const short = (value: unknown): string | undefined => typeof value === 'string' && value.length <= 200 ? value : undefined;
  return reason ? { reason: { system: short(reason['system']), code: short(reason['code']) } } : {};
}
