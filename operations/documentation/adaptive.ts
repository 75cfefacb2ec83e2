/**
 * An adaptive questionnaire, step by step. The plan's Questionnaire has all its questions, in pages: its items of the first
 * level. The response contains a copy with the pages that were asked so far, and no more is known of the session than the
 * response tells. A page is asked when its `enableWhen` holds by the answers that are there; when there is none left, the
 * response is complete. Pure.
 * Source: SDC 3.0.0, "Adaptive Forms"; DTR 2.2.0, spec-23 to spec-45.
 */
import type { Questionnaire, QuestionnaireItem, QuestionnaireResponse } from '@medplum/fhirtypes';
import { isEnabled } from '../../profiles/questionnaire/enabled.ts';
import { itemsOf, type JsonObject } from '../../profiles/questionnaire/items.ts';
import { careIsComplete } from './audience.ts';
import { canonicalOf } from './definitional.ts';
import { dtrProfile } from './names.ts';

export interface Step {
  /** Pages that have been asked and still are, and those that are asked now. */
  readonly pages: readonly QuestionnaireItem[];
  /** Pages that may be asked yet, as the answers will be. */
  readonly possible: readonly QuestionnaireItem[];
  /** The response without answers to what is asked no more. */
  readonly response: QuestionnaireResponse;
  readonly isComplete: boolean;
}

/** Pages of the questionnaire that the copy has; undefined where it has one that is none of them. */
export function pagesAsked({ item = [] }: Questionnaire, copy: Questionnaire): readonly QuestionnaireItem[] | undefined {
  const names = (copy.item ?? []).map(({ linkId }) => linkId).filter((linkId) => linkId !== careIsComplete);
  const pages = item.filter(({ linkId }) => names.includes(linkId));
  return pages.length === names.length ? pages : undefined;
}

/** @param asked pages that have been asked; every one that is still enabled is answered as it must be */
export function nextStep(questionnaire: Questionnaire, asked: readonly QuestionnaireItem[], sent: QuestionnaireResponse): Step {
  let response = sent;
  const pages: QuestionnaireItem[] = [];
  // What is asked in this step has no answers yet: what depends on it waits.
  const open = new Set<string>();
  for (const page of questionnaire.item ?? []) {
    const waits = page.enableWhen?.some(({ question }) => open.has(question)) === true;
    if (!waits && isAsked(page, response)) {
      pages.push(page);
      if (!asked.includes(page)) for (const linkId of linkIdsOf(page)) open.add(linkId);
    } else if (response.item?.some(({ linkId }) => linkId === page.linkId) === true) {
      // An answer before it was changed: what was said here is asked no more, and decides nothing.
      response = { ...response, item: response.item.filter(({ linkId }) => linkId !== page.linkId) };
    }
  }
  return { pages, possible: possibleAfter(open, (questionnaire.item ?? []).filter((page) => !pages.includes(page))), response, isComplete: open.size === 0 };
}

/** Pages that depend on what is open, or on a question of such a page. */
function possibleAfter(open: ReadonlySet<string>, pages: readonly QuestionnaireItem[]): readonly QuestionnaireItem[] {
  const unsure = new Set(open);
  const found = new Set<QuestionnaireItem>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const page of pages) {
      if (found.has(page) || page.enableWhen?.some(({ question }) => unsure.has(question)) !== true) continue;
      found.add(page);
      for (const linkId of linkIdsOf(page)) unsure.add(linkId);
    }
  }
  return pages.filter((page) => found.has(page));
}

/** The copy for the response: what it is derived from, and the pages without their conditions (dtr-questionnaire-adapt). */
export function copyWith(questionnaire: Questionnaire, id: string, pages: readonly QuestionnaireItem[]): Questionnaire {
  const copy: Questionnaire = { ...questionnaire, id, meta: { profile: [dtrProfile.adaptive] }, derivedFrom: [canonicalOf(questionnaire)], item: pages.map(unconditional) };
  // Its own address is that of what it is derived from; it has none.
  delete copy.url;
  if (pages.length === 0) delete copy.item;
  return copy;
}

function unconditional(page: QuestionnaireItem): QuestionnaireItem {
  const rest = { ...page };
  delete rest.enableWhen;
  delete rest.enableBehavior;
  return rest;
}

function isAsked(page: QuestionnaireItem, response: QuestionnaireResponse): boolean {
  const [item] = itemsOf({ item: [page] });
  return isEnabled(item!, [response as unknown as JsonObject]);
}

function linkIdsOf({ linkId, item = [] }: QuestionnaireItem): readonly string[] {
  return [linkId, ...item.flatMap(linkIdsOf)];
}
