/** Which function reads a data type into what, by the names that the v2-to-FHIR mappings have for it. */
import type { Cursor } from '../../draft.ts';
import { tableSystem } from '../types/code-systems.ts';
import { codeText, fillCoding, fillConcept, fillConceptOfTable, stringOf } from '../types/coded.ts';
import { fillXad, fillXtn } from '../types/contacts.ts';
import { fillCodedIdentifier, fillCx, fillDln, fillEi, fillEip, fillNumber, fillPln } from '../types/identifiers.ts';
import { fillXpn } from '../types/names.ts';
import { codedOrganization, dated, dischargeLocation, entity, namedPerson, namespace, organization, type Party, person, place } from '../types/parties.ts';
import { fillCq, fillDays, fillMoney, fillNm, fillUnit } from '../types/quantities.ts';
import { fillDr, fillRpt, fillTqOfAppointment, fillTqOfOrder } from '../types/timing.ts';
import type { Part } from './part.ts';
import type { Run } from './run.ts';

/** Reads a value into an object that is there for it. */
export type Fill = (at: Cursor, part: Part, rule: string, run: Run, codes?: string) => void;

const fills: Readonly<Record<string, Fill>> = {
  'cwe[codeableconcept]': fillConcept, 'ce[codeableconcept]': fillConcept, 'cne[codeableconcept]': fillConcept, 'cf[codeableconcept]': fillConcept,
  'id[codeableconcept]': fillConceptOfTable, 'is[codeableconcept]': fillConceptOfTable, 'id[codeableconcept-universalid]': fillConceptOfTable,
  'cwe[coding]': fillCoding, 'id[coding]': fillCoding, 'msg[coding]': fillEvent, 'pt[meta]': fillProcessing,
  'cx[identifier]': fillCx, 'ei[identifier-extension]': fillEi, 'ei[identifier-organization]': fillEi, 'ei[identifier-system]': fillEi, 'ei[identifier]': fillEi,
  'eip[identifier-placerassignedidentifier]': fillEip(1), 'eip[identifier-fillerassignedidentifier]': fillEip(2),
  'dln[identifier]': fillDln, 'pln[identifier]': fillPln, 'cwe[identifier]': fillCodedIdentifier, 'st[identifier]': fillNumber,
  'xpn[humanname]': fillXpn, 'xad[address]': fillXad, 'xtn[contactpoint]': fillXtn,
  'cq[quantity]': fillCq, 'nm[quantity]': fillNm, 'cwe[quantity]': fillUnit, 'nm[quantity-lengthofstay]': fillDays, 'mo[money]': fillMoney, 'cp[money]': fillMoney,
  'dr[period]': fillDr, 'rpt[timing]': fillRpt, 'ri[timing]': fillRpt, 'tq[servicerequest]': fillTqOfOrder, 'tq[medicationrequest]': fillTqOfOrder, 'tq[appointment]': fillTqOfAppointment,
  'st[codeableconcept]': (at, part, rule) => void at.emit('text', stringOf(part), part.from, rule),
  'sps[specimen-source]': fillSpecimenSource, 'hd[messageheader.source-name]': fillSource, 'hd[messageheader.source-endpoint]': fillSourceEndpoint,
  'hd[messageheader.destination-name]': fillDestinationName, 'hd[messageheader.destination-endpoint]': fillDestinationEndpoint,
  'xcn[relatedperson]': (at, part, rule, run) => person.fill(at, part, rule, run),
};

const parties: Readonly<Record<string, Party>> = {
  'xcn[practitioner]': person, 'ndl[practitionerrole]': dated, 'xcn[relatedperson]': person, 'cnn[practitioner]': namedPerson,
  'xon[organization]': organization, 'xon[location]': organization, 'cwe[organization]': codedOrganization,
  'hd[organization]': namespace, 'hd[device]': namespace, 'hd[location]': namespace, 'hd[identifier]': namespace,
  'ei[device]': entity, 'ei[identifier-extension]': entity, 'pl[location]': place, 'dld[location-discharge]': dischargeLocation,
};

/** The function for a map; undefined where there is none. */
export function fillOf(map: string): Fill | undefined {
  return fills[map.toLowerCase()];
}

/** How a data type stands for a resource of its own. */
export function partyOf(map: string): Party | undefined {
  return parties[map.toLowerCase()];
}

/** MSH-9: the trigger event. */
function fillEvent(at: Cursor, part: Part, rule: string, run: Run): void {
  const event = part.textAt(2) === undefined ? 1 : 2;
  const code = codeText(part.at(event));
  at.set('system', tableSystem(event === 1 ? '0076' : '0003', code));
  at.emit('code', codeText(part.at(event)), part.at(event).from, rule);
  for (const n of [1, 3]) if (part.textAt(n) !== undefined) run.draft.consult(part.at(n).from);
}

/** MSH-11: training and test messages are told by a tag. */
function fillProcessing(at: Cursor, part: Part, rule: string): void {
  for (const [n, table] of [[1, '0103'], [2, '0207']] as const) {
    if (part.textAt(n) === undefined) continue;
    const tag = at.another('tag');
    tag.set('system', tableSystem(table, part.textAt(n)));
    tag.emit('code', part.textAt(n), part.at(n).from, rule);
  }
}

function fillSource(at: Cursor, part: Part, rule: string): void {
  at.emit('name', stringOf(part.at(1)), part.at(1).from, rule);
}

/** An address for messages must be a URL: an OID is one, a bare name is not. */
function fillSourceEndpoint(at: Cursor, part: Part, rule: string, run: Run): void {
  const [id, type] = [part.at(2), part.at(3)];
  if (id.text === undefined) return;
  const kind = type.text?.toUpperCase();
  const scheme = { ISO: 'urn:oid:', UUID: 'urn:uuid:', DNS: 'urn:dns:', URI: '' }[kind ?? ''];
  if (scheme !== undefined && !/\s/.test(id.text)) at.emit('endpoint', `${scheme}${id.text}`, id.from, rule);
  else at.emit('software', stringOf(id), id.from, rule);
  if (type.text !== undefined) run.draft.consult(type.from);
}

function fillDestinationName(at: Cursor, part: Part, rule: string): void {
  const named = part.textAt(1) === undefined ? part.at(2) : part.at(1);
  at.emit('name', stringOf(named), named.from, rule);
}

function fillDestinationEndpoint(at: Cursor, part: Part, rule: string, run: Run): void {
  if (at.peek('name') === undefined) at.emit('name', stringOf(part.at(1)), part.at(1).from, rule);
  const [id, type] = [part.at(2), part.at(3)];
  if (id.text === undefined || at.peek('endpoint') !== undefined) return;
  const scheme = { ISO: 'urn:oid:', UUID: 'urn:uuid:', DNS: 'urn:dns:', URI: '' }[type.text?.toUpperCase() ?? ''];
  if (scheme === undefined || /\s/.test(id.text)) return;
  at.emit('endpoint', `${scheme}${id.text}`, id.from, rule);
  run.draft.consult(type.from);
}

/** OBR-15: what the specimen is and where it was taken. */
function fillSpecimenSource(at: Cursor, part: Part, rule: string, run: Run): void {
  const concept = (element: string, n: number, table?: string): void => {
    const piece = part.at(n);
    if (!piece.valued) return;
    fillConcept(at.within(element), piece, rule, run, table);
  };
  concept('type', 1, 'SpecimenType');
  const additive = part.at(2);
  if (additive.valued) at.another('container').within('additiveCodeableConcept').emit('text', stringOf(additive.at(1)), additive.at(1).from, rule);
  const free = part.at(3);
  if (free.text !== undefined) at.another('note').emit('text', stringOf(free), free.from, rule);
  const site = part.at(4);
  if (site.valued) fillConcept(at.within('collection').within('bodySite'), site, rule, run);
}

