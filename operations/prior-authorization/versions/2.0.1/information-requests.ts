/**
 * What is wanted from the provider, by PAS 2.0.1: the line that it is for stands on the payload of a
 * CommunicationRequest and in an extension of its own on a Task, which names its parties always.
 */
import type { CommunicationRequest, Extension, Task, TaskInput } from '@medplum/fhirtypes';
import { pasExtension, systemOf } from '../../../../profiles/pas/names.ts';

/** `extension-paLineNumber`, which 2.2.1 gave up for `extension-serviceLineNumber`. */
const paLineNumber = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-paLineNumber';

export function communicationRequestOfOlder(request: CommunicationRequest): CommunicationRequest {
  const { extension = [], payload = [], note = [], ...rest } = request;
  const line = extension.filter(({ url }) => url === pasExtension.serviceLineNumber);
  // Content is free text in 2.0.1: where no code says what is wanted, words do.
  const said = payload.length > 0 ? payload : note.slice(0, 1).map(({ text }) => ({ contentString: text ?? '' }));
  return {
    ...rest,
    ...(extension.length > line.length && { extension: extension.filter((each) => !line.includes(each)) }),
    ...(said.length > 0 && { payload: said.map((each) => ({ ...each, extension: [...line, ...'extension' in each && each.extension ? each.extension : []] })) }),
    ...(note.length > 0 && { note }),
  };
}

export function taskOfOlder(task: Task): Task {
  return {
    ...task,
    requester: task.requester ?? unknownParty,
    owner: task.owner ?? unknownParty,
    ...(task.input && { input: task.input.map(inputOfOlder) }),
  };
}

const unknownParty = { display: 'Not said in the request' };

function inputOfOlder(input: TaskInput): TaskInput {
  const lines = (input.extension ?? []).flatMap((each): Extension[] => each.url === pasExtension.serviceLineNumber && each.valuePositiveInt !== undefined ? [{ url: paLineNumber, valueInteger: each.valuePositiveInt }] : []);
  const { extension: _newer, ...rest } = input;
  const older = { ...(lines.length > 0 && { extension: lines }), ...rest };
  if (codeOf(input) !== 'questionnaire-context') return older;
  const { valueString: context, ...unnamed } = older;
  return { ...unnamed, type: { coding: [{ system: systemOf.pasTemporary, code: 'questionnaires-needed' }] }, valueIdentifier: { system: contextSystem, value: context ?? '' } };
}

/** Of the context that a questionnaire is asked for with; 2.0.1 names it by an identifier. */
const contextSystem = 'https://priora.health/fhir/questionnaire-context';

function codeOf({ type }: TaskInput): string | undefined {
  return type.coding?.find(({ system }) => system === systemOf.pasTemporary)?.code;
}
