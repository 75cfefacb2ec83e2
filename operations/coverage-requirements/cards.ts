/**
 * Cards of the plan's rule packs as CDS Hooks has them: what whoever writes an order is told and offered beside coverage
 * information. Pure but for ids.
 * Source: CDS Hooks 2.0, "Card Attributes"; http://hl7.org/fhir/us/davinci-crd/2.2.1/cards.html (resp-1 to resp-65).
 */
import type { CodeableConcept, Resource, Task } from '@medplum/fhirtypes';
import { randomUuid } from '../../fhir/ids.ts';
import { crdTemporary, hookExtension, taskQuestionnaireProfile, type Edition } from '../../profiles/crd/names.ts';
import type { CardOffer, CardRule, CardTopic } from '../../review/policies/pack.ts';
import type { Context } from '../../store/context.ts';
import { topicText } from './options.ts';
import { nameOf, type ClientResource } from './read-call.ts';

/** A rule's card, and the orders that it is about. */
export interface CardOf {
  readonly card: CardRule;
  readonly orders: readonly ClientResource[];
  /** Whether it is about all that the call asks about. */
  readonly isOfAll: boolean;
}

export interface CardFrame {
  /** Name of the insurer as members know it (resp-4). */
  readonly insurer: string;
  readonly patientId: string;
  readonly edition: Edition | undefined;
}

/** The system of the types of cards: the first edition had them among its own codes. */
const topics: Readonly<Record<Edition, string>> = { '2.0': crdTemporary, '2.2': 'http://terminology.hl7.org/CodeSystem/cdshooks-card-type' };
const sdc = 'http://hl7.org/fhir/uv/sdc/CodeSystem/temp';

export function cardOf({ card, orders, isOfAll }: CardOf, { insurer, patientId, edition }: CardFrame, context: Pick<Context, 'random' | 'now'>): object {
  const uuid = (): string => randomUuid(context.random(16));
  const suggestions = (card.offers ?? []).flatMap((offer) => orders.filter((order) => offer.offer !== 'alternate' || hasCode.has(order.resourceType)).map((order) => ({
    label: offer.label, uuid: uuid(),
    actions: [actionOf(offer, order, { insurer, patientId, edition, id: uuid(), today: context.now().toISOString().slice(0, 10) })],
  })));
  const detail = [card.detail, isOfAll ? undefined : `This is about: ${orders.map(wordsOf).join('; ')}.`].filter((paragraph) => paragraph !== undefined).join('\n\n');
  return {
    uuid: uuid(),
    summary: card.summary,
    ...(detail !== '' && { detail }),
    indicator: card.indicator ?? 'info',
    source: sourceOf(card.topic, { insurer, patientId, edition }),
    ...(suggestions.length > 0 && { suggestions, selectionBehavior: 'any' }),
    ...(card.links && { links: card.links }),
    extension: { [hookExtension.associatedResource]: orders.map((order) => ({ reference: nameOf(order) })) },
  };
}

/** What a person knows an order by (dev-24), as text in Markdown: its service in the client's own words, or its code. */
function wordsOf(order: ClientResource): string {
  const { code, codeCodeableConcept, medicationCodeableConcept, serviceType } = order as { readonly code?: CodeableConcept; readonly codeCodeableConcept?: CodeableConcept; readonly medicationCodeableConcept?: CodeableConcept; readonly serviceType?: readonly CodeableConcept[] };
  const concept = code ?? codeCodeableConcept ?? medicationCodeableConcept ?? serviceType?.[0];
  const words = concept?.text ?? concept?.coding?.find(({ display }) => display !== undefined)?.display ?? concept?.coding?.find(({ code: value }) => value !== undefined)?.code ?? order.resourceType;
  return words.slice(0, 100).replace(/[\s\p{Cc}]+/gu, ' ').replace(/[\\`*_{}[\]()#+.!<>|~-]/g, '\\$&');
}

/** Who says it, and of which type it is. */
export function sourceOf(topic: CardTopic, { insurer, edition }: CardFrame): object {
  return { label: insurer, topic: { system: topics[edition ?? '2.0'], code: topic, display: topicText[topic] } };
}

interface ActionFrame { readonly insurer: string; readonly patientId: string; readonly edition: Edition | undefined; readonly id: string; readonly today: string }

function actionOf(offer: CardOffer, order: ClientResource, { insurer, patientId, edition, id, today }: ActionFrame): object {
  switch (offer.offer) {
    case 'alternate':
      return { type: 'update', description: offer.label, resource: withCode(order, { coding: [offer.code] }) };
    case 'companion': {
      const code = { coding: [offer.code] };
      const { requester } = order as { requester?: object };
      const resource = { resourceType: offer.type, id, status: 'draft', intent: 'proposal', ...(offer.type === 'ServiceRequest' ? { code } : { codeCodeableConcept: code }), subject: { reference: `Patient/${patientId}` }, ...(requester && { requester }), basedOn: [{ reference: nameOf(order) }] };
      return { type: 'create', description: offer.label, resource };
    }
    case 'form':
      return {
        type: 'create', description: offer.label, resource: formTask(offer.questionnaire, order, { insurer, patientId, edition, id, today }),
        extension: { [hookExtension.ifNoneExist]: `based-on=${nameOf(order)}&code=${sdc}|complete-questionnaire` },
      };
  }
}

/** A task to fill in a form, where the plan's form does not come by DTR (resp-59). */
function formTask(questionnaire: string, order: ClientResource, { insurer, patientId, edition, id, today }: ActionFrame): Task {
  const code = (system: string, value: string): { coding: { system: string; code: string }[] } => ({ coding: [{ system, code: value }] });
  return {
    resourceType: 'Task', id, status: 'ready', intent: 'order', code: code(sdc, 'complete-questionnaire'), authoredOn: today,
    ...(edition === '2.2' ? {} : { meta: { profile: [taskQuestionnaireProfile] } }),
    // Its focus would be an order to fulfil; a form has none (sdc-t1).
    basedOn: [{ reference: nameOf(order) }], for: { reference: `Patient/${patientId}` }, requester: { type: 'Organization', display: insurer },
    input: [
      { type: code(sdc, 'questionnaire'), valueCanonical: questionnaire },
      { type: code(crdTemporary, 'after-completion-action'), valueCodeableConcept: code(crdTemporary, 'prior-auth-include') },
    ],
  };
}

/** Types of orders that say their service in one code. */
const hasCode: ReadonlySet<string> = new Set(['ServiceRequest', 'DeviceRequest', 'MedicationRequest']);

/** The order of another service: by the element that its type has for that. */
function withCode(order: ClientResource, code: object): Resource {
  switch (order.resourceType) {
    case 'DeviceRequest':
      return { ...order, codeReference: undefined, codeCodeableConcept: code } as unknown as Resource;
    case 'MedicationRequest':
      return { ...order, medicationReference: undefined, medicationCodeableConcept: code } as unknown as Resource;
    default:
      return { ...order, code } as Resource;
  }
}
