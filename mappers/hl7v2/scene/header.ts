/** MSH, SFT, MSA and EVN: who sent what to whom, and which event it tells of. */
import { dateTimeOf } from '../types/date-time.ts';
import { Part } from '../engine/part.ts';
import { tableSystem } from '../types/code-systems.ts';
import { codeText } from '../types/coded.ts';
import { type Handler, applyMap, begin } from './scope.ts';

export const msh: Handler = (segment, scope, scene) => {
  // A request Bundle of PAS has no header of a message.
  if (scene.code === 'RQA') return;
  const header = begin(scene, 'MessageHeader', segment, scene.run.messageKey);
  applyMap(scene, 'MSH[MessageHeader]', segment, header, scope);
  scene.root.noted = undefined;
};

export const sft: Handler = (segment, scope, scene) => {
  if (scene.code === 'RQA') return;
  const header = scene.run.draft.resource('MessageHeader', scene.run.url('MessageHeader', scene.run.messageKey));
  if ((header.within('source').peek('version') ?? header.within('source').peek('software')) === undefined) applyMap(scene, 'SFT[MessageHeader]', segment, header, scope);
};

const RESPONSES: Readonly<Record<string, string>> = { AA: 'ok', CA: 'ok', AE: 'transient-error', CE: 'transient-error', AR: 'fatal-error', CR: 'fatal-error' };

export const msa: Handler = (segment, _scope, scene) => {
  if (scene.code === 'RQA') return;
  const header = scene.run.draft.resource('MessageHeader', scene.run.url('MessageHeader', scene.run.messageKey));
  const [code, control] = [new Part(segment, 1), new Part(segment, 2)];
  const response = header.within('response');
  if (control.text !== undefined && /^[A-Za-z0-9.-]{1,64}$/.test(control.text)) response.emit('identifier', control.text, control.from, 'MSA[MessageHeader]#2');
  if (response.exists || code.text !== undefined) response.emit('code', RESPONSES[code.text ?? ''], code.from, 'MSA[MessageHeader]#1');
};

/**
 * EVN, as a Provenance of the message. It needs an agent: the operator, otherwise whoever sent the message; and the time
 * it was recorded, without which there is none.
 */
export const evn: Handler = (segment, scope, scene) => {
  if (scene.code === 'RQA') return;
  const { run } = scene;
  const header = run.draft.resource('MessageHeader', run.url('MessageHeader', run.messageKey));
  applyMap(scene, 'EVN[MessageHeader]', segment, header, scope);
  const recorded = new Part(segment, 2);
  const provenance = begin(scene, 'Provenance', segment, run.messageKey, 'EVN');
  applyMap(scene, 'EVN[Provenance]', segment, provenance, scope);
  const { url } = provenance.root();
  const code = new Part(segment, 1);
  if (code.text !== undefined) {
    const coding = provenance.within('activity').another('coding');
    coding.set('system', tableSystem('0003', code.text));
    coding.emit('code', codeText(code), code.from, 'EVN[Provenance]#EVN-1');
  }
  if (provenance.peek('agent') === undefined) {
    const sender = header.peek('sender') as { reference?: string } | undefined;
    if (sender?.reference !== undefined) provenance.another('agent').within('who').set('reference', sender.reference);
  }
  if (provenance.peek('agent') === undefined || (provenance.peek('recorded') === undefined && dateTimeOf(recorded, run) === undefined)) {
    run.draft.drop(url);
    return;
  }
  if (provenance.peek('recorded') === undefined) run.draft.leave(recorded.from, 'an instant needs a time of day and an offset');
  provenance.another('target').set('reference', header.root().url);
};
