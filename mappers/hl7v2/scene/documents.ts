/** TXA: a document; its text follows in OBX. */
import { Part } from '../engine/part.ts';
import { entityKey } from './orders.ts';
import { applyMap, begin, type Handler, refer, referToo } from './scope.ts';

/** Codes of table 0271 as composition-status. */
const COMPLETION: Readonly<Record<string, string>> = { AU: 'final', LA: 'final', DI: 'preliminary', DO: 'preliminary', IN: 'preliminary', IP: 'preliminary', PA: 'preliminary' };

export const txa: Handler = (segment, scope, scene) => {
  const { run } = scene;
  const document = begin(scene, 'DocumentReference', segment, entityKey(segment, 12, run));
  scope.document = document;
  applyMap(scene, 'TXA[DocumentReference]', segment, document, scope);
  refer(document, 'subject', scope.patient);
  if (scope.encounter !== undefined) referToo(document.within('context'), 'encounter', scope.encounter);
  if (scope.order !== undefined) referToo(document.within('context'), 'related', scope.order);
  const [completion, availability, parent] = [new Part(segment, 17), new Part(segment, 19), new Part(segment, 13)];
  document.emit('docStatus', COMPLETION[completion.text ?? ''], completion.from, 'TXA[DocumentReference]#TXA-17');
  if (availability.text === 'OB' || availability.text === 'CA') document.set('status', availability.text === 'OB' ? 'superseded' : 'entered-in-error');
  if (availability.text !== undefined) run.draft.consult(availability.from);
  if (document.peek('status') === undefined) document.set('status', 'current');
  if (parent.textAt(1) !== undefined) {
    const relates = document.another('relatesTo');
    relates.set('code', scene.event === 'T09' || scene.event === 'T10' ? 'replaces' : 'appends');
    relates.within('target').within('identifier').emit('value', parent.textAt(1), parent.at(1).from, 'TXA[DocumentReference]#TXA-13');
  }
  scope.noted = document;
};
