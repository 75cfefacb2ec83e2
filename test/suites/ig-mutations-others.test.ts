/** The guides that are neither PAS nor US Core, broken on purpose: `ig-mutations-suite.ts` tells how. */
import { mutationTests } from './ig-mutations-suite.ts';

mutationTests('others');
