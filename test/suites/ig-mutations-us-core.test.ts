/** US Core, broken on purpose: `ig-mutations-suite.ts` tells how. */
import { mutationTests } from './ig-mutations-suite.ts';

mutationTests('us-core');
