/** Everything that is fuzzed. */
import type { Subject } from '../subject.ts';
import { x12 } from './x12.ts';

export const subjects: readonly Subject[] = [x12];
