/** Everything that is fuzzed. */
import type { Subject } from '../subject.ts';
import { ccda } from './ccda.ts';
import { hl7v2 } from './hl7v2.ts';
import { x12 } from './x12.ts';

export const subjects: readonly Subject[] = [x12, hl7v2, ccda];
