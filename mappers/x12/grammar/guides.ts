/** The guides that the engine walks, by the version that ST03 or GS08 names. */
import type { CompiledGuide } from './compile.ts';
import { DENTAL } from './dental-837.ts';
import { INSTITUTIONAL } from './institutional-837.ts';
import { PROFESSIONAL } from './professional-837.ts';

const ALL: readonly CompiledGuide[] = [PROFESSIONAL, INSTITUTIONAL, DENTAL];

/** By guide version. */
export const GUIDES: ReadonlyMap<string, CompiledGuide> = new Map(ALL.flatMap((guide) => guide.versions.map((version) => [version, guide] as const)));
