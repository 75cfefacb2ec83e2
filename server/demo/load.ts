/** Loads the demo payer at the first start. What is there already is left as it is. */
import { commit } from '../../store/write/commit.ts';
import type { House } from '../house.ts';
import { serverContext } from '../publish-definitions.ts';
import { demoLibraries } from './documentation/libraries.ts';
import { demoQuestionnaires, demoTerminology } from './documentation/questionnaires.ts';
import { demoCoverage, demoMembers, demoPatient, demoPayer } from './records.ts';

export async function loadDemo(house: House): Promise<void> {
  const resources = [demoPayer, ...demoMembers.flatMap((member) => [demoPatient(member), demoCoverage(member)]), ...demoTerminology, ...demoLibraries(), ...demoQuestionnaires];
  await commit(house.database, resources.map((resource) => ({ kind: 'ensure', resource })), serverContext(house, 'load-demo'));
}
