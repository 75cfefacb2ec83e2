/** The parts that the resources of a chart are made of. */
import { organizations, systems } from './words.ts';

export interface Reference {
  readonly reference: string;
}
export interface Resource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

/** In milliseconds. */
export const day = 86_400_000;

export const concept = (system: string, code: string, words: string) => ({ coding: [{ system, code, display: words }], text: words });
export const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
export const secondOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}+00:00`;
export const organization = (index: number) => ({ identifier: { system: systems.organization, value: `O-${index}` }, display: organizations[index] });
export const money = (value: number) => ({ value: Number(value.toFixed(2)), currency: 'USD' });
