/** Service lines (2400) to Claim.item: SV1, SV2, SV3 with tooth, drug, dates, providers and forms. */
import type { Cursor } from '../reading/target.ts';
import { modifierCoding, procedureCoding } from '../codes.ts';
import { decimalOf, positiveOf } from '../decimal.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { EXTENSION, SYSTEM, x12System } from '../pas.ts';
import { mapForms } from './forms.ts';
import { type Frame, warn } from './frame.ts';
import { mapInformation, type Taken } from './information.ts';
import { loopsOf, type Piece, pieceOf, piecesOf, putWhen } from '../reading/piece.ts';
import { mapProviders } from './team.ts';

const ABSENT_CODE = { coding: [{ system: SYSTEM.dataAbsent, code: 'unknown' }] };
/** X12's external code source of the dental profession's tooth numbers. */
const TEETH = 'https://codesystem.x12.org/external/135';

/** Segments of 2400 that have a place of their own. */
const TAKEN: Taken = { DTP: ['472'], REF: ['6R'] };
const NONE_TAKEN: Taken = {};

const UNITS = x12System('355');
const QUADRANTS = x12System('1361');
const ENTITIES = x12System('98');
/** Elements of SV1 that say yes. */
const PROGRAMS = [{ element: 9, text: 'Emergency' }, { element: 11, text: 'EPSDT' }, { element: 12, text: 'Family planning' }];

/** Elements of a service segment, as each kind of claim orders them. */
interface Layout {
  procedure: number;
  charge: number;
  unit?: number;
  quantity?: number;
  place?: number;
  pointers?: number;
}

const LAYOUTS: Readonly<Record<string, Layout>> = {
  SV1: { procedure: 1, charge: 2, unit: 3, quantity: 4, place: 5, pointers: 7 },
  SV2: { procedure: 2, charge: 3, unit: 4, quantity: 5 },
  SV3: { procedure: 1, charge: 2, quantity: 6, place: 3, pointers: 11 },
};

/** Maps the lines of the claim. */
export function mapLines(frame: Frame): void {
  for (const [index, line] of loopsOf(frame.loops.claim, '2400').entries()) mapLine(frame, line, index + 1);
}

function mapLine(frame: Frame, line: LoopOccurrence, sequence: number): void {
  const { draft } = frame;
  const item = frame.claim.another('item').set('sequence', sequence);
  const lx = pieceOf(draft, line, 'LX');
  lx?.put(item, 'sequence', 1, undefined, (value) => (positiveOf(value) === sequence ? sequence : undefined));
  const service = pieceOf(draft, line, 'SV1') ?? pieceOf(draft, line, 'SV2') ?? pieceOf(draft, line, 'SV3');
  const { team, facility, places } = mapProviders(frame, line, '2420');
  if (team.length > 0) item.set('careTeamSequence', team);
  if (service !== undefined) mapService(frame, item, service, LAYOUTS[service.segment.id]!);
  for (const tooth of piecesOf(draft, line, 'TOO')) mapTooth(item, tooth);
  const served = pieceOf(draft, line, 'DTP', '472');
  if (served !== undefined && putWhen(served, item, 'serviced', 2, 3)) served.consult(1);
  const trace = pieceOf(draft, line, 'REF', '6R');
  if (trace !== undefined) {
    trace.consult(1);
    const extension = item.another('extension').set('url', EXTENSION.itemTraceNumber);
    trace.put(extension.within('valueIdentifier').set('system', frame.urns.of('line-item-control-number', frame.provider.url)), 'value', 2);
  }
  if (facility !== undefined) {
    if (item.peek('locationCodeableConcept') === undefined) item.set('locationReference', { reference: facility });
    else places.push(frame.information.add({ system: ENTITIES, code: '77' }, (info) => info.set('valueReference', { reference: facility }).exists)!);
  }
  if (item.peek('productOrService') === undefined) item.set('productOrService', item.peek('revenue') === undefined ? ABSENT_CODE : (item.peek('revenue') as { coding: never[] }));
  mapDrug(frame, line, item);
  const information = [...places, ...mapInformation(frame, line, TAKEN), ...mapForms(frame, line)];
  if (information.length > 0) item.set('informationSequence', information);
}

function mapService(frame: Frame, item: Cursor, service: Piece, layout: Layout): void {
  mapProcedure(frame, item, service, layout.procedure);
  service.putMoney(item, 'net', layout.charge, frame.currency);
  const quantity = item.within('quantity');
  if (layout.quantity !== undefined && service.put(quantity, 'value', layout.quantity, undefined, decimalOf) && layout.unit !== undefined && service.put(quantity, 'code', layout.unit)) quantity.set('system', UNITS);
  mapPlaceOfService(frame, item, service, layout.place);
  if (layout.pointers !== undefined) {
    const known = (frame.claim.peek('diagnosis') as unknown[] | undefined)?.length ?? 0;
    for (let component = 1; component <= 4; component += 1) {
      const isTold = service.putItem(item, 'diagnosisSequence', layout.pointers, component, (value) => ((positiveOf(value) ?? Infinity) <= known ? Number(value) : undefined));
      if (!isTold && service.text(layout.pointers, component) !== '') service.leave(layout.pointers, component, 'The claim has no diagnosis of this number.');
    }
  }
  if (service.segment.id === 'SV2') service.codeAt(item, 'revenue', SYSTEM.revenue, 1);
  if (service.segment.id === 'SV3') for (const component of [1, 2, 3, 4, 5]) service.codeAt(item, 'bodySite', QUADRANTS, 4, component);
  if (service.segment.id !== 'SV1') return;
  for (const { element, text } of PROGRAMS) {
    if (service.text(element) === 'Y') service.put(item.another('programCode'), 'text', element, undefined, () => text);
    else service.consult(element);
  }
}

function mapProcedure(frame: Frame, item: Cursor, service: Piece, element: number): void {
  const code = service.text(element, 2);
  if (code === '') return;
  const told = procedureCoding(service.qualifier(element, 1), code);
  service.codeAt(item, 'productOrService', told.coding.system, element, 2);
  if (told.inferred) warn(frame, 'information', 'procedure-system', 'The code system of a procedure could not be told by its shape.', service, element);
  service.put(item.within('productOrService'), 'text', element, 7);
  for (let component = 3; component <= 6; component += 1) {
    const modifier = service.text(element, component);
    if (modifier !== '') service.codeItem(item, 'modifier', modifierCoding(modifier).system, element, component);
  }
  const end = service.text(element, 8);
  if (end !== '') service.code(item.another('extension').set('url', EXTENSION.productOrServiceCodeEnd).within('valueCodeableConcept'), procedureCoding(service.text(element, 1), end).coding.system, element, 8);
}

/** The line's own place, else the claim's; an institutional claim tells a type of bill and no place. */
function mapPlaceOfService(frame: Frame, item: Cursor, service: Piece, element: number | undefined): void {
  if (frame.kind === 'institutional') return;
  if (element !== undefined && service.codeAt(item, 'locationCodeableConcept', SYSTEM.placeOfService, element)) {
    pieceOf(frame.draft, frame.loops.claim, 'CLM')?.consult(5, 1);
    return;
  }
  pieceOf(frame.draft, frame.loops.claim, 'CLM')?.codeAt(item, 'locationCodeableConcept', SYSTEM.placeOfService, 5, 1);
}

/** TOO: tooth and surfaces. */
function mapTooth(item: Cursor, tooth: Piece): void {
  tooth.consult(1);
  tooth.code(item.within('bodySite'), TEETH, 2);
  for (const component of [1, 2, 3, 4, 5]) if (tooth.text(3, component) !== '') tooth.code(item.another('subSite'), x12System('1369'), 3, component);
}

/** 2410: the drug by its NDC, and how much of it. */
function mapDrug(frame: Frame, line: LoopOccurrence, item: Cursor): void {
  for (const drug of loopsOf(line, '2410')) {
    const lin = pieceOf(frame.draft, drug, 'LIN');
    const detail = item.another('detail');
    if (lin === undefined || !lin.codeAt(detail, 'productOrService', SYSTEM.ndc, 3)) continue;
    lin.consult(2);
    detail.set('sequence', (item.peek('detail') as unknown[]).length);
    const ctp = pieceOf(frame.draft, drug, 'CTP');
    const quantity = detail.within('quantity');
    if (ctp?.put(quantity, 'value', 4, undefined, decimalOf) === true && ctp.put(quantity, 'code', 5, 1)) quantity.set('system', UNITS);
    mapInformation(frame, drug, NONE_TAKEN);
  }
}
